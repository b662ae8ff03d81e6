SCALE = 1.0
SCALE = 2.0


def f(x):
    return SCALE * x  # E: AD222
