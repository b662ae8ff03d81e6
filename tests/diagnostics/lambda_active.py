def f(x):
    squares = []
    squares.append(lambda t: t * t * x)  # E: AD202
    return squares[0](x)  # E: AD202
