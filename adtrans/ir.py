"""The intermediate representation: whole expressions, structured control flow, nothing else.

Expressions are values: they compare by content (their place in the source does not count).
Statements are individuals: they compare by identity, so that analyses can keep their facts in
plain dicts keyed by the statement. Everything is frozen; a pass builds new statements with
`dataclasses.replace`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Literal

from adtrans.errors import Span

# ---------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Expr:
    """Base of all expressions.

    `free` keeps the names that it reads, once `walk.names` has looked, and `inner` what is in it, once
    `walk.subexpressions` has: nodes never change.
    """

    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)
    free: frozenset[str] | None = field(default=None, compare=False, repr=False, init=False)
    inner: tuple[Expr, ...] | None = field(default=None, compare=False, repr=False, init=False)


@dataclass(frozen=True, slots=True)
class Const(Expr):
    """A literal. `text` is the user's spelling of a number (`1e-3`), if it was written."""

    value: float | int | complex | bool | str | bytes | EllipsisType | None
    text: str | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Zero(Expr):
    """A derivative that is known to be zero, of whatever shape: not the number `0.0` of a user."""


@dataclass(frozen=True, slots=True)
class Name(Expr):
    """A local variable or parameter."""

    id: str


@dataclass(frozen=True, slots=True)
class Global(Expr):
    """Something that is bound outside the function and never varies: a module-level constant.

    `function` is the canonical path, where it is a function that is mentioned and not called.
    """

    id: str
    function: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Op(Expr):
    """An operator applied. Unary: `neg pos ~ not`; the others are spelled as in Python.

    `+ - * / // % ** @ & | ^ << >>`, `< <= > >= == !=`, `is`, `is not`, `in`, `not in`, `and`, `or`
    (the last two take two or more operands).
    """

    op: str
    args: tuple[Expr, ...]


BRACKETED = frozenset({"numpy.r_", "numpy.c_"})
"""What is a call of arrays, and written as an index: `np.r_[x, y]`."""

