# expect: script OverflowError
import datetime
datetime.timedelta(days=999_999_999) * 10**9
