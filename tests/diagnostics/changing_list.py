def f(x):
    ys = [x, x * x]
    total = 0.0
    for y in ys:  # E: AD212
        total = total + y
        if total < 1.0:
            ys.append(y * x)
    return total
