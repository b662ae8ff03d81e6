"""SciPy as rules see it: imported when something of it is wanted, not when the rules are."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any


class Later(ModuleType):
    """A module that is imported when something in it is looked up."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


special: Any = Later("scipy.special")
stats: Any = Later("scipy.stats")
linalg: Any = Later("scipy.linalg")
signal: Any = Later("scipy.signal")
integrate: Any = Later("scipy.integrate")
interpolate: Any = Later("scipy.interpolate")
ndimage: Any = Later("scipy.ndimage")
