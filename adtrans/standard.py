# mypy: allow-untyped-defs, disable-error-code="var-annotated"
"""Functions of `functools` and `itertools` in the language itself: a program that calls one has it as one of
its own. What is lazy there gives a list here, which is the same to a loop that changes nothing of its source.

They are read, like the program, and not run; what the emitted module has of them is without annotations.
"""


def reduce(function, items, value):
    for item in items:
        value = function(value, item)
    return value


def reduce_all(function, items):
    values = list(items)
    value = values[0]
    for k in range(1, len(values)):
        value = function(value, values[k])
    return value


def accumulate(items):
    sums = []
    for item in items:
        sums.append(item if len(sums) == 0 else sums[-1] + item)
    return sums


def accumulate_by(items, function):
    values = []
    for item in items:
        values.append(item if len(values) == 0 else function(values[-1], item))
    return values


def pairwise(items):
    values = list(items)
    return [(values[k], values[k + 1]) for k in range(len(values) - 1)]


def pairs(items):
    values = list(items)
    return [(values[i], values[j]) for i in range(len(values)) for j in range(i + 1, len(values))]


def product(first, second):
    return [(a, b) for a in first for b in second]


def product_of_three(first, second, third):
    return [(a, b, c) for a in first for b in second for c in third]


def chain(first, second):
    return [*first, *second]
