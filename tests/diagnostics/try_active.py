def f(x):
    y = 1.0
    steps = []
    try:  # E: AD203
        steps.append("divide")
        y = y / x
    except ZeroDivisionError:
        y = 0.0 * x
    return y * x
