"""Pixels looked at and changed: burned-in text, faces. Stored values, as the file has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from pydicom.dataset import Dataset, FileDataset
from pydicom.pixels import pack_bits
from pydicom.uid import UID, ExplicitVRLittleEndian

from SynthCore.dicom.decode import decode
from SynthCore.dicom.deflated import read_file
from SynthCore.dicom.deidentify.bits import has_unused_bits, stored_only
from SynthCore.dicom.deidentify.burned_in import TextRegion, find_text
from SynthCore.dicom.deidentify.sources import SourceObject
from SynthCore.dicom.headers import integer, text
from SynthCore.errors import InputError

Edit = Callable[[np.ndarray], np.ndarray]
"""From the stored values of all frames, shape (n, rows, columns[, channels]), to new ones."""

_LOOKED_AT = 24
"""Frames of a series that are looked at."""

_OFTEN_TEXT = ("CR", "DX", "MG", "US", "XA", "RF", "OT", "SC")
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_NO_PICTURES = ("SEG", "RTDOSE", "REG", "RWV")


@dataclass(frozen=True)
class TextFound:
    """What looking for burned-in text gave, by SOP Instance UID of the sources."""

    regions: Mapping[str, tuple[TextRegion, ...]] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()
    """Images of kinds that often have text in them, or that say that they have."""
    looked: int = 0
    """Frames that were looked at."""
    frames: int = 0
    """Frames there are."""


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
    likely: list[str] = []
    looked = frames = 0
    for group in groups.values():
        uids = [text(source.header, "SOPInstanceUID") for source in group]
        likely += [
            uid for uid, source in zip(uids, group, strict=True) if _often_text(source.header)
        ]
        frames += sum(map(_count, group))
        try:
            shown = _frames(group)
            looked += len(shown)
            found = find_text(shown)
        except Exception:  # a codec that is not there, pixels that are damaged
            unreadable += uids
            continue
        if found:
            regions.update(dict.fromkeys(uids, found))
    return TextFound(regions, tuple(unreadable), tuple(likely), looked, frames)


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
    frames = decode(header, raw=False)
    colors = integer(header, "SamplesPerPixel", 1) > 1
    wanted = 4 if colors else 3
    frames = frames[None] if frames.ndim < wanted else frames
    kind = frames.dtype
    frames = stored_only(frames, header)
    for edit in edits:
        frames = edit(frames)
    frames = np.ascontiguousarray(frames.astype(kind))
    single_bits = integer(header, "BitsAllocated") == 1
    target.PixelData = pack_bits(frames) if single_bits else _padded(frames.tobytes())
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


def tidy(header: Dataset, target: Dataset) -> bool:
    """Cut off what lies behind native pixels, and clear the bits outside those stored.

    Returns
    -------
    bool
        Whether bits had to be cleared: nothing that is shown changes by the standard, but readers
        differ, and a header may be wrong.
    """
    if "PixelData" not in target:
        return False
    size = _size_of(header)
    data = target.PixelData
    if size and len(data) > size:
        data = _padded(data[:size])
    cleared = False
    if has_unused_bits(header) and size and len(data) >= size:
        width = integer(header, "BitsAllocated") // 8
        values = np.frombuffer(data[:size], f"<u{width}")
        clean = stored_only(values, header)
        cleared = not np.array_equal(clean, values)
        data = _padded(clean.tobytes()) if cleared else data
    if data is not target.PixelData:
        target.PixelData = data
    return cleared


def hides_in_compressed(header: FileDataset, number: int) -> bool:
    """Whether compressed pixels have something in bits outside those stored.

    Raises
    ------
    InputError
        If that cannot be told, as they cannot be decoded.
    """
    if "PixelData" not in header or not has_unused_bits(header):
        return False
    try:
        values = decode(_all_bits(header), raw=True)
    except Exception as error:  # a codec that is not there, pixels that are damaged
        raise InputError(
            f"The pixels of DICOM file {number} in the order of the paths cannot be decoded, so "
            "nobody can tell what is in them; take it out."
        ) from error
    return not np.array_equal(stored_only(values, header), values)


def _all_bits(header: FileDataset) -> Dataset:
    """The same pixels, as if every bit were stored: the reader would mask the others."""
    whole = Dataset()
    for tag in header.keys():  # noqa: SIM118  # that of a data set iterates over elements
        if tag.group in (0x0028, 0x7FE0) and tag not in (0x00280101, 0x00280102):
            whole.add(header[tag])
    whole.BitsStored = header.BitsAllocated
    whole.HighBit = header.BitsAllocated - 1
    whole.file_meta = header.file_meta
    return whole


def check_whole(header: FileDataset, number: int, *, native: bool) -> None:
    """Refuse an object whose pixels end before their number is reached.

    Raises
    ------
    InputError
        If so.
    """
    if native and "PixelData" in header and len(header.PixelData) < _size_of(header):
        raise InputError(
            f"The pixels of DICOM file {number} in the order of the paths are cut off; copy it "
            "again or take it out."
        )


def _size_of(header: Dataset) -> int:
    """Bytes of the native pixels."""
    rows, columns = integer(header, "Rows"), integer(header, "Columns")
    subsampled = text(header, "PhotometricInterpretation").startswith("YBR_FULL_422")
    samples = 2 if subsampled else max(1, integer(header, "SamplesPerPixel", 1))
    count = rows * columns * samples * max(1, integer(header, "NumberOfFrames", 1))
    return -(-count * integer(header, "BitsAllocated") // 8)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (len(data) % 2)


def _often_text(header: Dataset) -> bool:
    return (
        text(header, "BurnedInAnnotation") == "YES"
        or text(header, "Modality") in _OFTEN_TEXT
        or text(header, "SOPClassUID").startswith(_SECONDARY_CAPTURE)
    )


def _count(source: SourceObject) -> int:
    """Frames by the header, which may claim any number."""
    return max(1, integer(source.header, "NumberOfFrames", 1))


def _frames(group: Sequence[SourceObject]) -> np.ndarray:
    """Up to `_LOOKED_AT` frames, evenly from all, shape (n, rows, columns)."""
    ends = np.cumsum([_count(source) for source in group])
    chosen = np.unique(np.linspace(0, ends[-1] - 1, _LOOKED_AT).round().astype(np.int64))
    frames = []
    last, header = -1, Dataset()
    for place in chosen:
        at = int(np.searchsorted(ends, place, side="right"))
        number = int(place - ends[at]) + _count(group[at])
        if at != last:  # a file of many frames is read once
            last, header = at, read_file(group[at].path, force=True)
        frame = decode(header, index=number)
        frames.append(frame.max(axis=-1) if frame.ndim == 3 else frame)
    return np.stack(frames)
