# expect: value
import datetime
[datetime.date(2000, 1, 1)] * 300_000
