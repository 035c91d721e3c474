"""Outcomes as JUnit XML, which CI systems read."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from app.scripts.playing import Played


def as_junit(name: str, file: str, played: Sequence[Played]) -> str:
    """A test suite with a case a step."""
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(played)),
        failures=str(sum(not each.passed and each.result.problem is None for each in played)),
        errors=str(sum(not each.passed and each.result.problem is not None for each in played)),
        time=f"{sum(each.result.ms for each in played) / 1000:.3f}",
    )
    for each in played:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=name,
            name=_clean(f"line {each.step.line}: {each.step.title}"),
            file=file,
            line=str(each.step.line),
            time=f"{each.result.ms / 1000:.3f}",
        )
        if not each.passed:
            kind = "failure" if each.result.problem is None else "error"
            fault = ET.SubElement(case, kind, message=_clean("; ".join(each.faults)))
            fault.text = _clean(each.result.answer)
        ET.SubElement(case, "system-out").text = _clean(each.result.answer)
    ET.indent(suite)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"
    )


def _clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff"))
