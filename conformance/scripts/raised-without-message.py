try:
    fail()
except ValueError as error:
    caught = [str(error), error.args]
caught
