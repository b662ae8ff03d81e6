def g(a, b):
    return a * b


def f(x):
    return g(x) + g(x, x, x)  # E: AD502
