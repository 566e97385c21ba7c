"""The series under a folder, by their headers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from SynthCore.dicom.acquisition import kind_of
from SynthCore.dicom.guard import quiet
from SynthCore.dicom.headers import code, integer, is_synthetic, item, line, number, numbers, text
from SynthCore.dicom.roles import Suggestion, suggest_role
from SynthCore.dicom.scan import Instance, Scan, scan
from SynthCore.errors import InputError


@dataclass(frozen=True)
class SeriesInfo:
    """One series, by its headers.

    Attributes
    ----------
    number : int
        Its place in the list, from 1: what ``FOLDER#NUMBER`` means.
    uid : str
        SeriesInstanceUID.
    description : str
        SeriesDescription as the scanner wrote it.
    modality : str
        Modality as DICOM names it.
    images : int
        How many images (frames of multi-frame objects) it holds; 0 where it holds none.
    shape : tuple of int or None
        (k, j, i) by the headers, None where it is no volume.
    spacing : tuple of float or None
        (i, j, k) in mm by the headers, where they say it.
    suggestion : Suggestion
        The role its headers suggest.
    kind : str
        ``CT``, ``MR``, ``PT``, ``XA3D``, ``XR``, or empty where it holds no such image.
    localizer, synthetic : bool
        ImageType LOCALIZER; SyntheticData YES.
    instances : tuple of Instance
        Its files.
    """

    number: int
    uid: str
    description: str
    modality: str
    images: int
    shape: tuple[int, int, int] | None
    spacing: tuple[float, float, float] | None
    suggestion: Suggestion
    kind: str
    localizer: bool
    synthetic: bool
    instances: tuple[Instance, ...] = field(repr=False)

    @property
    def role(self) -> str | None:
        """The suggested role."""
        return self.suggestion.role

    def line(self) -> str:
        """One line for a list."""
        images = "1 image" if self.images == 1 else f"{self.images} images"
        role = (self.role or "no role") + ("" if self.suggestion.certain else "?")
        marked = ", synthetic" if self.synthetic else ""
        return f"#{self.number} {self.description!r} ({self.modality}, {images}, {role}{marked})"


@quiet()
def list_series(folder: str | Path) -> tuple[SeriesInfo, ...]:
    """Every series under `folder`, mixed content and subfolders included.

    Returns
    -------
    tuple of SeriesInfo
        By series number, then UID; series without images (RTSTRUCT, SR) are listed too, with 0
        images. Empty where there is no DICOM file.

    Raises
    ------
    InputError
        If the folder is not there, may not be read, or holds damaged DICOM files.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"{path.name} is not a folder; give the folder of a DICOM study.")
    return series_of(scan(path), path.name)


def series_of(found: Scan, where: str) -> tuple[SeriesInfo, ...]:
    """The series of a scan.

    Raises
    ------
    InputError
        If files are damaged: a slice might be missing and nobody would know.
    """
    if found.damaged:
        more = f" and {len(found.damaged) - 1} more" if len(found.damaged) > 1 else ""
        raise InputError(
            f"{found.damaged[0].name}{more} in {where} is a damaged DICOM file; "
            "copy it again, or move it away if it does not belong to the series."
        )
    groups: dict[str, list[Instance]] = {}
    for instance in found.instances:
        groups.setdefault(instance.series_uid, []).append(instance)
    ordered = sorted(
        groups.items(), key=lambda one: (integer(one[1][0].header, "SeriesNumber", 1 << 31), one[0])
    )
    return tuple(
        _info(number, uid, tuple(instances)) for number, (uid, instances) in enumerate(ordered, 1)
    )


def _info(number_: int, uid: str, instances: tuple[Instance, ...]) -> SeriesInfo:
    header = instances[0].header
    kinds = {kind_of(instance.header) for instance in instances}
    rows, columns = integer(header, "Rows"), integer(header, "Columns")
    images = sum(
        max(1, integer(one.header, "NumberOfFrames", 1))
        for one in instances
        if integer(one.header, "Rows") > 0
    )
    image = rows > 0 and columns > 0
    return SeriesInfo(
        number=number_,
        uid=uid,
        description=line(header, "SeriesDescription"),
        modality=code(header, "Modality"),
        images=images,
        shape=(images, rows, columns) if image else None,
        spacing=_spacing(instances) if image else None,
        suggestion=suggest_role(header),
        # a single localizer or report among images does not take the series away: the checks
        # of the reader name it
        kind=next(iter(sorted(kinds - {""})), ""),
        localizer=all("LOCALIZER" in text(one.header, "ImageType") for one in instances),
        synthetic=any(is_synthetic(one.header) for one in instances),
        instances=instances,
    )


def _spacing(instances: tuple[Instance, ...]) -> tuple[float, float, float] | None:
    header = instances[0].header
    shared = item(header, "SharedFunctionalGroupsSequence")
    measures = item(shared, "PixelMeasuresSequence") if shared is not None else None
    level = header if measures is None else measures
    in_plane = numbers(level, "PixelSpacing")
    if len(in_plane) != 2:
        return None
    between = number(level, "SpacingBetweenSlices") or number(level, "SliceThickness")
    places = [numbers(one.header, "ImagePositionPatient") for one in instances]
    if len(places) > 1 and all(len(place) == 3 for place in places):
        longest = max(range(3), key=lambda a: max(p[a] for p in places) - min(p[a] for p in places))
        ordered = sorted({place[longest] for place in places})
        if len(ordered) == len(places):
            ends = [place for place in places if place[longest] in (ordered[0], ordered[-1])]
            apart = sum((a - b) ** 2 for a, b in zip(ends[0], ends[-1], strict=True)) ** 0.5
            between = apart / (len(places) - 1)
    return (in_plane[1], in_plane[0], abs(between)) if between else None
