def f(x):
    return x * undefined_name  # E: AD221
