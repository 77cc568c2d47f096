# expect: value
{float('nan'): 1, float('nan'): 2}
