"""Arrays of rank 0: views of other arrays, and arrays of their own, that look like numbers."""

from __future__ import annotations

import pytest

from tests.test_beginnings import never_wrong

CASES = [
    """
def f(x): s = x[0, ...]; x *= 2.0; return s*x[1]
""",
    """
def f(x): s = x[:1].reshape(()); x *= 2.0; return s*x[1]
""",
    """
def f(x): s = x[..., 0]; x[0] = x[1]*x[2]; return s*s
""",
    """
def f(x): A = np.outer(x, x); s = np.diagonal(A)[..., 0]; A *= 2.0; return s*x[1]
""",
    """
def f(x): s = np.asarray(x[0, ...]); x *= 2.0; return s*x[1]
""",
    """
def f(x): s = np.split(x, 3)[0].reshape(()); x *= 2.0; return s*x[1]
""",
    """
def f(x): s = [x[0, ...]]; x *= 2.0; return s[0]*x[1]
""",
    """
def f(x): s = {'a': x[0, ...]}; x *= 2.0; return s['a']*x[1]
""",
    """
def g(u): return u[0, ...]
def f(x): s = g(x); x *= 2.0; return s*x[1]
""",
    """
def g(u, s): u *= 2.0; return s*u[1]
def f(x): return g(x, x[0, ...])
""",
    """
def f(x): s = x[0, ...]; x.fill(x[1]); return s*x[1]
""",
    """
def f(x): s = x[0, ...]; x.sort(); return s*x[1]
""",
    """
def f(x): s = x[0, ...]; np.add(x, 1.0, out=x); return s*x[1]
""",
    """
def f(x): s = x[0, ...]; np.copyto(x, x*2); return s*x[1]
""",
    """
def f(x): u = np.zeros(1); s = np.squeeze(u); u += x[0]; return s*1.0
""",
    """
def f(x): u = np.zeros(()); w = u.ravel(); w[0] = x[0]; return u*1.0
""",
    """
def f(x): u = np.zeros(()); w = np.atleast_1d(u); w += x[0]; return u*1.0
""",
    """
def f(x): s = x[0, ...] + 1.0; s += x[1]; return s*x[0]
""",
    """
def f(x): s = x[..., 0] + 1; s += x[1]; return s*x[0]
""",
    """
def f(x): s = x[:1].squeeze(0) + 1; s += x[1]; return s*x[0]
""",
    """
def f(x): s = x[0:1].reshape(()) + 1; s += x[1]; return s*x[0]
""",
    """
def f(x): s = np.asarray(x[0]) + 0; t = s; s += x[1]; return s*t
""",
    """
def f(x): s = +np.asarray(x[0]); t = s; s += x[1]; return s*t
""",
    """
def f(x): s = np.array(x[0]); t = s + 1; t += x[1]; return s*t
""",
    """
def g(s): s = s + 1; s += s; return s*s
def f(x): return g(x[0, ...])*x[0]
""",
    """
def f(x): s = x[0, ...]; y = s*s; x[0] = 3.0; return y*x[1]
""",
    """
def f(x): s = np.where(x[0] > 0, x[0], x[1]); x *= 2.0; return s*x[1]
""",
    """
def f(x):
    s = np.array(0.0)
    for i in range(3): s = s + x[i]*s + x[i]
    return s
""",
    """
def f(x): s = np.array(x[0]); x *= 2.0; return s*x[1]
""",
    """
def f(x): s = x.sum(); x *= 2.0; t = s; t += x[0]; return s*t
""",
]
"""Each was wrong in one mode at least: what is written to one name is seen under another."""


@pytest.mark.parametrize("k", range(len(CASES)))
def test_never_wrong(k: int) -> None:
    never_wrong(CASES[k])
