"""Lists and dicts that begin with integers, with None or with nothing, and get what varies later: by a
function, a method or a closure, under another name, inside one another, in the middle of an expression.

Each of these came out wrong, or crashed, in one mode at least.
"""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from tests.programs.oracle import judge

HEAD = """
import operator
from functools import partial

import numpy as np

"""
X = np.array([0.7, 1.3, -0.4])

RIGHT = [
    """
def g(a, v): a[0] += v
def f(x): a = [0]; g(a, x[0]); return a[0]*x[1]
""",
    """
def f(x):
    a = [0, 0]
    def add(i, v): a[i] += v
    add(1, x[0]); add(0, x[1])
    return a[1]*a[0]
""",
    """
def g(a, v): a[0] += v
def f(x):
    a = [0]
    for i in range(2): g(a, x[i])
    return a[0]**2
""",
    """
def g(a, v): a[0] += v; return a
def f(x): return g([0], x[0])[0]**2
""",
    """
def g(a, v): a["k"] += v
def f(x): a = {"k": 0}; g(a, x[0]); return a["k"]**2
""",
    """
class L:
    def __init__(self): self.a = [0, 0]
    def add(self, i, v): self.a[i] += v
def f(x): l = L(); l.add(1, x[1]); return l.a[1]**2
""",
    """
def g(a, v): a[0] = a[0] + v
def f(x): a = [0]; g(a, x[0]); return a[0]**2
""",
    """
def g(l, v): l.insert(0, v)
def f(x): a = [0]; g(a, x[0]); return a[0]**2
""",
    """
def g(l, v): l[:] = [v]
def f(x): a = [0]; g(a, x[0]); return a[0]**2
""",
    """
def memo(n, v, t):
    if t[n]: return t[n]
    r = v if n < 2 else memo(n-1, v, t)*memo(n-2, v, t); t[n] = r; return r
def f(x): return memo(4, x[0], [0]*5)
""",
    """
def add(l, v): l.append(v)
def f(x): a = [0]; add(a, x[1]); return a[1]**2
""",
    """
def add(d, v): d["k"] = v
def f(x): a = {"k": 0}; add(a, x[1]); return a["k"]**2
""",
    """
def g(a, i, v): a[i] = v
def f(x): a = [None, None]; g(a, 0, x[0]); g(a, 1, x[1]); return a[0]*a[1]
""",
    """
def g(d, v): d["b"] = v
def f(x): d = {"a": 1}; g(d, x[0]); return d["b"]**2
""",
    """
def add(l, v): l["p"]["k"] = v
def f(x): a = {"p": {"k": 0}}; add(a, x[1]); return a["p"]["k"]**2
""",
    """
def f(x): a = [[0, 0]]; a[0][1] = x[1]; return a[0][1]*x[0]
""",
    """
def f(x): a = [[0]*2 for _ in range(2)]; a[0][1] = x[1]; return a[0][1]*x[0]
""",
    """
def f(x): a = {"k": [0, 0]}; a["k"][1] = x[1]; return a["k"][1]*x[0]
""",
    """
def f(x): a = (0, [0, 0]); a[1][1] = x[1]; return a[1][1]*x[0]
""",
    """
def f(x): a = [[0, 0]]; a[0][0] += x[1]; return a[0][0]*x[0]
""",
    """
def f(x): a = [[0, 0]]; a[0][:] = [x[1]]; return a[0][0]*x[0]
""",
    """
def f(x): a = {"p": {"q": 1}}; a["p"]["q"] = x[1]; return a["p"]["q"]*x[0]
""",
    """
def f(x): a = [{}]; a[0]["j"] = x[1]; return a[0]["j"]*x[0]
""",
    """
def f(x): b = [list(r) for r in [[1,2],[3,4]]]; b[0][0] = x[0]; return b[0][0]**2
""",
    """
def f(x): a = {"p": {}}; a["p"]["j"] = x[1]; return a["p"]["j"]**2
""",
    """
def f(x): a=[0]; b=a; b[0]=x[0]; return a[0]**2
""",
    """
class A:
    def __init__(self, l): self.l = l
def f(x): a=[0]; o=A(a); o.l[0]=x[0]; return a[0]**2
""",
    """
def f(x): a=[0,1]; b=a; b.append(x[0]); return a[2]**2
""",
    """
def f(x): a=[0,1]; b=a; b += [x[0]]; return a[2]**2
""",
    """
def f(x): a=[None]*2; b=a; b[0] = x[0]; return a[0]**2
""",
    """
def f(x): a = [[x[0], x[1]], [x[2]]]; v = a.pop(); return v[0]**2*a[0][0]
""",
]

