# What a script catches by name does not reject it, and is advice only about tools.
try:
    import numpy
except ImportError:
    numpy = None

try:
    unknown_name
except NameError:
    pass

try:
    get_weather(5)  # warning: invalid-argument-type
except TypeError:
    print("as expected")

try:
    print(get_weather("Oslo")["temperature"])  # warning: invalid-key
except KeyError:
    pass

try:
    get_weather(5)  # error: invalid-argument-type
except Exception as error:
    print(error)
