def f(x):
    y = 1.0
    try:  # E: AD203
        y = y / x
    except ZeroDivisionError:
        y = 0.0 * x
    return y * x
