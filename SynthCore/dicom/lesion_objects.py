"""The mask and the report of placed lesions beside the series that hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.uid import generate_uid
from scipy import ndimage

from SynthCore.dicom.file_bytes import file_bytes
from SynthCore.dicom.findings_sr import PlacedFinding, build_findings
from SynthCore.dicom.guard import quiet
from SynthCore.dicom.seg.build import Segment, build_seg
from SynthCore.dicom.seg.codes import Code
from SynthCore.image import Image
from SynthCore.staging import new_files

SEG_NAME = "lesion-segmentation.dcm"
PARTS_NAME = "lesion-parts.dcm"
REPORT_NAME = "lesion-report.dcm"


@dataclass(frozen=True)
class LesionOfMask:
    """One lesion of a label image.

    Attributes
    ----------
    value : int
        Its voxels in the label image, 1 to 255.
    name, kind, site, placed_by : str
        As in `PlacedFinding`.
    code : tuple of str, optional
        What the finding is (value, scheme, meaning), instead of what its words choose. The type
        of the segment is always chosen by words: those are of the context group for segments.
    tracking_uid : str
        Of the same lesion at other dates; a new one where it is empty.
    """

    value: int
    name: str
    kind: str
    site: str = ""
    placed_by: str = ""
    code: Code | None = None
    tracking_uid: str = ""


@quiet()
def write_lesion_objects(
    folder: Path,
    labels: Image,
    lesions: Sequence[LesionOfMask],
    series: Sequence[Image],
    *,
    parts: Image | None = None,
    tissues: Sequence[Segment] = (),
) -> tuple[Path, ...]:
    """Write ``lesion-segmentation.dcm`` and ``lesion-report.dcm``: all or nothing.

    Where the tissues of the lesions are given, ``lesion-parts.dcm`` too: they lie over the lesions
    and around them, and segments of one object are better apart.

    Parameters
    ----------
    folder : Path
        There already.
    labels : Image
        Whole numbers [k, j, i], 0 for background, on the grid of the first series.
    lesions : sequence of LesionOfMask
        One for each value in `labels`.
    series : sequence of Image
        The series with the lesions in them, as read from their DICOM folders; the segmentation
        lies on the first.
    parts : Image, optional
        Tissues of the lesions, with the edema around them, on the grid of `labels`.
    tissues : sequence of Segment
        One for each value in `parts`.

    Returns
    -------
    tuple of Path
        Segmentation, report and, where there are any, parts.

    Raises
    ------
    InputError
        If a file exists, the grid or the values do not fit, or the series is not DICOM.
    """
    segments = [
        Segment(
            one.value, one.name, one.kind, one.site,
            tracking_uid=one.tracking_uid or str(generate_uid()),
        )
        for one in lesions
    ]  # fmt: skip
    told = "; ".join(dict.fromkeys(one.placed_by for one in lesions if one.placed_by))
    made = build_seg(labels, segments, series[0], description="placed lesions", contribution=told)
    findings = [finding_of(number, one, labels) for number, one in enumerate(lesions, start=1)]
    objects = {SEG_NAME: made, REPORT_NAME: build_findings(findings, made, series)}
    if parts is not None:
        objects[PARTS_NAME] = build_seg(
            parts, tissues, series[0], description="parts of placed lesions", contribution=told
        )
    paths = tuple(folder / name for name in objects)
    with new_files(*paths) as temporary:
        for part, one_object in zip(temporary, objects.values(), strict=True):
            part.write_bytes(file_bytes(one_object))
    return paths


def finding_of(number: int, lesion: LesionOfMask, labels: Image) -> PlacedFinding:
    """The lesion's volume (ml), center of mass (LPS mm) and the diameter of a sphere as large.

    Of one that lies in several places the center is that of the largest, and no diameter is told:
    what all of them share lies between them, and is as large as none.
    """
    inside = labels.voxels == lesion.value
    pieces, count = ndimage.label(inside, np.ones((3, 3, 3)))
    largest = pieces == 1 + int(np.argmax(np.bincount(pieces[inside])[1:]))
    center = np.append(np.argwhere(largest).mean(axis=0)[::-1], 1.0)
    x, y, z = (float(v) for v in (labels.affine @ center)[:3])
    volume = float(inside.sum()) * abs(float(np.linalg.det(labels.affine[:3, :3])))
    told = [f"{lesion.placed_by.rstrip('.')}."] if lesion.placed_by else []
    told.append(f"It lies in {count} places; the center is that of the largest.")
    return PlacedFinding(
        number, lesion.name, lesion.kind, volume / 1000, (x, y, z), lesion.site,
        float((6 * volume / np.pi) ** (1 / 3)) if count == 1 else None,
        " ".join(told) if count > 1 else lesion.placed_by,
        lesion.code,
    )  # fmt: skip
