def deeper():
    return deeper()


try:
    deeper()
except RecursionError as error:
    caught = str(error)
caught
