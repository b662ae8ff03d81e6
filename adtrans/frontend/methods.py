"""Names of methods: which path of the rule table each one is, and which leave everything as it was."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """A set of words."""
    return frozenset(text.split())


NUMPY_METHODS = words(
    "sum mean max min prod std var dot copy reshape ravel squeeze transpose swapaxes clip round argmax "
    "argmin argsort searchsorted cumsum cumprod diagonal trace repeat take conj any all nonzero"
)
"""ndarray methods that are functions of NumPy."""

NDARRAY_METHODS = words(
    "compress flatten astype fill item tolist sort partition put setfield byteswap resize"
)
"""ndarray methods that are not, or do something else in place."""

INERT_ATTRIBUTES = words("shape ndim size dtype itemsize nbytes strides")
"""Attributes of arrays that never vary."""

DICT_METHODS = words("keys values items get update setdefault")

LIST_METHODS = {
    **dict.fromkeys(words("append extend remove"), (1,)),
    **dict.fromkeys(words("clear reverse"), (0,)),
    "insert": (2,),
    "pop": (0, 1, 2),
}
"""Methods of lists, with how many arguments they take; `d.pop(key, default)` is among them."""

MERGED_ARGUMENTS = frozenset(("reshape", "transpose"))
"""`x.reshape(2, 3)` is `np.reshape(x, (2, 3))`."""

PURE_METHODS = (NUMPY_METHODS | {"compress", "flatten", "astype", "item", "tolist"}) | words(
    "format join split strip lower upper startswith endswith replace rjust ljust center zfill "
    "get keys values items index count is_integer hex conjugate info debug warning error exception"
)
"""Methods that change neither their receiver nor their arguments."""

NUMPY_WRITERS = frozenset(
    f"numpy.{name}"
    for name in words(
        "add.at subtract.at multiply.at divide.at maximum.at minimum.at put copyto place putmask "
        "fill_diagonal put_along_axis random.shuffle ndarray.fill ndarray.sort ndarray.put "
        "ndarray.partition ndarray.setfield ndarray.byteswap ndarray.resize"
    )
)
"""Functions of NumPy that write to an argument (as every ufunc does with `out=`)."""

OPERATORS_IN_PLACE = words("add sub mul truediv floordiv mod pow matmul and or xor lshift rshift concat")
METHODS_THAT_CHANGE = (
    frozenset(DICT_METHODS - {"keys", "values", "items", "get"})
    | LIST_METHODS.keys()
    | {
        *words("popitem fill sort put partition setfield byteswap resize setflags"),
        *words("__setitem__ __delitem__ __setattr__ __delattr__ __setstate__"),
        *(f"__i{name}__" for name in OPERATORS_IN_PLACE),
    }
)
"""Methods that change their receiver: as values they may be called at any time."""

GIVE_NOTHING = words("append extend insert remove clear reverse update fill sort put partition")
"""Those of them that are called for that alone."""

IMPURE_BUILTINS = words("next setattr delattr exec eval")
