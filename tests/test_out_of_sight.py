"""Changes that nobody sees who reads statements: in text that is carried over, by the class of a method, by
a library into what the module holds, by other code of the module."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from tests.programs.oracle import judge

X = np.array([0.7, 1.3, -0.4])
HEAD = "import contextlib\nimport dataclasses\nimport operator\nfrom dataclasses import dataclass, field\n"

RIGHT = {
    "list_method_by_its_class": """
def f(x):
    d = [x[0], x[1], x[2]]
    v = list.pop(d, 0)
    list.pop(d)
    list.append(d, x[0] * x[2])
    return v * d[-1] ** 2 * d[0]
""",
    "dict_method_by_its_class": """
def f(x):
    d = {"a": x[0], "b": x[1]}
    n = dict.pop(d, "b")
    return d["a"] ** 2 * n * sum(dict.values(d))
""",
    "list_in_print": """
def f(x):
    l = [x[0], x[1]]
    print(l.pop(), end="")
    return l[-1] ** 2
""",
    "function_that_writes_in_print": """
def g(y, v):
    y[0] = v
    return ""

def f(x):
    y = x.copy()
    print(g(y, x[1]), end="")
    print(np.add(y, x[0], out=y)[:0], end="")
    return y[0] ** 2 * y[2]
""",
    "what_only_writes_to_its_own_is_printed": """
def loss(y):
    total, rows = 0.0, []
    z = np.zeros(3)
    for i in range(3):
        total += y[i] ** 2
        z[i] = total
        rows.append(z[i])
    return total + rows[0]

def f(x):
    y = x * 2.0
    print(f"{loss(y):.0f}"[:0], y.sum() > 9.0, end="")
    return loss(y) * y[0]
""",
    "lambda_in_print": """
def f(x):
    y = x * 2.0
    print(list(map(lambda v: v * 2, y))[:0], end="")
    return y[0] ** 2
""",
    "module_constants_are_read": """
T = [1.0, 2.0]
A = np.ones(3)

def f(x):
    def g():
        T = []
        T.append(x[0])
        return T[0]

    y = np.zeros(3)
    np.add(A, x, out=y)
    np.copyto(y[1:], A[1:])
    return y[0] * g() * T[1] * sum(T)
""",
    "field_that_is_no_parameter": """
@dataclass
class A:
    v: float = field(init=False, default=2.0)
    w: float = 3.0

@dataclass
class Base:
    v: float = 1.0
    w: float = 2.0
    u: float = 4.0

@dataclass
class B(Base):
    v: float = field(init=False, default=5.0)

@dataclass
class C:
    w: float
    v: float = field(init=False)

    def __post_init__(self):
        self.v = self.w * 2.0

def f(x):
    a = A(x[0])
    b = B(x[1])
    c = C(x[2])
    d = A(w=x[1])
    d.v = x[0]
    return a.v * a.w**2 * b.v * b.w * b.u + c.v * c.w + d.v * d.w
""",
    "class_variable_under_another_name": """
import typing
CV = typing.ClassVar

@dataclass
class A:
    w: float = 3.0
    z: CV[float] = 2.0
    u: float = 1.0

def f(x):
    a = A(x[0], x[1])
    return a.w**2 * a.z * a.u
