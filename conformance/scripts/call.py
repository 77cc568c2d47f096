temperature = get_weather("Delft", 2, unit="C")
temperature + 0.5
