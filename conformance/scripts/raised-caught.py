seen = []
for name in ["a", "b", "c"]:
    try:
        fail(name)
    except KeyError as error:
        seen.append(("KeyError", str(error)))
    except OSError as error:
        seen.append(("OSError", str(error)))
    except ValueError as error:
        seen.append((type(error).__name__, error.args))
seen
