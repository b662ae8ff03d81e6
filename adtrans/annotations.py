"""What an annotation or a `--signature` says of a parameter: text to kinds, nothing is imported or run.

Two spellings, which may stand in either place: Python's (`float`, `NDArray[np.float64]`, jaxtyping's
`Float[np.ndarray, "n m"]`) and a short one (`f8`, `f4[:, :]`, `f8[n, 1]`, `f8[...]`). In the short one `:` is
an axis of any length and `n` one whose length has a name. Neither is ever stretched by broadcasting; an axis
of length 1 that may be is written `1`. Containers: `(f8[:], float)`, `list[f8[:]]`, `{W: f8[:, :]}`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from adtrans.errors import AdtransError
from adtrans.kinds import ANY, BOOL, FLOAT, INT, NONE, STR, Array, Dim, Kind, ListOf, RecordOf, TupleOf

_DTYPES = {
    **dict.fromkeys(("f8", "float64", "double", "float", "Float64"), "f8"),
    **dict.fromkeys(("f4", "float32", "single", "Float32"), "f4"),
    **dict.fromkeys(("c16", "complex128", "cdouble", "complex", "Complex128"), "c16"),
    **dict.fromkeys(("c8", "complex64", "csingle", "Complex64"), "c8"),
    **{f"{sign}{size}": "i" for sign in "iu" for size in (1, 2, 4, 8)},
    **{f"{name}{bits}": "i" for name in ("int", "uint", "Int", "UInt") for bits in (8, 16, 32, 64)},
    **dict.fromkeys(("i", "int", "intp", "integer", "Int", "UInt", "Integer"), "i"),
    **dict.fromkeys(("b", "bool", "bool_", "Bool"), "b"),
    **dict.fromkeys(("floating", "inexact", "number", "Any"), "?"),
    **dict.fromkeys(("Float", "Inexact", "Num", "Real", "Shaped"), "?"),
    **dict.fromkeys(("Complex", "complexfloating"), "c"),
}
_SCALARS = {
    "float": FLOAT,
    "int": INT,
    "bool": BOOL,
    "complex": Array("c16", (), python=True),
    "str": STR,
    "None": NONE,
}
_SHORT = re.compile(r"^(f8|f4|c16|c8|[iu][1248]|i|b)$")
_NUMPY = re.compile(r"^(np|numpy)\.")
_JAXTYPING = re.compile(r"^(Float|Int|UInt|Bool|Complex|Inexact|Integer|Num|Real|Shaped)\d*$")
_ARRAYS = {"ndarray", "Array"}


class SignatureError(AdtransError, ValueError):
    """A `--signature` that cannot be read."""


def signature(text: str) -> dict[str, Kind]:
    """The kinds in a signature.

    >>> signature("x: f8[:], n: int")["x"].shape
    ('x.0',)
    >>> signature("A: f4[n, 1]")["A"].shape
    ('n', 1)
    >>> signature("p: {W: f8[:, :], b: f8[:]}")["p"].keys
    ('W', 'b')
    """
    try:
        tree = ast.parse(f"def _({text}): pass").body
    except (SyntaxError, ValueError):
        raise SignatureError(f'not a signature: "{text}"; write "x: f8[:], n: int"') from None
    function = tree[0]
    if len(tree) != 1 or not isinstance(function, ast.FunctionDef) or function.returns is not None:
        raise SignatureError(f'not a signature: "{text}"; write "x: f8[:], n: int"')
    arguments = function.args
    params = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    if arguments.vararg or arguments.kwarg or arguments.defaults or any(arguments.kw_defaults):
        raise SignatureError(f'"{text}": no defaults and no stars in a signature')
    names = [param.arg for param in params]
    if twice := [name for name in names if names.count(name) > 1]:
        raise SignatureError(f"`{twice[0]}` stands twice in the signature")
    return {param.arg: _declared(param) for param in params}


def _declared(param: ast.arg) -> Kind:
    if param.annotation is None:
        raise SignatureError(f"`{param.arg}` has no type in the signature; write `{param.arg}: f8[:]`")
    kind = _kind(param.annotation, param.arg)
    if kind is None:
        words = ast.unparse(param.annotation)
        raise SignatureError(
            f"`{param.arg}: {words}` in the signature: `{words}` is no type that adtrans knows; "
            "write f8, f4, int, bool, str, an array such as f8[:], f8[:, 3], f8[n, m], f8[...], or "
            "a container such as (f8[:], float), list[f8[:]], {W: f8[:, :], b: f8[:]}"
        )
    return kind


def kind_of_annotation(text: str, name: str = "") -> Kind | None:
    """The kind that the annotation of the parameter `name` states; None: it says nothing that we know.

    >>> kind_of_annotation("npt.NDArray[np.float64]").dtype
    'f8'
    >>> kind_of_annotation('Float[np.ndarray, "n 3"]').shape
    ('n', 3)
    """
    try:
        return _kind(ast.parse(text.strip(), mode="eval").body, name)
    except (SyntaxError, ValueError):
        return None


def _kind(node: ast.expr, name: str) -> Kind | None:
    match node:
        case ast.Constant(value=None):
            return NONE
        case ast.Constant(value=str(text)):
            return kind_of_annotation(text, name)
        case ast.Name() | ast.Attribute():
            return _plain(ast.unparse(node))
        case ast.Dict(keys=keys, values=values):
            return _record(keys, values, name)
        case ast.Tuple(elts=elts):
            return _parts(elts, name)
        case ast.Subscript(value=base, slice=index):
            return _subscript(ast.unparse(base), index, name)
    return None


def _plain(dotted: str) -> Kind | None:
    """A type without brackets."""
    last = dotted.rpartition(".")[2]
    if dotted in _SCALARS:
        return _SCALARS[dotted]
    if last in _ARRAYS or last == "NDArray":
        return Array("?", None)
    if _SHORT.match(dotted) or (_NUMPY.match(dotted) and last in _DTYPES):
        return Array(_DTYPES[last], ())
    return ListOf(None) if dotted == "list" else None


def _subscript(dotted: str, index: ast.expr, name: str) -> Kind | None:
    last = dotted.rpartition(".")[2]
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    if last == "Annotated":
        return _kind(parts[0], name)
    if last == "NDArray":
        return Array(_dtype(index), None)
    if last == "ndarray" and len(parts) == 2:
        return Array(_dtype(parts[1]), _lengths(parts[0]))
    if _JAXTYPING.match(last) and len(parts) == 2 and isinstance(parts[1], ast.Constant):
        return _jaxtyping(last, parts[0], str(parts[1].value))
    if last in ("list", "List"):
        return ListOf(_kind(index, "") or ANY)
    if last in ("tuple", "Tuple"):
        return _tuple(parts)
    if _SHORT.match(dotted) or dotted in ("float", "int", "bool", "complex"):
        return _short(_DTYPES[dotted], parts, name)
    return None


def _tuple(parts: list[ast.expr]) -> Kind | None:
    if any(isinstance(p, ast.Constant) and p.value is ... for p in parts):
        return None
    return TupleOf(tuple(_kind(part, "") or ANY for part in parts))


def _parts(elts: list[ast.expr], name: str) -> Kind | None:
    """`(f8[:], float)`: a tuple."""
    kinds = [_kind(part, f"{name}.{k}" if name else "") for k, part in enumerate(elts)]
    return TupleOf(tuple(kind for kind in kinds if kind is not None)) if None not in kinds else None


def _record(keys: list[ast.expr | None], values: list[ast.expr], name: str) -> Kind | None:
    """`{W: f8[:, :], b: f8[:]}`: a dict with these keys."""
    found: dict[str | int, Kind] = {}
    for key, value in zip(keys, values, strict=True):
        match key:
            case ast.Name(id=word) | ast.Constant(value=str(word)):
                label: str | int = word
            case ast.Constant(value=int(number)) if not isinstance(number, bool):
                label = number
            case _:
                return None
        kind = _kind(value, f"{name}.{label}" if name else "")
        if kind is None or label in found:
            return None
        found[label] = kind
    return RecordOf(tuple(found), tuple(found.values()))


def _dtype(node: ast.expr) -> str:
    """The dtype in `NDArray[np.float64]` or `np.dtype[np.float64]`."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("dtype"):
        return _dtype(node.slice)
    return _DTYPES.get(ast.unparse(node).rpartition(".")[2], "?")


