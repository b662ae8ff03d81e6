def f(x):
    total = x * x
    total += (total := 2.0 * x)  # E: AD106
    return total
