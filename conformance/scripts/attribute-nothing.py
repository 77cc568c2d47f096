try:
    point.z
except AttributeError as error:
    caught = str(error)
[caught, hasattr(point, "z"), getattr(point, "z", "none")]
