alias(3)