def _lengths(node: ast.expr) -> tuple[Dim, ...] | None:
    """The rank in `np.ndarray[tuple[int, int], ...]`; None where it is not written."""
    if not isinstance(node, ast.Subscript):
        return None
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if any(ast.unparse(part) != "int" for part in parts):
        return None
    return (None,) * len(parts)


# ------------------------------------------------------------------ the short spelling


def _short(dtype: str, parts: list[ast.expr], name: str) -> Kind | None:
    """`f8[:, 1]`: the axes of the parameter `x` are called `x.0`, `x.1`."""
    if len(parts) == 1 and isinstance(parts[0], ast.Constant) and parts[0].value is ...:
        return Array(dtype, None)
    dims = [_dim(part, axis, name) for axis, part in enumerate(parts)]
    return None if _BAD in dims else Array(dtype, tuple(dims))


_BAD = -1


def _dim(node: ast.expr, axis: int, name: str) -> Dim:
    match node:
        case ast.Slice(lower=None, upper=None, step=None):
            return f"{name}.{axis}" if name else None
        case ast.Name(id=length):
            return length
        case ast.Constant(value=int(length)) if not isinstance(length, bool):
            return length
    return _BAD


# --------------------------------------------------------------------------- jaxtyping


def _jaxtyping(family: str, array: ast.expr, axes: str) -> Kind:
    """`Float[np.ndarray, "n m"]`: a number of bits where the name has it, the axes by their names."""
    dtype = _DTYPES.get(family, "?")
    if ast.unparse(array) in ("float", "int", "bool", "complex") and not axes.strip():
        return Array(_DTYPES[ast.unparse(array)], ())
    words = axes.split()
    if any(word.startswith(("...", "*", "#*", "*#")) for word in words):
        return Array(dtype, None)
    return Array(dtype, tuple(_axes(words)))


def _axes(words: list[str]) -> Iterator[Dim]:
    for word in words:
        label, _, length = word.rpartition("=")
        length = length or label
        if length.isdecimal():
            yield int(length)
        elif "#" in word or word.startswith("_") or "?" in word:
            yield None  # May be stretched, or differs from one argument to the next.
        else:
            yield length
