def f(x):
    total = 0.0
    while {(y := x * 0.5): 1} and y > total:  # E: AD106
        total = total + y + 1.0
    return total
