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


# at: x=[0.3, 1.2, -0.7], y=0.4
def dict_filled_by_a_call(x, y):
    d = {"a": x * y, "b": y}
    fill(d, x)
    fill(d, x * y)
    return np.sum(d["a"] * d["b"])


def grow(d, x):
    d["c"] = d["a"] * x
    d["a"] = x


# at: x=[0.3, 1.2, -0.7]
def key_made_by_a_call(x):
    d = {"a": x * x}
    s = np.sum(d["a"] ** 2)
    grow(d, x + 1.0)
    return np.sum(d["a"] * d["c"]) + s


def push(ys, x):
    ys.append(x * ys[-1])


# at: x=0.7, n=3
def list_grown_by_a_call(x, n: int):
    ys = [x]
    for i in range(n):
        push(ys, x + i)
    return ys[-1] * ys[1]


def shift(rows, x):
    rows[0] = rows[1] * x
    rows[1][0] = x[1]


# at: x=[0.3, 1.2, -0.7]
def list_of_arrays_written_by_a_call(x):
    rows = [x * 2.0, x * x]
    shift(rows, x)
    return np.sum(rows[0] * rows[1])


# at: p={"W": [[0.3, -0.2], [0.5, 1.1], [-0.4, 0.2]], "b": [0.1, -0.3]}, x=[0.3, 1.2, -0.7]
def layer(p, x):
    return np.sum(np.tanh(x @ p["W"] + p["b"]) ** 2)


# at: layers=[{"W": [[0.3, -0.2], [0.5, 1.1]], "b": [0.1, -0.3]}, {"W": [[0.2], [0.7]], "b": [0.4]}], x=[0.3, 1.2]
def network(layers, x):
    for p in layers:
        x = np.tanh(x @ p["W"] + p["b"])
    return np.sum(x)


# at: layers=[([[0.3, -0.2], [0.5, 1.1]], [0.1, -0.3]), ([[0.2], [0.7]], [0.4])], x=[0.3, 1.2]
def network_of_pairs(layers, x):
    for W, b in layers:
        x = np.tanh(x @ W + b)
    return np.sum(x)


# at: p={"W": [[0.3, -0.2], [0.5, 1.1]], "b": [0.1, -0.3], "rate": 2, "kind": "ridge", "bias": True, "seed": None}, x=[0.3, 1.2]
def dict_with_other_things(p, x):
    y = x @ p["W"] * p["rate"]
    if p["bias"]:
        y = y + p["b"]
    if p["kind"] == "ridge":
        return np.sum(y**2) + p["rate"] * np.sum(p["W"] ** 2)
    return np.sum(y)


# at: p={"W": [[0.3, -0.2], [0.5, 1.1]], "b": [0.1, -0.3]}, x=[0.3, 1.2]
def dict_argument_written(p, x):
    p["W"] *= 2.0
    p["b"] = p["b"] + x @ p["W"]
    p["s"] = np.sum(p["b"] ** 2)
    return p["s"] * p["b"][0]


# at: t=((0.5, [0.3, 1.2]), 2.0), x=[0.3, 1.2]
def nested_tuple(t, x):
    (a, v), s = t
    return np.sum(a * v * x) * s + t[0][1][0]


# at: p={"a": {"b": (1.0, 2.0), "c": 2}, "n": 3.0}, x=0.7
def nested_dict(p, x):
    return p["a"]["b"][0] * x + p["a"]["c"] * p["n"] ** 2


# at: p={"W": [[0.3, -0.2], [0.5, 1.1]], "b": [0.1, -0.3]}, x=[0.3, 1.2]
def dict_returned(p, x):
    y = x @ p["W"]
    return {"y": y + p["b"], "norm": np.sum(y**2), "n": 2}


# at: x=[0.3, 1.2]
def containers_returned(x):
    return [x, x * 2.0], (x[0], {"s": np.sum(x)}), x[1]


def dense(p, x):
    return np.tanh(x @ p["W"] + p["b"])


# at: net={"one": {"W": [[0.3, -0.2], [0.5, 1.1]], "b": [0.1, -0.3]}, "two": {"W": [[0.2, 0.1], [0.7, 0.3]], "b": [0.4, 0.0]}}, x=[0.3, 1.2]
def dicts_to_functions(net, x):
    return np.sum(dense(net["two"], dense(net["one"], x)))


# at: p={"W": [[0.3, -0.2], [0.5, 1.1]], "b": [0.1, -0.3], "s": 0.7}
def values_summed(p):
    s = 0.0
    for v in p.values():
        s += np.sum(v**2)
    return s


