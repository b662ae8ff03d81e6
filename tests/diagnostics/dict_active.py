def f(x):
    parameters = {"k": 2.0 * x}  # E: AD202
    return parameters["k"] * x
