# expect: value
import os
os.environ['PATH'] = '/tmp'
os.getenv('PATH')
