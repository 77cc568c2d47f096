try:
    missing()
except NameError as error:
    caught = str(error)
caught
