def f(x, key):
    parameters = {key: 2.0 * x}  # E: AD202
    return parameters[key] * x  # E: AD202
