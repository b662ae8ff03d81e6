def f(x):
    square = lambda t: t * t * x  # noqa: E731  # E: AD202
    return square(x)  # E: AD202