SURELY = "adtrans.surely"
"""A test of a test: whether that is known to hold before the program runs. It is always decided."""


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A call of a function that is known by its canonical path.

    `fn` is `numpy.sum`, `math.sin`, `builtins.len`, `list.append`, the path of a user function
    (a key of `Program.functions`), or `?.name` where the name means nothing to us.
    `style` is how it is written: `np.sum(x)`, `x.sum()` or `x.T`; the receiver is always args[0].
    `spelled` is the text before the parenthesis (`np.sum`; for a method or attribute its bare
    name); empty in templates, where the emitter finds the spelling.
    """

    fn: str
    args: tuple[Expr, ...]
    kwargs: tuple[tuple[str, Expr], ...] = ()
    style: Literal["function", "method", "attribute"] = field(default="function", compare=False)
    spelled: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Attr(Expr):
    """An attribute that never varies: `x.shape`, `x.ndim`, `x.size`, `x.dtype`, `np.float64`."""

    base: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Field(Expr):
    """An attribute of an object, of a class that is known: `self.w`. After parsing there is none."""

    base: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Index(Expr):
    """`base[index]`; several indices are one Tuple, and a slice is a Slice.

    `attribute`: it is written `base.name`, a field of an object that may vary, and the index is the name.
    """

    base: Expr
    index: Expr
    attribute: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Slice(Expr):
    """`lower:upper:step` inside an index."""

    lower: Expr | None = None
    upper: Expr | None = None
    step: Expr | None = None


@dataclass(frozen=True, slots=True)
class Tuple(Expr):
    """`(a, b)`; or `P(a, b)`, a named tuple: `names` are those of its parts, `spelled` that of its class."""

    elts: tuple[Expr, ...]
    names: tuple[str, ...] = field(default=(), compare=False)
    spelled: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class List(Expr):
    """`[a, b]`."""

    elts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Dict(Expr):
    """`{"a": a, "b": b}`, with keys that are written down."""

    keys: tuple[str | int, ...]
    elts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class IfExp(Expr):
    """`then if test else orelse`."""

    test: Expr
    then: Expr
    orelse: Expr


@dataclass(frozen=True, slots=True)
class Comprehension(Expr):
    """`[elt for target in iter if condition ...]`. After normalisation there is none.

    `flat`: the element is the rest of it, another comprehension whose elements are those of this one.
    """

    elt: Expr
    target: Expr
    iter: Expr
    conditions: tuple[Expr, ...] = ()
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Bind(Expr):
    """`(name := value)`. After normalisation there is none."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Star(Expr):
    """`*value` among the arguments of a call."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Spread(Expr):
    """A call with `*` and `**` arguments (the latter under the keyword `**`), to be written out where their
    lengths and keys are known; `otherwise` carries it as text. After `configure` there is none."""

    call: Call
    otherwise: Opaque


@dataclass(frozen=True, slots=True)
class Opaque(Expr):
    """An expression carried over as text, because nothing that varies depends on it.

    `reads` are the local names in it; `why` is the reason to give if it turns out to be active.
    `writes` are the names whose contents a call in it may change, as far as its text tells.
    """

    text: str
    reads: tuple[str, ...]
    why: str = field(default="", compare=False)
    writes: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Closure(Expr):
    """A function made here: a lambda. `path` is a key of `Program.functions`; `defaults` are what its
    parameters are bound to now. `otherwise` carries it as text, unless a call `changes` variables around
    it. After parsing there is none."""

    path: str
    otherwise: Opaque
    defaults: tuple[tuple[str, Expr], ...] = ()
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held(Expr):
    """A local variable that may hold a function or generator made here. After parsing there is none."""

    id: str
    otherwise: Opaque


@dataclass(frozen=True, slots=True)
class Apply(Expr):
    """A call of a value: `f(y, t)` where `f` is a variable. After parsing there is none."""

    function: Expr
    args: tuple[Expr, ...]
    kwargs: tuple[tuple[str, Expr], ...]
    otherwise: Opaque


# ----------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stmt:
    """Base of all statements.

    `text` is the user's own spelling of a simple statement (of the header line of a compound
    one): the emitter prints it as long as no pass has changed the statement; a pass that does
    change it sets it to None. `line` is the line it comes from, 0 for one that we made.
    `comments` are the whole-line comments above it (`# ...`), `trailing` the one behind it.
    `known` keeps the names that it reads and writes, once `walk` has looked: nodes never change.
    """

    span: Span | None = None
    text: str | None = None
    comments: tuple[str, ...] = ()
    trailing: str = ""
    blank_before: bool = False
    known: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, init=False)

    @property
    def line(self) -> int:
        return self.span.line if self.span else 0


Block = tuple[Stmt, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Assign(Stmt):
    """`target = value`. The target is a Name, an Index, or a Tuple of targets.

    After normalisation a Tuple stands only before the call of a user function.
    """

    target: Expr
    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class AugAssign(Stmt):
    """`target op= value`; `op` without the equals sign."""

    target: Expr
    op: str
    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class ExprStmt(Stmt):
    """A call for its effect: `ys.append(e)`, `fill(u)`."""

    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class If(Stmt):
    """`if test: body else: orelse`; `elif` is an If alone in `orelse`."""

    test: Expr
    body: Block
    orelse: Block = ()


@dataclass(frozen=True, slots=True, eq=False)
class For(Stmt):
    """`for target in iter: body else: orelse`. After normalisation there is no `orelse`, and an
    active iterable has become a range."""

    target: Expr
    iter: Expr
    body: Block
    orelse: Block = ()


@dataclass(frozen=True, slots=True, eq=False)
class While(Stmt):
    """`while test: body else: orelse`."""

    test: Expr
    body: Block
    orelse: Block = ()


@dataclass(frozen=True, slots=True, eq=False)
class Break(Stmt):
    """`break`."""


@dataclass(frozen=True, slots=True, eq=False)
class Continue(Stmt):
    """`continue`."""


@dataclass(frozen=True, slots=True, eq=False)
class Return(Stmt):
    """`return value`. After normalisation: the last statement of the function, and only there."""

    value: Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class Verbatim(Stmt):
    """A statement carried over as `text`: assert, print, raise, import, pass, string handling.

    `reads` and `writes` are the local names in it; `why` is the reason to give if it turns out
    that what it writes would have to be differentiated. `flags` are those it writes that only say what
    has happened.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    why: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Carried(Verbatim):
    """A block carried over as text; `lowered` is what it does, for the case that this is differentiated."""

    lowered: Block = ()


@dataclass(frozen=True, slots=True, eq=False)
class Enter(Verbatim):
    """`text` is a header, `with np.errstate(...):` or `try:`; it holds all up to the `Leave` of this block.

    Marks in the row of statements, not a node with a block: to every analysis what is between them is
    ordinary code. `again`: the backward sweep of what is between them stands in the same context.
    """

    again: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Leave(Verbatim):
    """The end of what an `Enter` holds; `text` is what follows: `except ...: raise ...`, `finally: ...`."""


