def f(x, *values):  # E: AD501
    total = x
    for value in values:
        total = total * value
    return total
