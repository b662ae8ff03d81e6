def f(x):
    if x > 0.0:
        return x * x  # E: AD210
