"""The command line: `adtrans emit`, `adtrans check`, `adtrans lint`, `adtrans rules`, `adtrans explain`.

What costs time to import (libcst, black, NumPy) is imported where it is used: `--help` is instant.
Exit codes: 0 done, 1 the answer is no, 2 it could not be done, 3 a bug in adtrans.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adtrans import __version__
from adtrans.commands.report import FORMATS
from adtrans.commands.targets import MODES, STREAM, Mode, Place, Target
from adtrans.errors import AdtransError, InternalError, internal_error_report

if TYPE_CHECKING:
    from adtrans.commands.report import Format as LintFormat
    from adtrans.commands.rules import Format


class Guarded(click.Group):
    """A group of commands in which every exception has its exit code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except AdtransError as error:
            from adtrans.commands.emit import complain

            complain(error)
            ctx.exit(3 if isinstance(error, InternalError) else 2)
        except OSError as error:  # A full disk, a closed terminal: nobody's bug.
            where = f" {error.filename}" if error.filename else ""
            click.echo(f"adtrans:{where} {error.strerror or error}", err=True)
            ctx.exit(2)
        except Exception as error:
            click.echo(internal_error_report(error), err=True)
            ctx.exit(3)


@click.group(cls=Guarded, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="adtrans", message="%(prog)s %(version)s")
def cli() -> None:
    """Derivatives of Python functions, as Python source."""


class StreamCommand(click.Command):
    """A command to which `-:FUNC` is a function on standard input, not an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [f"./{arg}" if arg.startswith("-:") else arg for arg in args])


@cli.command(cls=StreamCommand)
@click.argument("source", required=False, metavar="[FILE.py:FUNC]")
@click.option("--mode", type=click.Choice(MODES), help="The adjoint, the tangent, or both.  [reverse]")
@click.option("--wrt", metavar="A,B", help="The parameters to differentiate by.  [all that may vary]")
@click.option("--of", metavar="Y,Z", help="Arguments that the function fills: they are results, too.")
@click.option("--split", is_flag=True, help="Two functions: f_fwd, and f_bwd to be called many times.")
@click.option("--signature", metavar="TYPES", help='Types of the parameters: "x: f8[:], n: int".')
@click.option("-o", "--output", metavar="OUT", help="Where to write; - is standard output.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the file is stale or edited by hand.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@click.pass_context
def emit(
    ctx: click.Context,
    source: str | None,
    mode: Mode | None,
    wrt: str | None,
    of: str | None,
    split: bool,
    signature: str | None,
    output: str | None,
    check: bool,
    diff: bool,
) -> None:
    """Write the derivative of a function as a module that stands alone.

    The program is read, never run. FILE may be - for standard input. Without -o the module goes to standard
    output.

    Without FILE.py:FUNC, the targets under [tool.adtrans] in pyproject.toml are brought up to date. A
    function that is among them, given without options, is made with the options and the output stated there.
    """
    from adtrans.commands.emit import emit as emit_target

    options = {
        "mode": mode,
        "wrt": names(wrt),
        "outputs": names(of),
        "split": split or None,
        "signature": signature,
    }
    root, targets = chosen(source, {key: value for key, value in options.items() if value is not None})
    if output is not None:
        if len(targets) > 1:
            raise click.UsageError(f"-o is for one derivative; here are {len(targets)}")
        absolute = output if output == STREAM or root == Path.cwd() else os.path.abspath(output)
        targets = (dataclasses.replace(targets[0], output=absolute),)
    if (check or diff) and any(target.output in (None, STREAM) for target in targets):
        raise click.UsageError("--check and --diff need a file to compare with; name it with -o")
    with contextlib.chdir(root):
        ctx.exit(max(emit_target(target, check, diff) for target in targets))


def names(text: str | None) -> tuple[str, ...] | None:
    """`a, b` as names."""
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())


def chosen(source: str | None, options: dict[str, object]) -> tuple[Path, tuple[Target, ...]]:
    """What is to be made, and the folder that its paths are relative to."""
    from adtrans.commands.config import find

    here = Path.cwd()
    config = None if source and options else find(here)
    if source is None:
        if options:
            raise click.UsageError("name the function that the options are for: FILE.py:FUNC")
        if config is None or not config.targets:
            raise click.UsageError("name a function, FILE.py:FUNC, or list targets in pyproject.toml")
        return config.root, config.targets
    place = Place.of(source)
    if config is not None:
        wanted = (os.path.abspath(place.file), place.function)
        found = [t for t in config.targets if (str(config.root / t.place.file), t.place.function) == wanted]
        if found:
            return config.root, tuple(found)
    return here, (Target(place, **options),)  # type: ignore[arg-type]


@cli.command()
@click.argument("source", metavar="FILE.py:FUNC")
@click.option("--at", required=True, metavar="ARGS", help='Where: "x=[1, 2], n=3"; lists are float arrays.')
@click.option("--order", default=1, show_default=True, help="1: the gradient. 2: the Hessian as well.")
@click.option("--mode", type=click.Choice(MODES), default="both", show_default=True, help="What to check.")
@click.pass_context
def check(ctx: click.Context, source: str, at: str, order: int, mode: Mode) -> None:
    """Compare the derivative of a function with differences, at one point.

    This imports FILE and runs FUNC; the other commands only read it.
    """
    from adtrans.commands.check import check_place

    ctx.exit(check_place(Place.of(source), at, order, mode))


@cli.command(cls=StreamCommand)
@click.argument("source", metavar="FILE.py[:FUNC]")
@click.option("--output-format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.pass_context
def lint(ctx: click.Context, source: str, form: LintFormat) -> None:
    """List the functions of a file: which can be differentiated, and every reason why not.

    The program is read, never run. Exits 1 if one of them cannot.
    """
    from adtrans.commands.lint import lint_file

    ctx.exit(lint_file(source, form))


@cli.command()
@click.argument("name", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json", "md"]), default="text")
def rules(name: str | None, form: Format) -> None:
    """List the functions that have derivatives, or show the rule of one, such as `np.tanh`."""
    from adtrans.commands.rules import shown

    text = shown(name, form)
    if text is None:
        raise click.ClickException(f"there is no rule for `{name}`; `adtrans rules` lists all there are")
    click.echo(text.rstrip("\n"))


@cli.command()
@click.argument("code", required=False, metavar="[CODE]")
def explain(code: str | None) -> None:
    """Say more about a code such as AD401: the reason, an example that is refused, one that works."""
    from adtrans.commands.explain import explained, near

    text = explained(code)
    if text is None:
        meant = " or ".join(near(str(code)))
        hint = f"did you mean {meant}?" if meant else "`adtrans explain` lists them all"
        raise click.ClickException(f"there is no code {code}; {hint}")
    click.echo(text.rstrip("\n"))


def main() -> None:
    """The entry point of the `adtrans` command."""
    cli(prog_name="adtrans")