REFUSED = [
    """
def f(x): a = [[0]]; a[0].append(x[1]); return a[0][1]**2
""",
    """
def f(x): a = [[0]]; a[0].extend([x[1]]); return a[0][1]**2
""",
    """
def f(x): a = [[0]]; a[0].insert(0, x[1]); return a[0][0]**2
""",
    """
def f(x): a = [[0]]; a[0] += [x[1]]; return a[0][1]**2
""",
    """
def f(x): a = {"k": [0]}; a["k"].append(x[1]); return a["k"][1]**2
""",
    """
def f(x): a = ([1], 2); a[0].append(x[1]); return a[0][1]**2
""",
    """
def f(x): a = {"p": {"k": 0}}; a["p"] |= {"k": x[1]}; return a["p"]["k"]**2
""",
    """
def f(x):
    a = [[0] for _ in range(2)]
    for i in range(2): a[i].append(x[i])
    return a[0][1]*a[1][1]
""",
    """
def f(x):
    a = {k: [0] for k in ("p","q")}
    a["p"].append(x[0])
    return a["p"][1]**2
""",
    """
def f(x): a = {"l": [0]}; a.get("l").append(x[1]); return a["l"][1]**2
""",
    """
class A:
    def __init__(self): self.h = [[0]]
def f(x): a = A(); a.h[0].append(x[0]); return a.h[0][1]**2
""",
    """
def g(l, v): l[0].append(v)
def f(x): a = [[0]]; g(a, x[0]); return a[0][1]**2
""",
    """
def f(x): d = [1, 2]; (lambda v: d.append(v))(x[0]); return d[2]**2
""",
    """
def f(x): d = [1, 2]; g = partial(lambda l, v: l.append(v), d); g(x[0]); return d[2]**2
""",
    """
def g(**k): k["l"].append(k["v"])
def f(x): d = [1, 2]; g(l=d, v=x[0]); return d[2]**2
""",
    """
def f(x):
    d = [1, 2]
    if d.append(x[0]) is None: d[0] = 3
    return d[2]**2
""",
    """
def f(x):
    d = [1.0, 2.0]
    if d.append(x[0]) is None: d[0] = 3
    return d[2]**2
""",
    """
def f(x): a = [1, 2]; a.__setitem__(1, x[0]); return a[1]**2
""",
    """
def f(x): a = [1, 2]; operator.setitem(a, 1, x[0]); return a[1]**2
""",
    """
def f(x): a = [1, 2]; list.append(a, x[0]); return a[2]**2
""",
    """
def f(x): d = [1, 2]; operator.iadd(d, [x[0]]); return d[2]**2
""",
    """
def f(x): d = [1, 2]; d.__iadd__([x[0]]); return d[2]**2
""",
    """
def f(x): d = {"k": 1}; d.__setitem__("k", x[0]); return d["k"]**2
""",
    """
def f(x): a = {}; a.setdefault("l", []).append(x[0]); return a["l"][0]**2
""",
    """
def f(x): a = {}; l = a.setdefault("l", []); l.append(x[0]); return a["l"][0]**2
""",
    """
def f(x): a = {}; a.setdefault("l", np.zeros(2))[0] = x[0]; return a["l"][0]**2
""",
    """
def f(x): y = np.array(x[0]); y += 1; z = y; z *= 2; return y*1.0
""",
    """
def g(v): v *= 2
def f(x): y = np.array(x[0]); y += 1; g(y); return y*1.0
""",
    """
def f(x): y = np.zeros(()); y += x[1]; z = y; z *= x[0]; return y*1.0
""",
    """
def f(x):
    y = np.array(x[0]); y += 1
    z = y
    def h():
        nonlocal z
        z += 1
    h()
    return y*1.0
""",
    """
def f(x): a=[1,2]; k={"l": a}; k["l"].append(x[0]); return a[2]**2
""",
    """
def f(x): a=[0]; b=[a]; b[0][0]=x[0]; return a[0]**2
""",
    """
def f(x): a=[0]; b=(a, 1); b[0][0]=x[0]; return a[0]**2
""",
    """
def f(x): a={"k": 0}; b=a; b["k"]=x[0]; return a["k"]**2
""",
    """
def f(x): a={"k": 0}; b={"p": a}; b["p"]["k"]=x[0]; return a["k"]**2
""",
    """
def f(x): a=np.zeros(2, dtype=int); b=[a]; b[0] = x[:2]; return np.sum(a)+x[0]**2
""",
    """
def f(x):
    a=[0]
    for b in [a]: b[0] = x[0]
    return a[0]**2
""",
    """
def f(x):
    a=[0]; b=[1]
    c = a if x[0] > 0 else b
    c[0] = x[0]
    return a[0]**2
""",
    """
def g(a): return a
def f(x): a=[0,1]; b=g(a); b[0] = x[0]; return a[0]**2
""",
    """
def f(x): a=[[0],[1]]; b=a[0]; b[0] = x[0]; return a[0][0]**2
""",
    """
def f(x): a=[[0],[1]]; b=a[0]; b.append(x[0]); return a[0][1]**2
""",
    """
def f(x):
    memo = {}
    def g(k):
        if k in memo: return memo[k]
        memo[k] = x[k]*2.0
        return memo[k]
    return g(0)*g(0)*g(1)
""",
    """
def f(x):
    a=[1.0]
    for b in [a]: b[0] = x[0]
    return a[0]**2
""",
    """
def f(x):
    a=[1.0]; c=[2.0]
    for b in (a, c): b.append(x[0])
    return a[1]**2*c[1]
""",
    """
def f(x):
    rows=[[1.0],[2.0]]
    for b in rows: b.append(x[0])
    return rows[0][1]**2*rows[1][1]
""",
    """
def f(x):
    a=[1.0]
    for i, b in enumerate([a]): b[0] = x[0]
    return a[0]**2
""",
    """
def f(x):
    a={"k": 1.0}
    for b in [a]: b["k"] = x[0]
    return a["k"]**2
""",
    """
def f(x):
    a=np.ones(2)
    for b in [a]: b[0] = x[0]
    return a[0]**2
""",
    """
def f(x): a = {"p": {"j": x[1]}}; v = a["p"].pop("j"); return v**2
""",
    """
def f(x): a = {"p": {"j": x[1], "k": x[0]}}; v = a["p"].pop("j"); return v**2*a["p"]["k"]
""",
    """
def f(x): a = [[x[0], x[1]], [x[2]]]; v = a[0].pop(); return v**2*a[0][0]*a[1][0]
""",
    """
def f(x): a = {"p": [x[0], x[1]]}; v = a["p"].pop(0); return v**2*a["p"][0]
""",
    """
def f(x): a = {"p": [x[0], x[1]]}; a["p"].pop(0); return a["p"][0]**2
""",
    """
def f(x): a = {"p": {"j": x[1], "k": x[0]}}; a["p"].pop("j"); return a["p"]["k"]**2
""",
    """
def f(x): a = {"p": {"j": x[1], "k": x[0]}}; del a["p"]["j"]; return a["p"]["k"]**2
""",
    """
def f(x): a = [[x[0], x[1]], [x[2]]]; del a[0][0]; return a[0][0]**2
""",
]


@pytest.mark.parametrize("k", range(len(RIGHT)))
def test_right(k: int) -> None:
    found = judge(HEAD + RIGHT[k], (X,), order=2)
    assert found.verdict == "right" or (found.stage.startswith("order 2") and found.verdict == "refused"), (
        found.detail
    )


@pytest.mark.parametrize("k", range(len(REFUSED)))
def test_refused(k: int) -> None:
    """Or right, one day."""
    never_wrong(REFUSED[k])


def never_wrong(source: str) -> None:
    """Each mode is right, or refuses."""
    assert not judge(HEAD + source, (X,), order=2).failed
    f = adtrans.from_source(HEAD + source, "f")
    try:
        slope = adtrans.jvp(f, (X,), (np.ones(3),))[1]
    except adtrans.Refused:
        return
    assert abs(slope - (f(X + 1e-6) - f(X - 1e-6)) / 2e-6) < 1e-5
