"""Dict comprehensions over what is written down, against differences."""

from __future__ import annotations

import numpy as np
import pytest

import adtrans
from adtrans import parse, pipeline
from tests.programs.oracle import judge

X = np.array([0.7, 1.3, 0.4])
HEAD = "import numpy as np\n\n\ndef f(x, y):\n"
RIGHT = {
    "range": "    q = {k: x * y + k for k in range(1, 3)}\n    return np.sum(q[1] * q[2])\n",
    "pairs": "    q = {k: x**n * y for k, n in (('a', 2), ('b', 3))}\n    return np.sum(q['a'] * q['b'])\n",
    "zip": "    q = {k: 2.0 * v for k, v in zip(('a', 'b'), (x, y))}\n    return np.sum(q['a'] * q['b'])\n",
    "names": "    q = {k: np.sum(x) * y for k in ['a', 'b']}\n    q['a'] = q['a'] * y\n"
    "    return sum(v * v for v in q.values())\n",
    "the same key": "    q = {k: v * y for k, v in (('a', x), ('a', y))}\n    return q['a'] * np.sum(x)\n",
    "the same name": "    v = y * y\n    q = {k: v * v for k, v in (('a', v), ('b', y))}\n"
    "    return q['a'] * q['b'] * v + np.sum(x)\n",
    "inactive": "    n = {k: len(k) for k in ('a', 'bb')}\n    return np.sum(x) * y * n['bb']\n",
}


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    outcome = judge(HEAD + RIGHT[name], (X, 0.7), order=2)
    assert outcome.verdict == "right", f"{outcome.verdict} {outcome.stage}: {outcome.detail}"


REFUSED = {
    "unknown keys": "    q = {k: x * y for k in keys}\n    return np.sum(q['a'])\n",
    "a condition": "    q = {k: x * k for k in range(3) if k}\n    return np.sum(q[1])\n",
    "captured": "    q = {k: sum(v * a for a in x) for k, v in (('a', y),)}\n    return q['a']\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    source = HEAD.replace("(x, y)", "(x, y, keys=('a',))") + REFUSED[name]
    with pytest.raises(adtrans.Refused) as error:
        pipeline.generate(parse.program(source, "model.py", "f"), pipeline.Request())
    assert error.value.diagnostics[0].code == "AD202"
