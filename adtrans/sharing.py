"""Which values may share memory with what they are made from: views, and lists of what they were given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adtrans import outputs
from adtrans.frontend.methods import PURE_METHODS
from adtrans.ir import Call, Const, Dict, Expr, IfExp, Index, List, Name, Op, Tuple
from adtrans.layouts import KEYED
from adtrans.structures import REPLACING

VIEWS = frozenset(
    f"numpy.{name}"
    for name in [
        "array_split",
        "asanyarray",
        "asarray",
        "asarray_chkfinite",
        "ascontiguousarray",
        "asfortranarray",
        "asmatrix",
        "broadcast_to",
        "diag",
        "diagonal",
        "double",
        "dsplit",
        "expand_dims",
        "flip",
        "fliplr",
        "flipud",
        "float64",
        "from_dlpack",
        "frombuffer",
        "hsplit",
        "imag",
        "lib.stride_tricks.as_strided",
        "lib.stride_tricks.sliding_window_view",
        "linalg.diagonal",
        "linalg.matrix_transpose",
        "matrix_transpose",
        "moveaxis",
        "ndarray.view",
        "permute_dims",
        "ravel",
        "real",
        "real_if_close",
        "require",
        "reshape",
        "rollaxis",
        "rot90",
        "split",
        "squeeze",
        "swapaxes",
        "transpose",
        "trim_zeros",
        "unstack",
        "vsplit",
    ]
) | {
    "adtrans.stop_gradient",
    "adtrans.support.part_for",
    "adtrans.support.unbroadcast",
    "list.pop",
    "builtins.list",
    "builtins.tuple",
    "builtins.reversed",
    "builtins.sorted",
}
"""Calls whose result may be (a view of) their first argument; found by trying all of NumPy."""

FRESH = frozenset(
    f"adtrans.support.{name}"
    for name in [
        "axes_of_spectrum",
        "both_sides",
        "copied",
        "copied_result",
        "count",
        "cumprod_adjoint",
        "cumprod_tangent",
        "digamma",
        "dot_each",
        "fitted",
        "i0_slope",
        "irfftn_adjoint",
        "last_writes",
        "product_of_others",
        "products_of_others",
        "rfftn_adjoint",
        "shares",
        "snapshot",
        "sinc_slope",
        "times_each",
        "to_each",
        "unreduce",
        "zero_of",
    ]
)
"""Our own functions that give what nobody else has. All others, rules too, may give views of any argument."""

MANY_VIEWS = frozenset(
    {
        "numpy.broadcast_arrays",
        "numpy.atleast_1d",
        "numpy.atleast_2d",
        "numpy.atleast_3d",
        "numpy.einsum",
        "numpy.ix_",
    }
)
"""Those whose results may be views of any argument."""

ITSELF_FOR = {
    "numpy.diff": ("n", 0),
    "numpy.linalg.matrix_power": ("n", 1),
    "numpy.polyder": ("m", 0),
    "numpy.polyint": ("m", 0),
    "scipy.linalg.fractional_matrix_power": ("t", 1),
}
"""These give their argument itself for this value of their second argument, which has this name."""

MAKES_LISTS = frozenset({"builtins.list", "numpy.copy", "builtins.sorted", "builtins.reversed", KEYED})

READ_ONLY = frozenset(
    {
        "numpy.broadcast_to",
        "numpy.broadcast_arrays",
        "numpy.diag",
        "numpy.diagonal",
        "numpy.imag",
        "numpy.linalg.diagonal",
    }
)
"""Views that cannot be written to (`imag` of a real array), or whose elements are one, whoever owns it."""


def shares(value: Expr) -> bool:
    """Whether the value of an expression may be an array that already has an owner, or none to write to."""
    match value:
        case Name():
            return True
        case Index(index=index) if surely_copies(index):
            return False
        case Call(fn=fn) if fn in READ_ONLY:
            return True
        case Call(fn=fn) if fn in MAKES_LISTS:
            return False
        case Index(base=Call(fn=fn)) if not fn.startswith("numpy."):
            return True  # A part of what a function of ours or of the user's gives: it may be an argument.
    return any(map(shares, passed_on(value, {})))


PARTS = {
    **{f"adtrans.rules.joining.{name}_like": 1 for name in ["pieces", "rows", "columns", "layers", "nested"]},
    **{f"numpy.{name}": 0 for name in ["split", "array_split", "hsplit", "vsplit", "dsplit", "unstack"]},
    **{f"builtins.{name}": 0 for name in ["list", "tuple", "reversed"]},
}
"""Calls that give several views of one of their arguments, and of which."""


def whole(value: Expr) -> Expr:
    """What the value of a call is made of views of."""
    while isinstance(value, Call) and value.fn in PARTS and PARTS[value.fn] < len(value.args):
        value = value.args[PARTS[value.fn]]
    return value


def with_whole(value: Expr, new: Expr) -> Expr:
    """The same views of something else."""
    if not isinstance(value, Call) or whole(value) is value:
        return new
    k = PARTS[value.fn]
    return replace(value, args=(*value.args[:k], with_whole(value.args[k], new), *value.args[k + 1 :]))


def may_view(value: Expr, viewed: Mapping[str, frozenset[int]]) -> frozenset[str]:
    """The names whose memory a value may share, whatever the kinds."""
    match value:
        case Name(id=name):
            return frozenset((name,))
        case Index(index=index) if surely_copies(index):
            return frozenset()
    return frozenset().union(*(may_view(e, viewed) for e in passed_on(value, viewed)))


HARMLESS = frozenset({"?.functools.partial"})
"""Functions without a rule that do nothing to what they are given."""

PASSING = frozenset(
    [
        *(
            f"builtins.{name}"
            for name in ("enumerate", "filter", "iter", "max", "memoryview", "min", "next", "zip")
        ),
        *(f"numpy.{name}" for name in ("broadcast", "lib.Arrayterator", "ndarray", "nditer", "nested_iters")),
    ]
)
"""Functions whose result holds what they are given, or is part of it: rows of an array are views of it."""

ENTRIES = frozenset({"dict.get", "dict.setdefault"})
"""Methods that give what is in a dict, or what they are given to take its place."""

MASKED = "numpy.ma."
"""So do those of masked arrays."""


def passed_on(value: Expr, viewed: Mapping[str, frozenset[int]]) -> tuple[Expr, ...]:
    """The parts of an expression whose memory its value may share."""
    match value:
        case Index(base=base):
            return (base,)
        case Call(fn=fn, args=args) if fn in viewed:
            return tuple(a for k, a in enumerate(args) if k in viewed[fn])
        case Call(fn=fn, args=args) if fn in MANY_VIEWS or fn in ENTRIES:
            return args
        case Call(fn=fn, args=args, kwargs=kwargs) if fn in PASSING or fn.startswith(MASKED):
            return (*args, *(value for _, value in kwargs))
        case Call(fn=fn, args=args, kwargs=kwargs) if fn in REPLACING:
            return (*args, *(value for _, value in kwargs))
        case Call(kwargs=kwargs) if dict(kwargs).get("copy") == Const(True):
            return ()
        case Call(fn=fn, args=args, kwargs=kwargs) if fn in VIEWS or "copy" in dict(kwargs):
            return args[:1]
        case Call(fn=fn, args=args) if fn.startswith("adtrans.") and fn not in FRESH and fn != KEYED:
            return args
        case Call(fn="numpy.conjugate" | "numpy.conj", args=args, style="method"):
            return args
        case Call(args=args, kwargs=kwargs) if is_unknown(value):
            return (*args, *(value for _, value in kwargs))
        case Call() if results(value):
            return tuple(results(value))
        case Call(fn=fn, args=args) if fn in ITSELF_FOR:
            return args[:1] if may_be_itself(value) else ()
        case Call(fn="builtins.sum", args=(items, *start), kwargs=kwargs):
            some = isinstance(items, (List, Tuple)) and items.elts
            return () if some else (*start, *(value for _, value in kwargs))  # The start, if there is none.
        case Op(op="and" | "or", args=args):
            return args
        case Op(op="+" | "|", args=args) if has_display(value):
            return args  # `xs + [y]` holds what is in xs.
        case IfExp(then=then, orelse=orelse):
            return (then, orelse)
        case List(elts=elts) | Tuple(elts=elts) | Dict(elts=elts):
            return elts
    return ()


def may_be_itself(call: Call) -> bool:
    """Whether a call may give its first argument itself."""
    name, value = ITSELF_FOR[call.fn]
    second = call.args[1] if len(call.args) > 1 else dict(call.kwargs).get(name)
    if second is None:
        return False
    return not isinstance(second, Const) or second.value == value


def has_display(expr: Expr) -> bool:
    """Whether lists, tuples or dicts are put together, as far as that is written down."""
    if isinstance(expr, Op) and expr.op in ("+", "|"):
        return any(map(has_display, expr.args))
    return isinstance(expr, (List, Tuple, Dict))


def surely_copies(index: Expr) -> bool:
    """Whether an index gives a copy whatever it holds: a list display, a comparison."""
    items = index.elts if isinstance(index, Tuple) else (index,)
    return any(
        isinstance(i, List) or (isinstance(i, Op) and i.op in ("<", ">", "<=", ">=", "==", "!=", "&", "|"))
        for i in items
    )


def results(call: Call) -> list[Expr]:
    """The arguments that a library function is given to write into."""
    if len(call.args) + len(call.kwargs) < 2:
        return []
    given: dict[outputs.Place, Expr] = {**dict(enumerate(call.args)), **dict(call.kwargs)}
    return [given[place] for place in outputs.written(call.fn, list(given), lambda p: is_off(given[p]))]


def is_off(expr: Expr) -> bool:
    return isinstance(expr, Const) and (expr.value is None or expr.value is False)


def is_unknown(call: Call) -> bool:
    """Whether a call is of something without source, and without a rule or a name that tells what it does."""
    if not call.fn.startswith("?."):
        return call.fn.startswith("numpy.ndarray.__")  # `np.ndarray.__setitem__(y, 0, x)`
    return call.fn not in HARMLESS and not (call.style == "method" and call.fn[2:] in PURE_METHODS)
