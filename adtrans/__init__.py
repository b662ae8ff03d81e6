"""adtrans: derivatives of Python functions, as Python source.

>>> import adtrans
>>> import numpy as np
>>> @adtrans.grad
... def slope(x):
...     return np.sum(x * x)
>>> slope(np.array([1.0, 3.0]))
array([2., 6.])

Nothing is traced: the source of the function is read, the source of its derivative is written, and
`slope.source` is that text.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adtrans.api import (
        differentiable,
        from_source,
        grad,
        hessian,
        hvp,
        jacfwd,
        jacobian,
        jacrev,
        jvp,
        stop_gradient,
        value_and_grad,
        vjp,
    )
    from adtrans.check import GradientCheckError, check_grads
    from adtrans.custom import custom_jvp, custom_vjp
    from adtrans.errors import (
        AdtransError,
        ArgumentError,
        Diagnostic,
        NonDifferentiableArgumentError,
        NotScalarError,
        Refused,
        Span,
    )
    from adtrans.own_rules import partials

__version__ = "0.1.0"

__all__ = [
    "AdtransError",
    "ArgumentError",
    "Diagnostic",
    "GradientCheckError",
    "NonDifferentiableArgumentError",
    "NotScalarError",
    "Refused",
    "Span",
    "check_grads",
    "custom_jvp",
    "custom_vjp",
    "differentiable",
    "from_source",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "partials",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]

_ELSEWHERE = {
    **dict.fromkeys(("GradientCheckError", "check_grads"), "check"),
    **dict.fromkeys(("custom_jvp", "custom_vjp"), "custom"),
    "partials": "own_rules",
} | dict.fromkeys((name for name in __all__ if name[0].isupper() and name != "GradientCheckError"), "errors")


def __getattr__(name: str) -> Any:
    """Loaded when first asked for: whoever wants one module does not pay for the rest."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"adtrans.{_ELSEWHERE.get(name, 'api')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
