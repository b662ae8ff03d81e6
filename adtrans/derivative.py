"""The callables that `grad` and its relatives return."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from adtrans import trees
from adtrans.callables import Target
from adtrans.calling import Args
from adtrans.compiled import Wanted, loaded
from adtrans.errors import AdtransError, ArgumentError, NotScalarError, Refused
from adtrans.flat import Flat, Taken, beside, is_special
from adtrans.functions import Function, Ready, root
from adtrans.jacobians import filled, forward_jacobian, leaves, reverse_jacobian, zeros_like
from adtrans.signature import call_key
from adtrans.views import Form, require_scalar, view, wanted_by

Argnums = int | str | Sequence[int | str]
_SCALARS = frozenset({float, np.float64, np.float32})


class Derivative:
    """A derivative: called like the function it is of.

    `source` is the text of the generated module: after a call the one that was compiled last, before
    any call one that is right for all ranks. It pickles, shows its generated lines in tracebacks and to
    `inspect.getsource`, and can be differentiated again.
    """

    __name__: str
    __wrapped__: Callable[..., Any]

    def __init__(self, target: Target, form: Form, argnums: Argnums, has_aux: bool) -> None:
        self._target = target
        self._form: Form = form
        self._options = (argnums, has_aux)
        self._wrt, self._many = target.argnums(argnums)
        self._has_aux = has_aux
        self._function = target.function
        self._prefix = target.prefix
        self._arity = len(target.function.params) if not target.function.keywords and not target.fixed else -1
        self._flats: dict[Function, Derivative] = {}
        self._is_flat = isinstance(root(target.function), Flat)
        parameters = target.function.signature.parameters.values()
        self._defaults = tuple(p.default for p in parameters if is_special(p.default))
        self._fields = tuple(name for name in self._wrt if "." in name)
        plain = tuple(name for name in self._wrt if name not in self._fields)
        self._sweep = target.function.sweep(wanted_by(form, plain, target.function, has_aux))
        self._found = self._sweep.found
        sorted_wrt = self._sweep.wanted.wrt
        self._order = None if sorted_wrt == self._wrt else [sorted_wrt.index(name) for name in plain]
        single = self._many and len(self._wrt) == 1
        self._direct = not (self._prefix or has_aux or single or self._fields or self._order is not None)
        self.__name__ = f"{target.function.name}_{form}"
        self.__qualname__ = self.__name__
        self.__module__ = getattr(target.origin, "__module__", None) or __name__
        self.__signature__ = target.signature()
        self.__doc__ = _doc(target, form, self._wrt)

    # ------------------------------------------------------------------ objects

    def _of_objects(self, args: Args, kwargs: Mapping[str, Any]) -> tuple[Derivative, Taken] | None:
        """The derivative for the numbers and arrays in the arguments, and these; None if there is no object
        among the arguments but those that are differentiated as a whole."""
        given = (*self._prefix, *args, *kwargs.values(), *self._defaults)
        if self._is_flat or (not self._fields and not any(map(is_special, given))):
            return None
        bound = self._target.bind(args, kwargs)
        if not self._fields and not beside(dict(zip(self._function.params, bound, strict=True)), self._wrt):
            return None
        target, taken = self._target.flat(bound, self._fields)
        return self._inner(target, taken.flat), taken

    def _inner(self, target: Target, flat: Flat) -> Derivative:
        found = self._flats.get(target.function)
        if found is None:
            names = tuple(map(flat.flat_name, self._wrt))
            found = type(self)(target, self._form, names if self._many else names[0], self._has_aux)
            self._flats[target.function] = found
        return found

    def flat(self, args: Args, fields: tuple[str, ...]) -> tuple[Target, Taken]:
        """This derivative as a function of the numbers and arrays in the arguments: see `Target.flat`."""
        every = tuple(dict.fromkeys((*self._fields, *fields)))
        target, taken = self._target.flat(args, every)
        return self._inner(target, taken.flat).adtrans_target(), taken

    # ------------------------------------------------------------------ calling

    def _start(self, args: Args, kwargs: dict[str, Any]) -> tuple[Ready, Args]:
        """What to run, and on what."""
        if self._prefix or kwargs or len(args) != self._arity:
            args = self._target.bind(args, kwargs)
        ready = self._found.get(call_key(args))
        if ready is None or ready.watch is not None:
            ready = self._sweep.ready(args)
        if ready.prepare is not None:
            args = ready.prepare(args)
        return ready, args

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """As a method: `self` is bound."""
        if instance is None:
            return self
        below = self._target.below
        bound = Target(
            self._function, (instance, *self._prefix), self._target.fixed, self._target.origin, below
        )
        return type(self)(bound, self._form, self._wrt if self._many else self._wrt[0], self._has_aux)

    # ---------------------------------------------------------------- inspection

    @property
    def source(self) -> str:
        """The text of the generated module."""
        if self._flats:
            return self._flats[next(reversed(self._flats))].source
        if self._fields or (any(map(is_special, self._prefix)) and not self._is_flat):
            unknown = (None,) * (len(self._function.params) - len(self._prefix))
            target, taken = self._target.flat((*self._prefix, *unknown), self._fields)
            return self._inner(target, taken.flat).source
        return self._sweep.text()

    def __getattr__(self, name: str) -> Any:
        if name == "__wrapped__":  # what inspect.getsource shows
            try:
                sweep = self.__dict__["_sweep"]
                sweep.text()
                return loaded(sweep.made[next(reversed(sweep.made))])[0]
            except (AdtransError, KeyError) as error:
                raise AttributeError(name) from error
        raise AttributeError(f"{type(self).__name__} object has no attribute {name!r}")

    def __repr__(self) -> str:
        return f"<{self._form} of {self._function.name} with respect to {', '.join(self._wrt)}>"

    def adtrans_target(self) -> Target:
        """This derivative as something to differentiate."""
        if self._fields:
            return Target(self._function, self._prefix, self._target.fixed, self, self)
        below = view(self._function, self._form, self._wrt, self._many, self._has_aux)
        return Target(below, self._prefix, self._target.fixed, self, self)

    def __reduce__(self) -> tuple[Any, ...]:
        below = self._target.below
        target = Target(self._target.function, self._target.prefix, self._target.fixed, None, below)
        return type(self), (target, self._form, *self._options)


class Gradient(Derivative):
    """`grad(f)` and `value_and_grad(f)`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # The first lines are the common case, and all that it costs beside the generated code.
        if self._direct and not kwargs and len(args) == self._arity:
            ready = self._found.get(call_key(args))
            if ready is not None and ready.plain:
                return ready.call(*args, 1.0)[1] if self._form == "grad" else ready.call(*args, 1.0)
        return self._call(args, kwargs)

    def _call(self, args: Args, kwargs: dict[str, Any]) -> Any:
        if (inner := self._of_objects(args, kwargs)) is not None:
            with inner[1].running():
                return inner[0](*inner[1].args)
        ready, args = self._start(args, kwargs)
        if ready.made.results != 1 + self._has_aux:
            self._require_results(ready.made.results)
        rank = ready.made.ranks[0]
        if rank:
            require_scalar(rank, self._function.name)
        try:
            value, bars = ready.call(*args, 1.0)
        except Exception as error:
            if rank is None:
                self._explain(args, error)
            raise
        aux = None
        if self._has_aux:
            value, aux = value
        if type(value) not in _SCALARS:
            self._require_real(value)
        if ready.finish is not None:
            bars = ready.finish(bars if len(self._wrt) > 1 else (bars,))
            bars = bars if len(self._wrt) > 1 else bars[0]
        if self._many and len(self._wrt) == 1:
            bars = (bars,)
        if self._order is not None:
            bars = tuple(bars[i] for i in self._order)
        if self._form == "grad":
            return (bars, aux) if self._has_aux else bars
        return ((value, aux), bars) if self._has_aux else (value, bars)

    def _require_results(self, count: int) -> None:
        name = self._function.name
        if not count:
            raise NotScalarError(f"`{name}` returns nothing, so it has no gradient.")
        if self._has_aux:
            raise ArgumentError(f"has_aux: `{name}` must return a pair, (value, aux).")
        raise NotScalarError(
            f"`{name}` returns {count} values, and a gradient is that of one number. "
            "If the others are extras, pass `has_aux=True`; else use `adtrans.jacrev` or `adtrans.vjp`."
        )

    def _require_real(self, value: Any) -> None:
        if trees.parts(value) is not None:
            raise NotScalarError(
                f"`{self._function.name}` returns a {type(value).__name__}, and a gradient is that of a "
                "number. Use `adtrans.jacrev`, or `adtrans.vjp` for a weighted sum of its parts."
            )
        require_scalar(np.ndim(value), self._function.name)
        if np.iscomplexobj(value):
            raise NotScalarError(
                f"`{self._function.name}` returns a complex number, and a gradient is that of a real one. "
                "Differentiate its real or imaginary part, or use `adtrans.vjp`."
            )

    def _explain(self, args: Args, error: Exception) -> None:
        """A failure in the sweeps of a function of unknown rank may be that of a seed that is no array."""
        try:
            wanted = Wanted("reverse", self._sweep.wanted.wrt, True, self._sweep.wanted.outputs)
            value = self._function.sweep(wanted).ready(args).call(*args)[0]
        except Exception:  # then it is the function itself that fails
            return
        try:
            self._require_real(value)
        except NotScalarError as other:
            raise other from error


