# expect: script ValueError
import datetime
datetime.datetime.strptime('1' * 1_000_000, '%Y' * 1000)
