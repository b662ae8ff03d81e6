"""Diagnostics as text, and the table of codes."""

from __future__ import annotations

import re
from pathlib import Path

import adtrans.errors as errors
from adtrans.errors import CODES, Diagnostic, InternalError, Refused, Span, internal_error_report, render

SOURCE = "def f(x):\n    y = foo(x)\n\tz = '宽' + bar(x)\n    return y\n"


def test_a_diagnostic_has_a_place_a_line_carets_and_a_way_out() -> None:
    diagnostic = Diagnostic(
        "AD201", "`foo` cannot be read", Span("f.py", 2, 8, 2, 14), "define it", notes=("it is a call",)
    )
    assert render((diagnostic,), {"f.py": SOURCE}) == (
        "f.py:2:9: AD201 `foo` cannot be read\n"
        "2 |     y = foo(x)\n"
        "  |         ^^^^^^\n"
        "note: it is a call\n"
        "help: define it"
    )


def test_labels_are_underlined_too() -> None:
    diagnostic = Diagnostic(
        "AD201", "no", Span("f.py", 2, 4, 2, 5), labels=((Span("f.py", 4, 11, 4, 12), "returned here"),)
    )
    assert render((diagnostic,), {"f.py": SOURCE}) == (
        "f.py:2:5: AD201 no\n2 |     y = foo(x)\n  |     ^\n4 |     return y\n  |            - returned here"
    )


def test_a_label_in_another_file_says_where_it_is() -> None:
    label = (Span("g.py", 1, 0, 1, 3), "defined here")
    text = render(
        (Diagnostic("AD224", "no", Span("f.py", 2, 4, 2, 5), labels=(label,)),),
        {"f.py": SOURCE, "g.py": "abc"},
    )
    assert " --> g.py:1:1\n1 | abc\n  | --- defined here" in text


def test_tabs_and_wide_characters_do_not_shift_the_carets() -> None:
    text = render((Diagnostic("AD201", "no", Span("f.py", 3, 11, 3, 14)),), {"f.py": SOURCE})
    assert text.split("\n")[2] == "  | \t" + " " * 11 + "^^^"


def test_a_span_of_several_lines_is_underlined_to_the_end_of_the_first() -> None:
    text = render((Diagnostic("AD201", "no", Span("f.py", 2, 8, 4, 2)),), {"f.py": SOURCE})
    assert text.endswith("  |         ^^^^^^")


def test_without_source_or_place_there_is_still_a_message() -> None:
    assert render((Diagnostic("AD201", "no", Span("g.py", 2, 8, 4, 2)),), {}) == "g.py:2:9: AD201 no"
    assert render((Diagnostic("AD201", "no"),), {}) == "AD201 no"


def test_they_come_in_the_order_of_the_source() -> None:
    spans = [
        Span("b.py", 1, 0, 1, 1),
        Span("a.py", 10, 0, 10, 1),
        Span("a.py", 9, 5, 9, 6),
        None,
        Span("a.py", 9, 1, 9, 2),
    ]
    text = str(Refused(tuple(Diagnostic("AD201", "no", span) for span in spans)))
    assert re.findall(r"^(?:(\S+):)? ?AD201", text, re.MULTILINE) == [
        "a.py:9:2",
        "a.py:9:6",
        "a.py:10:1",
        "b.py:1:1",
        "",
    ]


def test_refused_reads_as_its_rendered_text() -> None:
    refused = Refused((Diagnostic("AD201", "no", Span("f.py", 4, 4, 4, 10)),), {"f.py": SOURCE})
    assert str(refused).split("\n")[1] == "4 |     return y"


def test_every_code_that_is_used_is_in_the_table() -> None:
    package = Path(errors.__file__).parent
    used = {c for path in package.rglob("*.py") for c in re.findall(r'"(AD\d{3})"', path.read_text())}
    assert used <= set(CODES), sorted(used - set(CODES))
    assert all(re.fullmatch(r"AD[123459]\d\d", code) for code in CODES)


def test_type_errors_are_type_errors() -> None:
    assert issubclass(errors.NotScalarError, TypeError) and issubclass(
        errors.NotScalarError, errors.AdtransError
    )
    assert issubclass(errors.NonDifferentiableArgumentError, TypeError)


def test_an_internal_error_says_what_to_attach_and_no_absolute_path() -> None:
    try:
        raise KeyError("x_bar")
    except KeyError as error:
        report = internal_error_report(error)
        assert str(InternalError(error)) == report
    assert report.startswith("AD901 ")
    assert "KeyError: 'x_bar'" in report and "bug of adtrans" in report
    assert str(Path(__file__).parent) not in report
