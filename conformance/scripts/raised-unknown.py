try:
    charge(10)
except RuntimeError as error:
    caught = str(error)
caught
