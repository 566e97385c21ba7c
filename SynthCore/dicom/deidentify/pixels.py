"""Pixels looked at and changed: burned-in text, faces. Stored values, as the file has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from pydicom.dataset import Dataset, FileDataset
from pydicom.pixels import pixel_array
from pydicom.uid import UID, ExplicitVRLittleEndian

from SynthCore.dicom.deidentify.burned_in import TextRegion, find_text
from SynthCore.dicom.deidentify.sources import SourceObject
from SynthCore.dicom.headers import integer, text

Edit = Callable[[np.ndarray], np.ndarray]
"""From the stored values of all frames, shape (n, rows, columns[, channels]), to new ones."""

_LOOKED_AT = 24
"""Frames of a series that are looked at."""

_NO_PICTURES = ("SEG", "RTDOSE", "REG", "RWV")


@dataclass(frozen=True)
class TextFound:
    """What looking for burned-in text gave, by SOP Instance UID of the sources."""

    regions: Mapping[str, tuple[TextRegion, ...]] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()


def look_for_text(sources: Sequence[SourceObject]) -> TextFound:
    """Look at the images of every series together; what is found holds for all of them."""
    groups: dict[tuple[str, int, int], list[SourceObject]] = {}
    for source in sources:
        rows, columns = integer(source.header, "Rows"), integer(source.header, "Columns")
        if rows and columns and text(source.header, "Modality") not in _NO_PICTURES:
            key = (text(source.header, "SeriesInstanceUID"), rows, columns)
            groups.setdefault(key, []).append(source)
    regions: dict[str, tuple[TextRegion, ...]] = {}
    unreadable: list[str] = []
    for group in groups.values():
        uids = [text(source.header, "SOPInstanceUID") for source in group]
        try:
            found = find_text(_frames(group))
        except Exception:  # a codec that is not there, pixels that are damaged
            unreadable += uids
            continue
        if found:
            regions.update(dict.fromkeys(uids, found))
    return TextFound(regions, tuple(unreadable))


def blank(regions: Sequence[TextRegion]) -> Edit:
    """An edit that fills the boxes with the smallest stored value of each frame."""

    def edit(frames: np.ndarray) -> np.ndarray:
        filled = frames.copy()
        for frame in filled:
            dark = frame.min(axis=(0, 1))
            for box in regions:
                frame[box.row : box.row_end, box.column : box.column_end] = dark
        return filled

    return edit


def apply_edits(header: FileDataset, target: Dataset, edits: Sequence[Edit]) -> UID:
    """Put edited pixels into `target`; the transfer syntax they are in."""
    frames = np.asarray(pixel_array(header, raw=False))
    colors = integer(header, "SamplesPerPixel", 1) > 1
    wanted = 4 if colors else 3
    frames = frames[None] if frames.ndim < wanted else frames
    kind = frames.dtype
    for edit in edits:
        frames = edit(frames)
    target.PixelData = _padded(np.ascontiguousarray(frames.astype(kind)).tobytes())
    target["PixelData"].VR = "OB" if kind.itemsize == 1 else "OW"
    target["PixelData"].is_undefined_length = False
    if colors:
        target.PhotometricInterpretation, target.PlanarConfiguration = "RGB", 0
    for keyword in (
        "SmallestImagePixelValue", "LargestImagePixelValue", "ExtendedOffsetTable",
        "ExtendedOffsetTableLengths",
    ):  # fmt: skip
        if keyword in target:
            delattr(target, keyword)
    return UID(ExplicitVRLittleEndian)


def tidy(header: Dataset, target: Dataset) -> None:
    """Cut off what lies behind the pixels, and clear the bits that overlays were hidden in.

    Of native pixels only; nothing that is shown changes.
    """
    if "PixelData" not in target:
        return
    rows, columns = integer(header, "Rows"), integer(header, "Columns")
    bits = integer(header, "BitsAllocated")
    subsampled = text(header, "PhotometricInterpretation").startswith("YBR_FULL_422")
    samples = 2 if subsampled else max(1, integer(header, "SamplesPerPixel", 1))
    count = rows * columns * samples * max(1, integer(header, "NumberOfFrames", 1))
    size = -(-count * bits // 8)
    data = target.PixelData
    if size and len(data) > size + size % 2:
        data = data[: size + size % 2]
    if _hides_overlays(header) and bits == 16 and integer(header, "HighBit") < 15:
        stored = np.frombuffer(data, "<u2") << (15 - integer(header, "HighBit"))
        signed = integer(header, "PixelRepresentation") == 1
        kind = "<i2" if signed else "<u2"  # the sign is carried into the bits above
        data = (stored.view(kind) >> (15 - integer(header, "HighBit"))).tobytes()
    if data is not target.PixelData:
        target.PixelData = data


def _hides_overlays(header: Dataset) -> bool:
    """Whether an overlay lies in unused bits of the pixels (retired, PS3.5, 8.1.2)."""
    places = (header.get((group, 0x0102)) for group in range(0x6000, 0x6020, 2))
    return any(place is not None and place.value for place in places)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (len(data) % 2)


def _frames(group: Sequence[SourceObject]) -> np.ndarray:
    """Up to `_LOOKED_AT` frames, evenly from all, shape (n, rows, columns)."""
    places = [
        (source, number)
        for source in group
        for number in range(max(1, integer(source.header, "NumberOfFrames", 1)))
    ]
    chosen = np.unique(np.linspace(0, len(places) - 1, _LOOKED_AT).round().astype(int))
    frames = []
    for place in chosen:
        source, number = places[place]
        frame = np.asarray(pixel_array(source.path, index=number))
        frames.append(frame.max(axis=-1) if frame.ndim == 3 else frame)
    return np.stack(frames)
