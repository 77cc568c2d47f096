import time
import datetime as dates
from datetime import date, datetime, timedelta, timezone


def fields(moment):
    return [moment.tm_year, moment.tm_mon, moment.tm_mday, moment.tm_hour, moment.tm_min, moment.tm_sec, moment.tm_wday, moment.tm_yday, moment.tm_isdst]


show("time", lambda: time.time())
show("time_ns", lambda: time.time_ns())
show("time_ns and time", lambda: abs(time.time_ns() / 1e9 - time.time()) < 1e-6)
show("gmtime", lambda: fields(time.gmtime()))
show("localtime", lambda: fields(time.localtime()))
show("localtime, zone", lambda: [time.localtime().tm_zone, time.localtime().tm_gmtoff])
show("gmtime, zone", lambda: [time.gmtime().tm_zone, time.gmtime().tm_gmtoff])
show("ctime", lambda: time.ctime())
show("asctime", lambda: time.asctime())
show("strftime", lambda: time.strftime("%Y-%m-%d %H:%M:%S"))
show("strftime, day", lambda: time.strftime("%A %a %B %b %d %j %U %w %W %y"))
show("strftime, time", lambda: time.strftime("%I %p %M %S %c %x %X %%"))
show("strftime of gmtime", lambda: time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()))
show("strftime, zone", lambda: time.strftime("%z %Z"))
show("mktime of localtime", lambda: time.mktime(time.localtime()))
show("timezone", lambda: time.timezone)
show("altzone", lambda: time.altzone)
show("daylight", lambda: time.daylight)
show("tzname", lambda: time.tzname)
for seconds in [0, 1, -1, 1700000000, 1720000000, 951782400, 4102444800, 1711846799, 1711846800, 1729990799, 1729990800, 1.999, -0.5]:
    show(str(seconds) + ": gmtime", lambda: fields(time.gmtime(seconds)))
    show(str(seconds) + ": localtime", lambda: fields(time.localtime(seconds)))
    show(str(seconds) + ": ctime", lambda: time.ctime(seconds))
    show(str(seconds) + ": there and back", lambda: time.mktime(time.localtime(seconds)) == int(seconds // 1) or time.mktime(time.localtime(seconds)))
show("gmtime of what no year holds", lambda: time.gmtime(1e20))
show("gmtime of nan", lambda: time.gmtime(float("nan")))
show("date.today", lambda: date.today())
show("datetime.now", lambda: datetime.now())
show("datetime.today", lambda: datetime.today())
show("datetime.now in UTC", lambda: datetime.now(timezone.utc))
show("datetime.now in another zone", lambda: datetime.now(timezone(timedelta(hours=5, minutes=45))))
show("datetime.now, isoformat", lambda: datetime.now().isoformat())
show("datetime.now is naive", lambda: datetime.now().tzinfo)
show("datetime.now and date.today", lambda: datetime.now().date() == date.today())
show("datetime.now, timestamp", lambda: datetime.now().timestamp())
show("datetime.now in UTC, timestamp", lambda: datetime.now(timezone.utc).timestamp())
show("datetime.now, astimezone", lambda: datetime.now(timezone.utc).astimezone(timezone(timedelta(hours=-3))))
show("datetime.now, weekday", lambda: datetime.now().strftime("%A"))
show("module", lambda: dates.date.today().isoformat())
