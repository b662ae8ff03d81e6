def twice(function):
    return lambda a: function(function(a))


@twice
def g(a):
    return a * a


def f(x):
    return g(x) * x  # E: AD224
