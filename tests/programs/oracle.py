"""The judge: is what adtrans makes of a program right?

Nothing is compared with another derivation alone: the gradient is compared with differences of the
primal, the second order with differences of the gradient. A program is `right`, `refused` (with the
codes), `wrong`, `crashed`, or `skipped` (where differences cannot judge).
"""

from __future__ import annotations

import ast
import contextlib
import copy
import hashlib
import io
import os
import signal
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from adtrans.load import register
from tests.programs.differences import (
    FINER,
    Primal,
    Reference,
    Unstable,
    Vector,
    active_positions,
    along,
    fixed,
    pack,
    parts,
    reference,
    unpack,
)
from tests.programs.single import double, is_single, single_reference

Verdict = Literal["right", "refused", "wrong", "crashed", "skipped"]
TIMEOUT = 40.0
UNFORMATTED = "ADTRANS_UNFORMATTED" in os.environ
"""For long campaigns: no program's module is formatted."""


@dataclass(frozen=True)
class Outcome:
    """What became of one program. `stage` is the check that failed."""

    verdict: Verdict
    detail: str = ""
    codes: tuple[str, ...] = ()
    stage: str = ""
    messages: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        return self.verdict in ("wrong", "crashed")


class Wrong(Exception):
    """A check that failed: its name and what was seen."""

    def __init__(self, stage: str, detail: str) -> None:
        super().__init__(f"{stage}: {detail}")
        self.stage = stage
        self.detail = detail


class Timeout(Exception):
    """The program or the compiler ran for too long."""


def judge(
    source: str, args: Sequence[object], order: int = 1, thorough: bool = True, name: str = "f"
) -> Outcome:
    """Differentiate `name` of a module in every way and compare.

    `order=2` adds second derivatives. `thorough` adds the checks of the text, which cost a second
    compilation; without it the text is not formatted, which takes a third of the time.
    """
    with contextlib.nullcontext() if thorough and not UNFORMATTED else unformatted():
        first = outcome(lambda: check(source, args, 1, thorough, name))
        if first.verdict != "right" or order == 1:
            return first
        second = outcome(lambda: check(source, args, 2, thorough, name))
        return replace(second, stage=f"order 2 {second.stage}".strip())


@contextlib.contextmanager
def unformatted() -> Iterator[None]:
    """Modules as they are before black: the same program."""
    from adtrans import emit

    formatted = emit.formatted
    emit.formatted = lambda text: text
    try:
        yield
    finally:
        emit.formatted = formatted


def check(source: str, args: Sequence[object], order: int, thorough: bool, name: str) -> Outcome:
    """First derivatives, or, where these are known to be right, second ones."""
    return check_with(Judge, source, args, order, thorough, name)


def check_with(
    make: Callable[[str, str, Primal, Reference, bool], Judge],
    source: str,
    args: Sequence[object],
    order: int,
    thorough: bool,
    name: str,
) -> Outcome:
    """The same with a judge of another sort."""
    primal, truth = run_primal(source, args, name)
    found = make(source, name, primal, truth, thorough)
    return found.first() if order == 1 else found.second()


def outcome(run: Callable[[], Outcome]) -> Outcome:
    """What becomes of a check, whatever it raises."""
    from adtrans.errors import AdtransError, Refused

    try:
        with quiet(), deadline(TIMEOUT):
            return run()
    except Unstable as error:
        return Outcome("skipped", str(error))
    except Refused as error:
        codes = tuple(sorted({d.code for d in error.diagnostics}))
        messages = tuple(sorted({f"{d.code} {d.message}" for d in error.diagnostics}))
        internal = any(code.startswith("AD9") for code in codes)
        return Outcome(
            "crashed" if internal else "refused", str(error), codes, "internal" if internal else "", messages
        )
    except AdtransError as error:
        return Outcome("refused", str(error), (type(error).__name__,))
    except Wrong as error:
        return Outcome("wrong", error.detail, stage=error.stage)
    except TypeError as error:
        if "array of integers is rounded" not in str(error):
            return crashed(error)
        return Outcome("refused", str(error), ("TypeError",), messages=("an array of integers is rounded",))
    except Timeout:
        return Outcome("crashed", f"more than {TIMEOUT} s", stage="timeout")
    except Exception as error:
        return crashed(error)


def crashed(error: Exception) -> Outcome:
    return Outcome("crashed", "".join(traceback.format_exception(error, limit=-6)), stage=where(error))


