# ruff: noqa
"""Dicts, tuples and lists as locals: built, read, written to, put together and taken apart."""

import numpy as np


# at: x=1.3
def dict_of_numbers(x):
    d = {"a": x, "b": x * 2.0}
    return d["a"] * d["b"] ** 2


# at: x=[0.3, 1.2, -0.7], y=0.5
def dict_filled_key_by_key(x, y):
    d = {}
    d["s"] = np.sin(x)
    d["c"] = np.cos(x) * y
    d["s"] = d["s"] * d["c"]
    d["n"] = 3
    return np.sum(d["s"] * d["n"]) + np.sum(d["c"] ** 2)


# at: x=1.2, y=0.7
def dicts_merged(x, y):
    d = dict(a=x, b=y)
    e = {**d, "c": x * y}
    g = d | {"a": y * y}
    return e["a"] * e["c"] + e.get("b") * g["a"] + g.get("zz", x)


# at: x=[0.3, 1.2, -0.7], n=3
def dict_as_state(x, n: int):
    d = {"w": x, "v": np.zeros_like(x)}
    for i in range(n):
        d["v"] = 0.9 * d["v"] - 0.1 * d["w"] ** 2
        d["w"] = d["w"] + d["v"]
    return np.sum(d["w"] ** 2)


# at: x=[0.3, 1.2, -0.7]
def array_in_dict_written(x):
    d = {"w": x.copy(), "m": 1.5}
    d["w"][0] = x[1] * d["m"]
    d["w"] *= 2.0
    d["m"] += x[0]
    return np.sum(d["w"] ** 2) * d["m"]


# at: x=1.3
def tuples_joined(x):
    t = (x, x * x)
    u = (*t, 3.0)
    v = t + u
    s = 0.0
    for a in v:
        s += a
    return s * u[1]


# at: x=0.8, y=1.3
def dict_in_branches(x, y):
    d = {"a": x, "b": y}
    if x < y:
        d["a"] = d["a"] * d["b"]
    else:
        d["b"] = d["a"]
    d["a"], d["b"] = d["b"], d["a"]
    return d["a"] ** 2 - d["b"]


# at: x=[0.3, 1.2, -0.7]
def dict_of_dicts(x):
    net = {"first": {"W": np.outer(x, x), "b": x}, "last": {"W": x * 2.0, "b": 0.5}}
    h = np.tanh(net["first"]["W"] @ x + net["first"]["b"])
    net["last"]["b"] = net["last"]["b"] * h[0]
    net["first"]["b"][1] = 0.25
    return net["last"]["W"] @ h + net["last"]["b"] + np.sum(net["first"]["b"])


# at: x=[0.3, 1.2, -0.7]
def array_in_dict_under_two_names(x):
    w = x * 2.0
    d = {"w": w}
    d["w"][0] = x[1] ** 2
    return np.sum(d["w"] ** 3)


# at: x=0.7, key="b"
def key_known_at_run_time(x, key):
    d = {"a": x, "b": x * x, "c": 3.0}
    d[key] = d[key] * x
    return d[key] * d["a"]


# at: x=[0.3, 1.2, -0.7]
def dict_copied(x):
    d = {"a": x, "n": 2}
    e = d.copy()
    f = dict(d)
    e["a"] = e["a"] * x[0]
    f["n"] = 3
    return np.sum(d["a"] ** d["n"]) + np.sum(e["a"] ** f["n"])


# at: x=0.6
def key_taken_out(x):
    d = {"a": x, "b": x * x}
    b = d.pop("b")
    d["c"] = b * d["a"]
    return d["c"] * b


def scaled(d, factor):
    return {"a": d["a"] * factor, "b": d["b"]}


def fill(d, x):
    d["a"] = d["a"] * x
    d["b"] = x


# at: x=[0.3, 1.2, -0.7], y=0.4
def dict_through_calls(x, y):
    d = scaled({"a": x, "b": y}, y)
    e = scaled(d, 2.0)
    return np.sum(e["a"] * e["b"]) + d["b"]