# at: p={"W": [[0.3, -0.2], [0.5, 1.1]], "b": [0.1, -0.3]}, q={"W": [[0.4, 0.2], [0.1, 0.6]], "b": [0.7, 0.2]}
def items_of_two_dicts(p, q):
    s = 0.0
    for name, v in p.items():
        if name == "b":
            s += np.sum(v * q[name])
        else:
            s = s + np.sum(v**2) * q["b"][0]
    return s


# at: p={"a": 0.3, "b": 0.7, "c": 1.1}, rate=0.1
def keys_written(p, rate):
    for k in p:
        p[k] = p[k] - rate * p[k] ** 2
    for k in sorted(p, reverse=False):
        p[k] *= p["a"]
    return p["a"] * p["b"] * p["c"]


# at: p={"a": 0.3, "b": 0.7, "c": 1.1}, y=[0.2, 0.5, 0.9]
def values_zipped(p, y):
    s = 0.0
    for a, b in zip(p.values(), y):
        s += a * b
    for i, (k, v) in enumerate(p.items()):
        s *= v + i
    return s


# at: p={"a": [0.3, 0.1], "b": [0.7, 0.4]}
def sums_over_values(p):
    total = sum(np.sum(v**2) for v in p.values())
    parts = [v[0] * p["a"] for v in p.values()]
    return total + np.sum(parts[0] * parts[1]) + len(p) + max(v[1] for v in p.values())


def norm2(p):
    return sum(np.sum(v**2) for v in p.values())


def keyed(p):
    s = 0.0
    for k in p:
        s = s + np.sum(p[k] ** 3)
    return s


# at: p={"W": [[0.3, -0.2], [0.5, 1.1]], "b": [0.1, -0.3]}
def values_in_functions(p):
    return norm2(p) * keyed(p) + norm2({"a": p["b"], "c": 2.0})


# at: x=0.7, y=0.4
def local_dict_looped(x, y):
    d = {"a": x, "b": y * x, "c": 2.0}
    best = 0.0
    for k, v in d.items():
        if v > 1.5:
            break
        best = best * v + v
    for k in ("a", "c"):
        best += d[k] ** 2
    for v in list(d.values()):
        best *= v
    return best


# at: x=[0.3, 1.2, -0.7]
def lists_joined(x):
    a = [x[0], x[1] * x[2]]
    b = a + [x[2]]
    c = [2.0] + b + a
    c += [x[0] * c[1], c[2]]
    c.extend([x[1]])
    return sum(v * v for v in c) + c[-1] * c[3]


# at: x=[0.3, 1.2, -0.7]
def lists_of_arrays_joined(x):
    a = [x, x * x]
    b = a + [np.sin(x)]
    s = 0.0
    for v in b[1:] + a[:1]:
        s += np.sum(v * x)
    return s


# at: x=[0.3, 1.2, -0.7], n=3
def list_as_queue(x, n: int):
    q = [x[0], x[1]]
    for i in range(n):
        q.insert(0, q[-1] * x[i])
        last = q.pop()
        q[0] = q[0] + last
    first = q.pop(0)
    return first * q[0]


# at: x=[0.3, 1.2, -0.7]
def list_popped_inside(x):
    xs = [x[0], x[1], x[2] * x[0], x[1] ** 2]
    a = xs.pop(1)
    b = xs.pop(-2)
    return a * xs[0] + b * xs[1]


# at: x=[0.3, 1.2, -0.7]
def rows_of_rows(x):
    rows = [[x[0], x[1]], [x[1] * x[2], 2.0]]
    rows[0][1] = rows[1][0] * x[0]
    rows.append([rows[0][1], x[2]])
    s = 0.0
    for row in rows:
        for v in row:
            s += v * v
    return s * max(rows[0])


# at: x=[0.3, 1.2, -0.7]
def starred_displays(x):
    first = [x[0], x[1]]
    both = [*first, x[2], *first]
    t = (*both, 1.0)
    return both[3] * both[2] + sum(both)


# at: p=[(1.08, 0.685), (0.766, 0.3)], x=0.4
def pairs_argument_in_lists(p, x):
    rows = [[a * x, b] for a, b in p]
    s = rows[0][0] * rows[1][1]
    rows[0][0] *= np.sin(rows[0][0])
    return s + rows[0][0] * rows[1][0]


# at: x=[0.783, 0.69, 0.99]
def inner_list_written_after_it_was_kept(x):
    p = [[x[0]], [x[1]], [x[2]]]
    s = 0.5 * p[1][0] * p[0][0]
    p.insert(0, [np.tanh(p[0][0])])
    w = p.pop(-2)
    for i in range(2):
        p[1][0] = np.sin(p[1][0] * w[0])
    p.append([p[1][0] ** 2 * s])
    return s + p[1][0] ** 3 + p[0][0] * p[-1][0]