@dataclass(frozen=True, slots=True, eq=False)
class Define(Stmt):
    """`def name(...)` inside a function; `otherwise` carries it as text. After parsing there is none."""

    name: str
    value: Closure
    otherwise: Verbatim


@dataclass(frozen=True, slots=True, eq=False)
class Note(Stmt):
    """A comment of ours: `# 8: y = y * np.sin(x)`. Without the `# `."""

    words: str


# ------------------------------------------------------------------- programs


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter: its annotation and default as they were written.

    `origin` is the attribute of the user's object that it stands for: `self.w`.
    `star` is `*` or `**` of one that takes all further arguments, `keyword` the name under which a caller
    gives one, if that is another.
    """

    name: str
    annotation: str | None = None
    default: Expr | None = None
    keyword_only: bool = False
    origin: str = ""
    star: str = ""
    keyword: str = ""
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One function: `path` is its canonical name, `text` its whole source as it was written.

    `captures` are the variables of the functions around it that it reads or rebinds, and `rebinds` those
    that it declares `nonlocal` and assigns. After parsing there are none.
    `solution` says that it stands for a solution found by a library, and of what: `root`, `integral`. Its
    value is its first argument; what it calls is solved (adtrans/solvers.py).
    """

    name: str
    path: str
    params: tuple[Param, ...]
    body: Block
    doc: str | None = None
    span: Span | None = None
    text: str = ""
    captures: tuple[str, ...] = ()
    rebinds: tuple[str, ...] = ()
    solution: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """`import module as alias` (`name` is None) or `from module import name as alias`."""

    module: str
    name: str | None
    alias: str


@dataclass(frozen=True, slots=True)
class Nested:
    """A derivative that the program itself asks for: what a function that is yet to be made will do.

    `form` is one of `grad value_and_grad jacfwd jacrev pullback pushforward jvp`; `of` the path of the
    function that is differentiated with respect to `wrt`. With `aux` its second result is not.
    """

    form: str
    of: str
    wrt: tuple[str, ...]
    aux: bool
    extra: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Custom:
    """The derivative rule that the user gives for a function of his own, as JAX has them.

    `form` is `vjp`: `functions` are the paths of `f_fwd(*args) -> (value, residuals)` and
    `f_bwd(*nondiff, residuals, value_bar) -> adjoints`; or `jvp`: the one is
    `f_jvp(*nondiff, primals, tangents) -> (value, value_dot)`. `nondiff` are positions of arguments.
    """

    form: Literal["vjp", "jvp"]
    functions: tuple[str, ...]
    nondiff: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A function, all user functions it can reach, and what they need from their modules.

    `functions` is keyed by canonical path, the entry first. `constants` maps the name of a module-level
    constant to the source of its value, and that of a class to its definition, in the order in which they
    are needed; `values` are those of constants that may be arrays. `standing` are the classes that stand
    for those of the program, if no number or array is an instance of them; `origins` exceptions, and those
    constants and functions that are from other modules than the entry to their file and the name that they
    have there.
    `nested` says which functions are derivatives of others, to be made when the kinds of their arguments
    are known.
    `customs` are the rules that functions have, by their paths; `stated` those of functions without a source,
    as texts of modules that hold them.
    `result` is the file and the name of the dataclass that the entry returns as a dict of its fields.
    `originals` are the functions as they were written, where `functions` are variants of them; `variants`
    says of which.
    """

    entry: str
    functions: Mapping[str, Function]
    imports: tuple[Import, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Expr] = field(default_factory=dict)
    standing: frozenset[str] = frozenset()
    origins: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    file: str = "<string>"
    sources: Mapping[str, str] = field(default_factory=dict)
    nested: Mapping[str, Nested] = field(default_factory=dict)
    originals: Mapping[str, Function] = field(default_factory=dict)
    variants: Mapping[str, str] = field(default_factory=dict)
    customs: Mapping[str, Custom] = field(default_factory=dict)
    stated: Mapping[str, str] = field(default_factory=dict)
    result: tuple[str, str] | None = None

    def custom(self, path: str) -> Custom | None:
        """The rule that the user gives for a function; a variant has that of the function as written."""
        return self.customs.get(self.variants.get(path, path))

    def original(self, path: str) -> Function | None:
        """The function as it was written that a call means, where it is one of the user's."""
        path = self.variants.get(path, path)
        return self.originals.get(path) or self.functions.get(path)