class Jacobian(Derivative):
    """`jacfwd(f)` and `jacrev(f)`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if (inner := self._of_objects(args, kwargs)) is not None:
            with inner[1].running():
                return inner[0](*inner[1].args)
        return self.at(self._target.bind(args, kwargs))

    def at(self, args: Args) -> Any:
        """The Jacobian at arguments in the order of the parameters."""
        ready = self._sweep.ready(args)
        if ready.prepare is not None:
            args = ready.prepare(args)
        inputs = [args[i] for i in self._sweep.wrt]
        sweep = forward_jacobian if self._form == "jacfwd" else reverse_jacobian
        value, rows = sweep(ready, args, inputs, self._sweep.wanted.outputs)
        many = self._many or len(inputs) > 1
        order = self._order or range(len(inputs))
        values = [value] if ready.made.results == 1 else [value[r] for r in ready.made.seeded]
        values = self._function.mirror(args, values)
        blocks = [
            filled(v, [tuple(row[i] for i in order) if many else row[0] for row in block])
            for v, block in zip(values, rows, strict=False)
        ]
        jacobian = self._function.pack(blocks)
        return (jacobian, value[-1]) if self._has_aux else jacobian


class EitherJacobian(Jacobian):
    """`jacobian(f)`: forward mode unless there are more inputs than outputs."""

    def __init__(self, target: Target, form: Form, argnums: Argnums, has_aux: bool) -> None:
        super().__init__(target, form, argnums, has_aux)
        self._reverse = Jacobian(target, "jacrev", argnums, has_aux)
        self._wide: dict[tuple[Any, ...], bool] = {}

    def at(self, args: Args) -> Any:
        shapes = tuple(getattr(arg, "shape", None) for arg in args)
        if shapes not in self._wide:
            self._wide[shapes] = self._is_wide(args)
        return self._reverse.at(args) if self._wide[shapes] else super().at(args)

    def _is_wide(self, args: Args) -> bool:
        """Whether there are more inputs than outputs; a wrong guess would only cost time."""
        try:
            ready = self._sweep.ready(args)
        except Refused:
            return True
        inside = args if ready.prepare is None else ready.prepare(args)
        inputs = [inside[i] for i in self._sweep.wrt]
        if any(map(np.iscomplexobj, leaves(inputs))):  # Forward mode has real directions only.
            return True
        value = ready.call(*inside, *map(zeros_like, inputs))[0]
        outputs = [value] if ready.made.results == 1 else value[: len(value) - self._has_aux]
        if any(map(np.iscomplexobj, leaves(outputs))):
            return False
        return sum(map(np.size, leaves(inputs))) > sum(map(np.size, leaves(outputs)))


_FORMS = {
    "grad": "gradient",
    "value_and_grad": "value and gradient",
    "jacfwd": "Jacobian",
    "jacrev": "Jacobian",
}


def _doc(target: Target, form: Form, wrt: tuple[str, ...]) -> str:
    names = ", ".join(f"`{name}`" for name in wrt)
    doc = f"The {_FORMS.get(form, form)} of `{target.function.name}` with respect to {names}."
    below = inspect.getdoc(target.origin) if target.origin is not None else None
    return f"{doc}\n\n{below}" if below else doc
