# expect: value
import datetime
len(datetime.date(2024, 1, 1).strftime('%A' * 100_000)) > 0
