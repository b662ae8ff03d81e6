def g(*values):  # E: AD501
    return values[0] * values[1]


def f(x):
    return g(x, x)
