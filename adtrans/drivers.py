"""The few lines that turn the module of a derivative into a function that can be differentiated again.

def f_grad(x, n):
    \"\"\"Return the gradient of `f` with respect to `x`.\"\"\"
    value, x_bar = f_vjp(x, n, 1.0)
    return x_bar
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adtrans.compiled import Compiled
from adtrans.kinds import Array, Kind
from adtrans.names import Names


@dataclass
class Driver:
    """One function to be written: what it calls, and with respect to what."""

    name: str
    primal: str
    made: Compiled
    params: Mapping[str, Kind | None]
    wrt: tuple[str, ...]
    aux: int
    extra: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.names = Names(
            {*self.params, *self.extra, *(e.name for e in self.made.entries), self.name, "numpy"}
        )
        self.primaries = self.made.results - self.aux

    def write(self, form: str) -> str:
        """The text of the function for one of the forms of a view."""
        match form:
            case "grad" | "value_and_grad":
                return self.gradient(form == "value_and_grad")
            case "pullback":
                return self.pullback()
            case "pushforward" | "jvp":
                return self.pushforward(form == "jvp")
            case "jacfwd":
                return self.forward_jacobian()
        return self.reverse_jacobian()

    # ------------------------------------------------------------------ forms

    def gradient(self, with_value: bool) -> str:
        value, bars = self.names.fresh("value"), self.bars()
        head = [f"{value}, {_row(bars)} = {self.call(['1.0'])}"]
        if self.aux:
            results = self.names.fresh("results")
            aux = self.names.fresh("aux")
            head = [f"{results}, {_row(bars)} = {self.call(['1.0'])}", f"{value}, {aux} = {results}"]
            bars = [*bars, aux]
        lines = [f"return {', '.join([value, *bars] if with_value else bars)}"]
        if self.made.ranks[0] is None:
            lines.insert(0, f'assert numpy.ndim({value}) == 0, "the value of {self.primal} is not a number"')
        what = "the value and the gradient" if with_value else "the gradient"
        return self.function([], what, [*head, *lines])

    def pullback(self) -> str:
        value, bars = self.names.fresh("value"), self.bars()
        lines = [f"{value}, {_row(bars)} = {self.call([*self.extra])}", f"return {', '.join(bars)}"]
        return self.function([*self.extra], "the adjoint", lines)

    def pushforward(self, with_value: bool) -> str:
        value, dots = self.names.fresh("value"), self.dots()
        returned = ", ".join([value, *dots] if with_value else dots)
        lines = [f"{value}, {_row(dots)} = {self.call([*self.extra])}", f"return {returned}"]
        return self.function([*self.extra], "the tangent", lines)

    def forward_jacobian(self) -> str:
        lines: list[str] = []
        found = [[""] * len(self.wrt) for _ in range(self.primaries)]
        value = self.names.fresh("value")
        for column, name in enumerate(self.wrt):
            dots = self.dots()
            if self.rank(name) == 0:
                tangents = [self.unit(other, name, "1.0") for other in self.wrt]
                lines.append(f"{value}, {_row(dots)} = {self.call(tangents)}")
                for row, dot in enumerate(dots):
                    found[row][column] = dot
                continue
            basis, index = self.names.fresh(f"{name}_basis"), self.names.fresh("k")
            made = [self.names.fresh(f"{dot}s") for dot in dots]
            if any(self.made.ranks[row] != 0 for row in range(self.primaries)):
                # One sweep more, for the shapes of the results.
                nothing = [self.unit(other, "", "") for other in self.wrt]
                lines.append(f"{value}, {_row(dots)} = {self.call(nothing)}")
            lines.append(f"{basis} = numpy.eye(numpy.size({name}), dtype={self.dtype(name)})")
            for row, columns in enumerate(made):
                shape = ", ".join([*self.result_lengths(value, row), f"numpy.size({name})"])
                lines.append(f"{columns} = numpy.zeros(({shape},), dtype={self.dtype(name)})")
            tangents = [self.unit(other, name, self.line(basis, index, name)) for other in self.wrt]
            lines.append(f"for {index} in range(numpy.size({name})):")
            lines.append(f"    {value}, {_row(dots)} = {self.call(tangents)}")
            for row, (columns, dot) in enumerate(zip(made, dots, strict=True)):
                where = index if self.made.ranks[row] == 0 else f"..., {index}"
                lines.append(f"    {columns}[{where}] = {dot}")
            for row, (columns, dot) in enumerate(zip(made, dots, strict=True)):
                found[row][column] = columns
                if self.rank(name) != 1:
                    found[row][column] = self.names.fresh(f"{dot}_jacobian")
                    shape = f"numpy.shape({columns})[:-1] + numpy.shape({name})"
                    lines.append(f"{found[row][column]} = numpy.reshape({columns}, {shape})")
        results = [entry for row in found for entry in row]
        results += [f"{value}[{self.primaries}]"] if self.aux else []
        return self.function([], "the Jacobian", [*lines, f"return {', '.join(results)}"])

    def reverse_jacobian(self) -> str:
        if len(self.made.entries) == 1:
            return self.reverse_jacobian_of_numbers()
        value, kept = self.names.fresh("value"), self.names.fresh("kept")
        parts = [value]
        lines = [f"{value}, {kept} = {self.call([])}"]
        if self.made.results > 1:
            parts = [self.names.fresh(f"value_{i}") for i in range(self.made.results)]
            lines.append(f"{', '.join(parts)} = {value}")
        found: list[str] = []
        for row in self.made.seeded:
            bars = self.bars()
            if self.made.ranks[row] == 0:
                lines.append(f"{_row(bars)} = {self.back(kept, parts, row, '1.0')}")
                found += bars
                continue
            part, basis, index = parts[row], self.names.fresh("basis"), self.names.fresh("k")
            rows = [self.names.fresh(f"{bar}s") for bar in bars]
            seed = self.line(basis, index, part, self.made.ranks[row])
            lines.append(f"{basis} = numpy.eye(numpy.size({part}))")
            for made, name in zip(rows, self.wrt, strict=True):
                shape = ", ".join([f"numpy.size({part})", *self.lengths(name)])
                lines.append(f"{made} = numpy.zeros(({shape},), dtype={self.dtype(name)})")
            lines.append(f"for {index} in range(numpy.size({part})):")
            lines.append(f"    {_row(bars)} = {self.back(kept, parts, row, seed)}")
            lines += [f"    {made}[{index}] = {bar}" for made, bar in zip(rows, bars, strict=True)]
            for made, name, bar in zip(rows, self.wrt, bars, strict=True):
                found.append(made)
                if self.made.ranks[row] != 1:
                    shape = f"numpy.shape({part}) + numpy.shape({name})"
                    found[-1] = self.names.fresh(f"{bar}_jacobian")
                    lines.append(f"{found[-1]} = numpy.reshape({made}, {shape})")
        found += parts[self.primaries :] if self.aux else []
        return self.function([], "the Jacobian", [*lines, f"return {', '.join(found)}"])

    def reverse_jacobian_of_numbers(self) -> str:
        lines, found, value = [], [], self.names.fresh("value")
        for row in self.made.seeded:
            bars = self.bars()
            seeds = ["1.0" if other == row else "0.0" for other in self.made.seeded]
            lines.append(f"{value}, {_row(bars)} = {self.call(seeds)}")
            found += bars
        found += [f"{value}[{self.primaries}]"] if self.aux else []
        return self.function([], "the Jacobian", [*lines, f"return {', '.join(found)}"])

    # ------------------------------------------------------------------ pieces

    def function(self, more: list[str], what: str, lines: list[str]) -> str:
        wrt = ", ".join(f"`{name}`" for name in self.wrt)
        doc = f'"""Return {what} of `{self.primal}` with respect to {wrt}."""'
        body = "".join(f"    {line}\n" for line in [doc, *lines])
        needs = "import numpy\n\n\n" if "numpy." in body else ""
        return f"{needs}def {self.name}({', '.join([*self.params, *more])}):\n{body}"

    def call(self, more: list[str]) -> str:
        entry = self.made.entries[0]
        others = [p for p in entry.params if p not in self.params]
        return entry.call({p: p for p in self.params} | dict(zip(others, more, strict=True)))

    def back(self, kept: str, parts: list[str], row: int, seed: str) -> str:
        seeds = [seed if other == row else self.zero(parts[other], other) for other in self.made.seeded]
        entry = self.made.entries[1]
        return entry.call(dict(zip(entry.params, [kept, *seeds], strict=True)))

    def line(self, basis: str, index: str, of: str, rank: int | None = None) -> str:
        """A line of the identity matrix, in the shape of what it is a direction of."""
        if (self.rank(of) if of in self.params else rank) == 1:
            return f"{basis}[{index}]"
        return f"numpy.reshape({basis}[{index}], numpy.shape({of}))"

    def result_lengths(self, value: str, row: int) -> list[str]:
        """The lengths of the axes of a result."""
        rank, part = self.made.ranks[row], value if self.made.results == 1 else f"{value}[{row}]"
        if rank is None:
            return [f"*numpy.shape({part})"]
        return [f"numpy.shape({part})[{axis}]" for axis in range(rank)]

    def lengths(self, name: str) -> list[str]:
        """The lengths of the axes of an argument."""
        rank = self.rank(name)
        if rank is None:
            return [f"*numpy.shape({name})"]
        return [f"numpy.shape({name})[{axis}]" for axis in range(rank)]

    def zero(self, part: str, row: int) -> str:
        return "0.0" if self.made.ranks[row] == 0 else f"numpy.zeros_like({part})"

    def unit(self, other: str, name: str, tangent: str) -> str:
        """The tangent of one argument while another is varied."""
        if other == name:
            return tangent
        return "0.0" if self.rank(other) == 0 else f"numpy.zeros_like({other})"

    def bars(self) -> list[str]:
        return [self.names.fresh(f"{name}_bar") for name in self.wrt]

    def dots(self) -> list[str]:
        single = self.primaries == 1
        return [self.names.fresh("value_dot" if single else f"value_{i}_dot") for i in range(self.primaries)]

    def rank(self, name: str) -> int | None:
        kind = self.params[name]
        return kind.rank if isinstance(kind, Array) else None

    def dtype(self, name: str) -> str:
        return f"{name}.dtype" if self.rank(name) else "float"


def _row(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"({', '.join(names)})"
