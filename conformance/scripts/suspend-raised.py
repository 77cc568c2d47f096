try:
    approve(1)
except TimeoutError as error:
    caught = str(error)
caught
