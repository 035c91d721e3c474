"""Outcomes as JUnit XML, which CI systems read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from app.scripts.playing import Played

# https://www.w3.org/TR/xml/#charsets, and what a terminal that shows the report would obey
_NO_XML = re.compile("[^\t\n\r -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(name: str, file: str, played: Sequence[Played]) -> str:
    """A test suite with a case a step."""
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(played)),
        failures=str(sum(not each.passed and each.result.problem is None for each in played)),
        errors=str(sum(not each.passed and each.result.problem is not None for each in played)),
        skipped="0",
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
            problem = each.result.problem
            kind, of = ("error", problem.code) if problem else ("failure", "expectation")
            fault = ET.SubElement(case, kind, type=of, message=_clean("; ".join(each.faults)))
            fault.text = _clean(each.result.answer)
        ET.SubElement(case, "system-out").text = _clean(each.result.answer)
    ET.indent(suite)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"
    )


def _clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return _NO_XML.sub("", text)
