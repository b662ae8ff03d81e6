
def f(x):
    with open("log"):
        if x > 0.0:
            return x * x  # E: AD104
    return x
