"""How everything that is not local is called in an emitted module, and what must be imported for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from adtrans import ir, walk
from adtrans.builtin_names import BUILTINS
from adtrans.helpers import is_helper, required
from adtrans.interpolants import CALLED
from adtrans.names import Names
from adtrans.printer import PrintError

CONVENTIONS = {"numpy": "np"}
ROOTS = {"np": "numpy", "numpy": "numpy", "math": "math"}
"""What the first part of a global means where the user binds no such name: templates say `np.pi`."""


class Spelling:
    """The names of one emitted module. Asking for a function that needs an import adds the import."""

    def __init__(self, functions: Sequence[ir.Function], program: ir.Program) -> None:
        self.program = program
        self.functions = {f.path: f.name for f in functions}
        self.user_imports = tuple(i for i in program.imports if i.module.partition(".")[0] != "adtrans")
        self.added: list[ir.Import] = []
        self.bound = {bound_name(i) for i in self.user_imports} | {
            *program.constants,
            *self.functions.values(),
        }
        self.helpers = required(helper_paths(functions))
        self.locals = set().union(*map(local_names, functions), *(h.locals for h in self.helpers))
        self._names = Names(self.bound | self.locals)
        self.helper_names = {h.path: self._names.fresh(h.name) for h in self.helpers}

    def spell(self, expr: ir.Call | ir.Global) -> str:
        """The text for a function or a global."""
        return self._global(expr) if isinstance(expr, ir.Global) else self._function(expr)

    def _function(self, call: ir.Call) -> str:
        if call.fn in self.functions:
            return self.functions[call.fn]
        if call.fn in self.program.functions:
            raise PrintError(f"a call of {call.fn}, which is not in the module")
        if call.fn in self.helper_names:  # The user may have a name for something else that is like it.
            return self.helper_names[call.fn]
        if call.spelled and self.knows(call.spelled):
            return call.spelled
        if call.fn.startswith("?."):
            return call.spelled or call.fn[2:]
        return self.path(call.fn.removesuffix(CALLED))

    def _global(self, expr: ir.Global) -> str:
        if expr.function in self.functions:
            return self.functions[expr.function]
        root, _, rest = expr.id.partition(".")
        if root in self.bound:
            return expr.id
        if root in ROOTS and rest:
            return self.path(f"{ROOTS[root]}.{rest}")
        if root in BUILTINS:
            return self.path(f"builtins.{expr.id}")
        return expr.id

    def knows(self, spelled: str) -> bool:
        """Whether the user's own spelling means something here."""
        root = spelled.partition(".")[0]
        return root in self.bound or root in self.locals or root in BUILTINS

    def path(self, path: str) -> str:
        """The text for something under its canonical path."""
        if path in self.helper_names:
            return self.helper_names[path]
        if path.startswith("adtrans."):
            raise PrintError(f"{path} has no place in an emitted module")
        module, _, name = path.partition(".")
        if module == "builtins" and name not in self.bound | self.locals:
            return name
        return self._imported(path)

    def _imported(self, path: str) -> str:
        """Through the import that leads nearest to it; where there is none, through a new one."""
        best: tuple[str, str] | None = None
        for binding in (*self.user_imports, *self.added):
            name, full = bound_name(binding), full_path(binding)
            usable = name not in self.locals and (path == full or path.startswith(f"{full}."))
            if usable and (best is None or len(full) > len(best[1])):
                best = name, full
        if best is not None:
            return best[0] + path[len(best[1]) :]
        self.added.append(self._new_import(path))
        return self._imported(path)

    def _new_import(self, path: str) -> ir.Import:
        module = path.rpartition(".")[0] or path
        if module.startswith("scipy.stats."):  # `norm.logpdf` is a method.
            module = "scipy.stats"
        package, _, last = module.rpartition(".")
        if not package or module.startswith("numpy"):
            module = module.partition(".")[0]
            return ir.Import(module, None, self._names.fresh(CONVENTIONS.get(module, module)))
        return ir.Import(package, last, self._names.fresh(last))

    def imports(self, used: Collection[str]) -> list[ir.Import]:
        """The imports that bind a name which is used."""
        return [i for i in dict.fromkeys((*self.user_imports, *self.added)) if bound_name(i) in used]


def bound_name(binding: ir.Import) -> str:
    """`import numpy.linalg` binds `numpy`."""
    return binding.alias.partition(".")[0]


def full_path(binding: ir.Import) -> str:
    """What the bound name stands for."""
    if binding.name is not None:
        return f"{binding.module}.{binding.name}"
    root = binding.module.partition(".")[0]
    return root if bound_name(binding) == root else binding.module


def local_names(function: ir.Function) -> set[str]:
    """The parameters and all names that are bound in the body."""
    bound = {param.name for param in function.params}
    return bound.union(*map(walk.binds, walk.statements(function.body)))


def helper_paths(functions: Iterable[ir.Function]) -> list[str]:
    """The helpers that are called, in the order of their first call."""
    calls = (
        e.fn
        for function in functions
        for stmt in walk.statements(function.body)
        for expr in walk.expressions(stmt)
        for e in walk.subexpressions(expr)
        if isinstance(e, ir.Call)
    )
    return list(dict.fromkeys(filter(is_helper, calls)))
