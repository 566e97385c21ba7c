"""``people.csv``: a line for each person of a folder."""

from __future__ import annotations

from collections.abc import Sequence

from SynthCore.dicom.marks import PREFIX
from SynthCore.files.csv_table import csv_text
from SynthCore.people.person_file import PersonFile
from SynthCore.people.wish import CT, IMAGES
from SynthCore.physics.generator.scan import Scan

NAME = "people.csv"

_OF_PERSON = (
    "id", "synthetic", "seed", "anatomy", "field_t",
    "lesion_kinds", "lesion_stages", "lesion_ml", "images",
)  # fmt: skip
_OF_SCAN = ("sequence", "tr_ms", "te_ms", "ti_ms", "flip_deg", "slice_mm")
_OF_CT = ("kernel", "slice_mm", "noise_hu")


def table_of(people: Sequence[PersonFile]) -> str:
    """The table as text, RFC 4180; empty cells where an image was not made.

    Several kinds of lesion stand in one cell with semicolons between, ages and volumes in their
    order.
    """
    roles = [role for role in IMAGES if any(role in one.draws.images for one in people)]
    columns = [*_OF_PERSON]
    for role in roles:
        columns += [f"{role}_{name}" for name in (_OF_CT if role == CT else _OF_SCAN)]
    lines = [_line(one) for one in people]
    return csv_text([columns, *([line.get(name, "") for name in columns] for line in lines)])


def _line(one: PersonFile) -> dict[str, str]:
    draws, origin = one.draws, one.draws.origin
    line = {
        "id": one.id,
        "synthetic": PREFIX,
        "seed": str(draws.seed),
        "anatomy": origin.name or f"{origin.kind} {origin.seed}",
        "field_t": f"{draws.person.field_t:g}",
        "lesion_kinds": ";".join(found.kind for found in one.lesions),
        "lesion_stages": ";".join("/".join(found.stages) for found in one.lesions),
        "lesion_ml": ";".join(f"{found.ml:.3f}" for found in one.lesions),
        "images": ";".join(draws.images),
    }
    for scan in draws.scans:
        line |= {f"{scan.role}_{name}": value for name, value in _of_scan(scan).items()}
    if draws.ct is not None:
        values = (
            draws.ct.kernel,
            f"{draws.ct.resolution.thickness:.2f}",
            f"{draws.ct.noise_hu:.1f}",
        )
        line |= {f"{CT}_{name}": value for name, value in zip(_OF_CT, values, strict=True)}
    return line


def _of_scan(scan: Scan) -> dict[str, str]:
    sequence, resolution = scan.sequence, scan.resolution
    times = ";".join(f"{ti:.1f}" for ti in (sequence.ti, sequence.ti2) if ti)
    values = (
        sequence.name,
        f"{sequence.tr:.1f}",
        f"{sequence.te:.2f}",
        times,
        f"{sequence.flip:.1f}",
        "" if resolution is None else f"{resolution.thickness:.2f}",
    )
    return dict(zip(_OF_SCAN, values, strict=True))
