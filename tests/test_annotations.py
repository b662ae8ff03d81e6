"""What annotations and signatures say."""

from __future__ import annotations

import pytest

from adtrans.annotations import SignatureError, kind_of_annotation, signature
from adtrans.kinds import BOOL, FLOAT, INT, NONE, STR, Array, ListOf, TupleOf


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("float", FLOAT),
        ("int", INT),
        ("bool", BOOL),
        ("str", STR),
        ("None", NONE),
        ("'float'", FLOAT),
        ("np.float64", Array("f8", ())),
        ("numpy.float32", Array("f4", ())),
        ("np.ndarray", Array("?", None)),
        ("NDArray[np.float64]", Array("f8", None)),
        ("npt.NDArray[np.float32]", Array("f4", None)),
        ("NDArray[np.int64]", Array("i", None)),
        ("NDArray[np.floating[Any]]", Array("?", None)),
        ("np.ndarray[tuple[int, int], np.dtype[np.float64]]", Array("f8", (None, None))),
        ("np.ndarray[Any, np.dtype[np.float64]]", Array("f8", None)),
        ('Float[np.ndarray, "n m"]', Array("?", ("n", "m"))),
        ('Float64[Array, "n 3"]', Array("f8", ("n", 3))),
        ('jaxtyping.Float32[Array, "#n k=4 _ n-1"]', Array("f4", (None, 4, None, "n-1"))),
        ('Float[Array, "*batch n"]', Array("?", None)),
        ('Float[Array, ""]', Array("?", ())),
        ('Int[Array, "n"]', Array("i", ("n",))),
        ("Annotated[float, 'metres']", FLOAT),
        ("list[float]", ListOf(FLOAT)),
        ("tuple[float, int]", TupleOf((FLOAT, INT))),
        ("tuple[float, ...]", None),
        ("float | None", None),
        ("Callable[[float], float]", None),
        ("SomeClass", None),
        ("not ( valid", None),
    ],
)
def test_annotations(text, kind):
    assert kind_of_annotation(text) == kind


def test_signature():
    text = "x: f8[:], A: f4[:, :], B: f8[:, 1], n: int, s: f8, flag: bool, C: f8[n, m], any: f8[...]"
    assert signature(text) == {
        "x": Array("f8", ("x.0",)),
        "A": Array("f4", ("A.0", "A.1")),
        "B": Array("f8", ("B.0", 1)),
        "n": INT,
        "s": Array("f8", ()),
        "flag": BOOL,
        "C": Array("f8", ("n", "m")),
        "any": Array("f8", None),
    }
    assert signature("") == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x", "`x` has no type"),
        ("x: thing", "`thing` is no type that adtrans knows"),
        ("x: f8[1:]", r"`f8\[1:\]` is no type"),
        ("x: f8[:,", "not a signature"),
        ("x: f8 = 1.0", "no defaults"),
        ("*x: f8", "no stars"),
        ("x: f8, x: f4", "twice"),
        ("x: f8): pass\ndef g(y", "not a signature"),
        ("x: f8) -> (float", "not a signature"),
    ],
)
def test_bad_signatures(text, words):
    with pytest.raises(SignatureError, match=words):
        signature(text)