def where(error: Exception) -> str:
    """The kind of a crash, for the table: the exception and the function it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {frames[-1].name if frames else '?'}"


def run_primal(source: str, args: Sequence[object], name: str = "f") -> tuple[Primal, Reference]:
    """The primal of a program, and what differences say of it; raises `Unstable`."""
    primal = loaded(source, args, name)
    try:
        if is_single(source, primal.args):
            return primal, single_reference(primal, loaded(*double(source, primal.args), name))
        return primal, reference(primal)
    except Unstable:
        raise
    except Exception as error:
        raise Unstable(f"the primal raises {type(error).__name__}") from error


def loaded(source: str, args: Sequence[object], name: str) -> Primal:
    space: dict[str, Any] = {"__name__": "primal"}
    register(source, "<primal>")  # a gradient in it asks for the source
    exec(compile(source, "<primal>", "exec", dont_inherit=True), space)
    return Primal(space[name], args)


class Judge:
    """The checks, for one program."""

    def __init__(self, source: str, name: str, primal: Primal, truth: Reference, thorough: bool) -> None:
        import adtrans

        self.ad: Any = adtrans
        self.source, self.name = source, name
        self.primal, self.truth, self.thorough = primal, truth, thorough
        self.args = primal.args
        self.wrt = active_positions(primal.args)
        self.inputs: list[Any] = [self.args[i] for i in self.wrt]
        self.f = adtrans.from_source(source, name)
        rng = np.random.default_rng(7)
        size, count = truth.jacobian.shape
        self.scalar = parts(truth.value) is None and np.ndim(truth.value) == 0
        self.y_bar: Vector = np.ones(1) if self.scalar else rng.uniform(0.5, 1.5, (size,))
        self.x_dot: Vector = rng.uniform(-1.0, 1.0, (count,))

    def first(self) -> Outcome:
        if not self.wrt:
            return Outcome("skipped", "no argument that can vary")
        x_bar = self.reverse()
        if "custom_vjp" not in self.source:  # Such a rule is for reverse mode alone.
            self.forward(x_bar)
        if self.thorough and self.scalar:
            self.pullback(x_bar)
        return Outcome("right")

    # ------------------------------------------------------------ first order

    def reverse(self) -> Vector:
        """The gradient is that of differences, the value that of the primal."""
        if not self.scalar:
            return self.pullback(None)
        made = self.ad.value_and_grad(self.f, argnums=self.wrt)
        value, bars = self.untouched("reverse", lambda args: made(*args))
        self.same_value("reverse", value)
        x_bar = self.shaped("reverse", bars)
        self.close("reverse", x_bar, self.y_bar @ self.truth.jacobian, lambda: self.y_bar @ self.finer())
        self.text(made.source, value, x_bar)
        if self.thorough:
            again = self.ad.value_and_grad(self.ad.from_source(self.source, self.name), argnums=self.wrt)
            again(*copy.deepcopy(self.args))
            if again.source != made.source:
                raise Wrong("text", "it differs from one generation to the next")
        return x_bar

    def pullback(self, expected: Vector | None) -> Vector:
        """The split form: the pullback may be called twice, and gives the same as `grad`."""
        value, back = self.untouched("vjp", lambda args: self.ad.vjp(self.f, *args, argnums=self.wrt))
        self.same_value("vjp", value)
        seed = unpack(self.y_bar, self.truth.value)
        kept = copy.deepcopy(seed)
        x_bar = self.shaped("vjp", back(seed))
        if not np.array_equal(pack(seed), pack(kept)):
            raise Wrong("vjp", "the pullback writes into the seed")
        self.close("vjp", x_bar, self.y_bar @ self.truth.jacobian, lambda: self.y_bar @ self.finer())
        if expected is not None and not np.allclose(x_bar, expected, 1e-9, 1e-12 + self.truth.rounding):
            raise Wrong("vjp", f"{x_bar} from vjp, {expected} from grad")
        if self.thorough and not np.array_equal(pack(back(unpack(self.y_bar, self.truth.value))), x_bar):
            raise Wrong("vjp", "the pullback gives something else when it is called again")
        return x_bar

    def forward(self, x_bar: Vector) -> None:
        """The tangent is that of differences, and pairs with the gradient."""
        dots: list[Any] = [None] * len(self.args)
        for i, dot in zip(self.wrt, unpack(self.x_dot, self.inputs), strict=True):
            dots[i] = dot
        value, y_dot = self.untouched("forward", lambda args: self.ad.jvp(self.f, args, tuple(dots)))
        self.same_value("forward", value)
        tangent = pack(y_dot)
        self.close("forward", tangent, self.truth.jacobian @ self.x_dot, lambda: self.finer() @ self.x_dot)
        left, right = self.y_bar * tangent, x_bar * self.x_dot
        size = np.sum(np.abs(left)) + np.sum(np.abs(right)) + 1e-6
        # Where all terms cancel, what is left is the rounding of terms of the size of the value.
        floor = 64 * np.finfo(float).eps * (1.0 + np.max(np.abs(pack(value)), initial=0.0))
        allowed = 1e-9 * size + floor + self.truth.rounding * (len(left) + len(right))
        if abs(np.sum(left) - np.sum(right)) > allowed:
            raise Wrong(
                "dot product", f"<y_bar, y_dot> = {np.sum(left)!r}, <x_bar, x_dot> = {np.sum(right)!r}"
            )

    # ----------------------------------------------------------- second order

    def second(self) -> Outcome:
        """Forward over reverse, and reverse over reverse, against differences of the gradient."""
        if not self.scalar:
            return Outcome("right")
        single = len(self.wrt) == 1
        wrt = self.wrt[0] if single else self.wrt
        gradient = self.ad.grad(self.f, argnums=wrt)
        slopes = Primal(lambda *args: gradient(*args), self.args)
        try:
            truth, error = along(slopes.vector, slopes.point, self.x_dot)
        except Unstable:
            return Outcome("right", "the gradient is not smooth enough to be judged")

        def finer() -> Vector:
            return along(slopes.vector, slopes.point, self.x_dot, FINER)[0]

        moves = unpack(self.x_dot, self.inputs)
        directions: list[Any] = [None] * len(self.args)
        for i, move in zip(self.wrt, moves, strict=True):
            directions[i] = move
        product = pack(self.untouched("hvp", lambda args: self.ad.hvp(self.f, args, tuple(directions))))
        self.close("hvp", product, truth, finer, error)
        if self.thorough:
            _, back = self.ad.vjp(gradient, *copy.deepcopy(self.args), argnums=wrt)
            seed = moves[0] if single else tuple(moves)
            self.close("reverse over reverse", pack(back(seed)), truth, finer, error)
        return Outcome("right")

    # ----------------------------------------------------------------- pieces

    def finer(self) -> NDArray[np.float64]:
        """The Jacobian by differences of smaller steps."""
        return self.truth.jacobian if self.truth.rounding else reference(self.primal, FINER).jacobian

    def overflows(self) -> bool:
        """Whether a number on the way to the value is too large for a float."""
        try:
            with np.errstate(over="raise"):
                self.primal.function(*copy.deepcopy(self.args))
        except FloatingPointError:
            return True
        return False

    def untouched(self, stage: str, run: Callable[[tuple[Any, ...]], Any]) -> Any:
        """Run on copies of the arguments, and see that they are as before."""
        args = copy.deepcopy(self.args)
        result = run(args)
        for before, after in zip(self.args, args, strict=True):
            if not unchanged(before, after):
                raise Wrong(stage, f"an argument was changed from {before} to {after}")
        return result

    def same_value(self, stage: str, value: Any) -> None:
        """The value of the primal, bit for bit. A gradient that the primal asks for is a derivative of its
        own, with the captured numbers written into it: it computes the same in another order."""
        if "adtrans." in self.source and np.allclose(pack(value), pack(self.truth.value), 1e-13, 1e-15):
            return
        if not identical(value, self.truth.value):
            raise Wrong(stage, f"the value is {value!r}, that of the primal {self.truth.value!r}")

    def shaped(self, stage: str, bars: Any) -> Vector:
        """The adjoints as one vector, after a look at their shapes and dtypes."""
        if not isinstance(bars, tuple) or len(bars) != len(self.inputs):
            raise Wrong(stage, f"adjoints {bars!r} for {len(self.inputs)} arguments")
        for bar, given in pairs(bars, tuple(self.inputs), stage):
            if np.shape(bar) != np.shape(given):
                raise Wrong(
                    stage, f"an adjoint of shape {np.shape(bar)} for an argument of shape {np.shape(given)}"
                )
            if np.ndim(given) > 0 and not isinstance(bar, np.ndarray):
                raise Wrong(stage, f"an adjoint that is a {type(bar).__name__} of an array")
            if np.asarray(bar).dtype != np.asarray(1.0 * given).dtype:
                raise Wrong(stage, f"an adjoint of dtype {np.asarray(bar).dtype}")
        return pack(bars)

    def close(
        self,
        stage: str,
        found: Vector,
        truth: Vector,
        finer: Callable[[], Vector],
        error: float | None = None,
    ) -> None:
        """Compare with differences. Where they do not agree, `finer` steps tell whether these can be trusted:
        of `np.sin(1e6 * x)` large ones see nothing."""
        if found.shape != truth.shape:
            raise Wrong(stage, f"{found.shape} instead of {truth.shape}")
        error = self.truth.error * len(self.y_bar) if error is None else error
        scale = float(np.max(np.abs(truth), initial=0.0))
        value = float(np.max(np.abs(pack(self.truth.value)), initial=0.0))
        tolerance = 1e-6 * scale + 1e-8 * (1.0 + value) + 20 * error + self.truth.rounding * len(self.y_bar)
        if np.all(np.abs(found - truth) <= tolerance):
            return
        if np.any(np.isnan(found)) and self.overflows():
            raise Unstable("the primal overflows on the way: its slopes are infinite, times zero")
        closer = finer()
        if np.all(np.abs(found - closer) <= tolerance):
            return
        if not np.all(np.abs(truth - closer) <= tolerance):
            raise Unstable("differences that depend on the step")
        raise Wrong(stage, f"{found}\n  instead of {truth}\n  allowed    {tolerance:.1e}")

    def text(self, module: str, value: Any, x_bar: Vector) -> None:
        """The emitted module stands alone, and gives the same numbers."""
        imported = imports(module)
        if not imported <= {"numpy", "math", "copy", "dataclasses", *imports(self.source)}:
            raise Wrong("text", f"the module imports {sorted(imported)}")
        space: dict[str, Any] = {"__name__": "derivative"}
        exec(compile(module, "<derivative>", "exec"), space)
        sweep = space.get(f"{self.name}_vjp_", space.get(f"{self.name}_vjp"))  # The program may have one.
        if sweep is None:
            return
        given = set(range(len(self.args)))
        if given >= set(range(sweep.__code__.co_argcount - 1)):
            found = sweep(*copy.deepcopy(self.args))
            if not identical(found[0], value) or not np.array_equal(pack(found[1]), x_bar):
                raise Wrong("text", "the module on its own gives other numbers")


def digest(seeds: Iterable[int]) -> str:
    """A hash of the derivative modules of random programs."""
    from adtrans import parse, pipeline
    from adtrans.errors import Refused
    from adtrans.signature import kinds_of
    from tests.programs.generator import generate

    found = hashlib.sha256()
    for seed in seeds:
        case = generate(seed)
        program = parse.program(case.source, "<digest>", "f")
        names = [p.name for p in program.functions[program.entry].params]
        given = names[: len(case.args)]
        kinds = dict(zip(given, kinds_of(case.args, given), strict=True))
        for mode, split in (("reverse", False), ("reverse", True), ("forward", False)):
            try:
                text = pipeline.generate(program, pipeline.Request(mode, kinds=kinds, split=split)).text
            except Refused as error:
                text = str(error)
            found.update(text.encode())
    return found.hexdigest()


def unchanged(before: Any, after: Any) -> bool:
    inner, other = parts(before), parts(after)
    if inner is None or other is None:
        return np.array_equal(np.asarray(before), np.asarray(after))
    same = type(before) is type(after) and len(inner) == len(other)
    return same and all(map(unchanged, inner, other))


def pairs(found: Any, given: Any, stage: str) -> Iterator[tuple[Any, Any]]:
    """The numbers and arrays in an adjoint, each with what it is the adjoint of; they have one structure."""
    inner = parts(given)
    if inner is None:
        if not fixed(given):
            yield found, given
        return
    others = parts(found)
    if others is None or type(found) is not type(given) or len(others) != len(inner):
        raise Wrong(stage, f"an adjoint of another structure: {found!r} for {given!r}")
    if isinstance(given, dict) and list(found) != list(given):
        raise Wrong(stage, f"an adjoint with other keys: {list(found)}")
    for one, other in zip(others, inner, strict=True):
        yield from pairs(one, other, stage)


def identical(a: Any, b: Any) -> bool:
    """Equal bit for bit."""
    inner, other = parts(a), parts(b)
    if inner is not None or other is not None:
        if inner is None or other is None or type(a) is not type(b) or len(inner) != len(other):
            return False
        keys = list(a) == list(b) if isinstance(a, dict) else True
        return keys and all(map(identical, inner, other))
    left, right = np.asarray(a), np.asarray(b)
    return left.shape == right.shape and left.dtype == right.dtype and left.tobytes() == right.tobytes()


# ------------------------------------------------------------------- surroundings


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """No output and no warnings of the programs."""
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise `Timeout` when the block takes longer."""

    def expire(number: int, frame: FrameType | None) -> None:
        raise Timeout

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def imports(text: str) -> set[str]:
    """The top-level modules that a text imports."""
    return {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        for name in ([a.name for a in node.names] if isinstance(node, ast.Import) else [])
        + ([node.module or ""] if isinstance(node, ast.ImportFrom) else [])
    }
