"""Do the files of one folder belong together, and is each one there that the record lists?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from SynthCore.dicom.source_slices import ACROSS
from SynthCore.dicom.verify_object import SAME_IN_SERIES, ObjectFacts
from SynthCore.request import SynthesisRecord
from SynthCore.words import listed


def compare(objects: Sequence[ObjectFacts]) -> tuple[str, ...]:
    """One sentence for everything that is wrong with the objects of a folder together."""
    readable = [facts for facts in objects if facts.uid]
    findings, readable = _one_series(readable)
    findings += _one_value(readable)
    twice = sum(count - 1 for count in Counter(facts.uid for facts in readable).values())
    if twice:
        findings.append(f"{_files(twice, 'repeats', 'repeat')} a SOPInstanceUID.")
    findings += _records(readable)
    findings += _numbering(readable)
    findings += _places(readable)
    return tuple(findings)


def _one_series(objects: Sequence[ObjectFacts]) -> tuple[list[str], list[ObjectFacts]]:
    """What is not of the series that most are of, and all that is: the rest is said of those."""
    number = SAME_IN_SERIES.index("SeriesInstanceUID")
    of_series = Counter(facts.same[number] for facts in objects)
    if len(of_series) < 2:
        return [], list(objects)
    most = of_series.most_common(1)[0][0]
    others = [facts.name for facts in objects if facts.same[number] != most]
    finding = (
        f"The files differ in SeriesInstanceUID; {listed(others)} "
        f"{'does' if len(others) == 1 else 'do'} not belong to the series of the others."
    )
    return [finding], [facts for facts in objects if facts.same[number] == most]


def _one_value(objects: Sequence[ObjectFacts]) -> list[str]:
    findings = []
    for number, keyword in enumerate(SAME_IN_SERIES):
        if len({facts.same[number] for facts in objects}) > 1:
            findings.append(f"The files differ in {keyword}; they do not belong together.")
    return findings


def _records(objects: Sequence[ObjectFacts]) -> list[str]:
    records = {facts.record_json for facts in objects if facts.record_json}
    if not records:
        return []
    findings = []
    if len(records) > 1:
        findings.append("The files carry different records.")
    listed: set[str] = set()
    for record in records:
        try:
            listed |= set(SynthesisRecord.from_json(record).output.get("instances", {}))
        except (ValueError, TypeError, AttributeError):
            continue  # said of the file itself
    missing = len(listed - {facts.uid for facts in objects})
    if missing:
        findings.append(f"{_files(missing, 'is', 'are')} missing that the record lists.")
    return findings


def _numbering(objects: Sequence[ObjectFacts]) -> list[str]:
    try:
        numbers = sorted(int(facts.instance_number) for facts in objects)
    except ValueError:
        return ["An InstanceNumber is missing."]
    if numbers != list(range(1, len(numbers) + 1)):
        return [f"The instance numbers are not 1 to {len(numbers)}."]
    return []


def _places(objects: Sequence[ObjectFacts]) -> list[str]:
    """Orientation, duplicate positions and spacing."""
    placed = [f for f in objects if f.position is not None and f.orientation is not None]
    if len(placed) < len(objects):
        return ["A position or orientation is missing."]
    if not placed:
        return []
    orientations = np.array([facts.orientation for facts in placed])
    if np.abs(orientations - orientations[0]).max() > 1e-3:
        return ["The slices are not parallel."]
    normal = np.cross(orientations[0][:3], orientations[0][3:])
    along = np.sort(np.array([facts.position for facts in placed]) @ normal)
    if len(along) < 2:
        return []
    gaps = np.diff(along)
    if gaps.min() <= 1e-4 * max(float(gaps.max()), 1e-6):
        return ["Two slices have the same position."]
    # each slice may be off by what was accepted of the source when it was written
    usual = float(np.median(gaps))
    if np.abs(gaps - usual).max() > 2.5 * max(0.02, ACROSS * usual):
        return [f"The slices are unevenly spaced: {gaps.min():.2f} to {gaps.max():.2f} mm."]
    return []


def _files(count: int, one: str, many: str) -> str:
    return f"1 file {one}" if count == 1 else f"{count} files {many}"
