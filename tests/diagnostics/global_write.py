COUNT = 0.0


def f(x):
    global COUNT
    COUNT = COUNT + x  # E: AD105, AD222
    return COUNT * x