""",
}

REFUSED = {
    "field_with_options_from_elsewhere": (
        "AD223",
        "OPTIONS = dict(init=False, default=2.0)\n\n@dataclass\nclass A:\n    v: float = field(**OPTIONS)\n"
        "    w: float = 3.0\n\ndef f(x):\n    a = A(x[0])\n    return a.w**2 * a.v\n",
    ),
    "field_made_by_a_function": (
        "AD223",
        "def made(d):\n    return field(init=False, default=d)\n\n"
        "@dataclass\nclass A:\n    v: float = made(2.0)"
        "\n    w: float = 3.0\n\ndef f(x):\n    a = A(x[0])\n    return a.w**2 * a.v\n",
    ),
    "field_that_is_given_by_keyword_only": (
        "AD223",
        "@dataclass\nclass A:\n    v: float = field(kw_only=True, default=2.0)\n"
        "    w: float = 3.0\n\ndef f(x):\n    a = A(x[0])\n    return a.w**2 * a.v\n",
    ),
    "dict_update_by_its_class": (
        "AD203",
        'def f(x):\n    d = {"a": x[1]}\n    dict.update(d, a=x[0])\n    return d["a"] ** 2\n',
    ),
    "dict_setdefault_by_its_class": (
        "AD203",
        'def f(x):\n    d = {"a": x[1]}\n    dict.setdefault(d, "b", x[0])\n    return d["b"] ** 2\n',
    ),
    "list_sort_by_its_class": (
        "AD203",
        "def f(x):\n    d = [x[0], x[1]]\n    list.sort(d, reverse=True)\n    return d[0] ** 2\n",
    ),
    "method_of_a_computed_class": (
        "AD203",
        "def f(x):\n    d = [x[0], x[1]]\n    type(d).pop(d)\n    return d[-1] ** 2\n",
    ),
    "append_in_print": (
        "AD203",
        "def f(x):\n    l = [1.0]\n    print(l.append(x[0]))\n    return l[1] ** 2\n",
    ),
    "append_in_a_comprehension": (
        "AD203",
        "def f(x):\n    l = []\n    k = [l.append(v) for v in x]\n    return l[1] ** 2\n",
    ),
    "fill_in_print": (
        "AD203",
        "def f(x):\n    y = x.copy()\n    print(y.fill(x[0]))\n    return y[1] ** 2\n",
    ),
    "fill_in_an_expression": (
        "AD203",
        "def f(x):\n    y = np.zeros(3)\n    k = y.fill(x[0])\n    return y[1] ** 2\n",
    ),
    "copyto_in_an_expression": (
        "AD203",
        "def f(x):\n    y = np.zeros(3)\n    k = [np.copyto(y, x)]\n    return y[1] ** 2\n",
    ),
    "fill_in_the_head_of_with": (
        "AD203",
        "def f(x):\n    y = x.copy()\n    with np.errstate(divide=y.fill(x[0])):\n        z = y[1] ** 2\n"
        "    return z\n",
    ),
    "fill_in_a_context_that_does_nothing": (
        "AD203",
        "def f(x):\n    y = x.copy()\n    with contextlib.nullcontext(y.fill(x[0])):\n        z = y[1] ** 2\n"
        "    return z\n",
    ),
    "function_that_writes_in_the_head_of_with": (
        "AD203",
        "def g(y, v):\n    y[0] = v\n    return True\n\ndef f(x):\n    y = x.copy()\n"
        '    with np.errstate(divide=["ignore", "warn"][g(y, x[1])]):\n        z = y[0] ** 2\n    return z\n',
    ),
    "append_to_a_list_of_the_module_in_print": (
        "AD105",
        "T = [1.0]\n\ndef f(x):\n    print(T.append(x[0]))\n    return T[-1] ** 2\n",
    ),
    "append_to_a_list_of_the_module_in_an_expression": (
        "AD105",
        "T = [1.0]\n\ndef f(x):\n    z = T.append(x[0])\n    return T[-1] * x[0]\n",
    ),
    "append_of_the_module_is_given_away": (
        "AD105",
        "T = [1.0]\n\ndef f(x):\n    list(map(T.append, x))\n    return T[-1] * x[0]\n",
    ),
    "update_of_a_dict_of_the_module": (
        "AD105",
        'T = {"a": 1.0}\n\ndef f(x):\n    dict.update(T, a=x[0])\n    return T["a"] ** 2\n',
    ),
    "element_of_the_module_is_deleted": (
        "AD105",
        "T = [1.0, 2.0]\n\ndef f(x):\n    del T[0]\n    return T[0] * x[0]\n",
    ),
}
REFUSED |= {
    f"write_into_an_array_of_the_module_{k}": (
        "AD105",
        f"T = np.ones(3)\n\ndef f(x):\n    {write}\n    return T[0] * x[0]\n",
    )
    for k, write in enumerate(
        (
            "np.copyto(T, x)",
            "np.copyto(T[1:], x[1:])",
            "np.add(T, x, out=T)",
            "np.add(T, x, T)",
            "np.put(T, [0], x[0])",
            "np.add.at(T, [0], x[0])",
            "np.ndarray.fill(T, x[0])",
            "x.cumsum(out=T)",
            "np.modf(x, out=(T, None))",
            "np.divide(x, 2.0, out=T, where=x > 0)",
            "np.fill_diagonal(T.reshape(3, 1), x[1])",
        )
    )
}

TABLE = 'T = {"a": np.sin}\n'
LOOK = '\ndef f(x):\n    return T["a"](x[0])\n'
CLASS = "class R:\n    rate = 2.0\n\n    def m(self, v):\n        return v * 2\n\n"
MADE = "\ndef f(x):\n    r = R()\n    return r.m(x[0])\n"
CHANGED = {
    "table_in_a_function": f'{TABLE}def change():\n    T["a"] = np.cos\nchange()\n{LOOK}',
    "table_by_a_decorator": (
        f"{TABLE}def known(g):\n    T[g.__name__] = g\n    return g\n\n"
        f"@known\ndef a(v):\n    return v * v\n{LOOK}"
    ),
    "table_under_another_name": f'{TABLE}U = T\nU["a"] = np.cos\n{LOOK}',
    "table_as_an_argument": f'{TABLE}def change(t):\n    t["a"] = np.cos\nchange(T)\n{LOOK}',
    "table_as_a_default": f'{TABLE}def change(t=T):\n    t["a"] = np.cos\nchange()\n{LOOK}',
    "table_in_a_list": f'{TABLE}W = [T]\nW[0]["a"] = np.cos\n{LOOK}',
    "table_that_is_returned": f'{TABLE}def pick():\n    return T\npick()["a"] = np.cos\n{LOOK}',
    "table_under_a_condition": f'{TABLE}if True:\n    T["a"] = np.cos\n{LOOK}',
    "table_by_its_class": f"{TABLE}dict.update(T, a=np.cos)\n{LOOK}",
    "method": f"{CLASS}R.m = lambda self, v: v * v\n{MADE}",
    "method_by_setattr": f'{CLASS}setattr(R, "m", lambda self, v: v * v)\n{MADE}',
    "method_in_a_function": f"{CLASS}def patch():\n    R.m = lambda self, v: v * v\npatch()\n{MADE}",
    "method_under_another_name": f"{CLASS}Q = R\nQ.m = lambda self, v: v * v\n{MADE}",
    "defaults": "def g(v, k=2):\n    return v**k\n\ng.__defaults__ = (3,)\n\ndef f(x):\n    return g(x[0])\n",
    "attribute_of_a_function": "def g(v):\n    return v\n\ng.k = 2\n\ndef f(x):\n    return g(x[0]) * g.k\n",
    "constant_made_of_a_table": f'{TABLE}S = sorted(T)\n\ndef f(x):\n    return T["a"](x[0]) * len(S)\n',
}
REFUSED |= {f"changed_{name}": ("AD2", source) for name, source in CHANGED.items()}

ZERO = ("x[0] / 0", "x[0] / x[1] / -0.0", "np.divide(x[0], 0)")
REFUSED |= {
    f"quotient_by_zero_{k}": (
        "AD302",
        f"def f(x):\n    y = {value}\n    return y if np.isfinite(y) else x[2] ** 2\n",
    )
    for k, value in enumerate(ZERO)
}

BOUND = "def F(v):\n    return v\n\n"
REBOUND = {
    "global": f"{BOUND}def init():\n    global F\n    F = lambda v: v * v\n\ninit()\n",
    "definition": f"{BOUND}def init():\n    global F\n    def F(v):\n        return v * v\n\ninit()\n",
    "globals": f'{BOUND}globals()["F"] = lambda v: v * v\n',
}
RIGHT |= {f"bound_again_by_{k}": f"{v}\n\ndef f(x):\n    return F(x[1])\n" for k, v in REBOUND.items()}
RIGHT["definitions_that_nobody_changes"] = """
T = {"a": np.sin, "b": np.cos}

class R:
    count = 0

    def m(self, v):
        return v * 2

class S:
    def __init__(self, t):
        self.m, self.t = 3.0, t

def other():
    T = {}
    T["a"] = np.exp
    return T

def use(t, v):
    return t["a"](v)

def g(v):
    return v * v

g.calls = 0
S(T)

def f(x):
    r = R()
    return use(T, x[0]) * T["b"](x[1]) * r.m(x[2]) * g(x[0])
"""


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    found = judge(f"{HEAD}import numpy as np\n{RIGHT[name]}", (X,))
    assert found.verdict == "right", found


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_refused(name: str, mode: str) -> None:
    code, source = REFUSED[name]
    f = adtrans.from_source(f"{HEAD}import numpy as np\n\n{source}", "f")
    with pytest.raises(adtrans.Refused) as refused:
        adtrans.grad(f)(X) if mode == "reverse" else adtrans.jvp(f, (X,), (X,))
    assert code in str(refused.value)
