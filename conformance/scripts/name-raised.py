try:
    limit
except PermissionError as error:
    caught = str(error)
caught
