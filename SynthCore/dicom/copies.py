"""Files that hold one object, however each came here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag
from pydicom.values import convert_SQ

from SynthCore.dicom.decode import decode
from SynthCore.dicom.deflated import read_file


def same_object(one: Path, other: Path) -> bool:
    """Whether two files hold the same data set and the same pixels.

    Archives write a file meta of their own, may compress without loss on the way, and lose the
    value representation of elements that they do not know.

    Raises
    ------
    Exception
        As pydicom, where one cannot be read; see `SynthCore.dicom.guard.guarded`.
    """
    first, second = (read_file(path, force=True) for path in (one, other))
    if ("PixelData" in first) != ("PixelData" in second) or not _same(first, second):
        return False
    return "PixelData" not in first or np.array_equal(decode(first), decode(second))


def _same(one: Dataset, other: Dataset) -> bool:
    """Whether two data sets hold the same elements; pixels aside, and the lengths of groups."""
    tags = [{tag for tag in made.keys() if tag.element} for made in (one, other)]  # noqa: SIM118
    if tags[0] != tags[1]:
        return False
    # before pydicom makes values of them: of one element, it does so of its private creator too
    stored = {tag: (_bytes(one, tag), _bytes(other, tag)) for tag in tags[0]}
    return all(_same_element(one, other, tag, stored[tag]) for tag in tags[0])


def _same_element(one: Dataset, other: Dataset, tag: BaseTag, stored: tuple[bytes, bytes]) -> bool:
    if tag == 0x7FE0_0010:
        return True
    first, second = one[tag], other[tag]
    if "SQ" in (first.VR, second.VR):
        items = _items(first), _items(second)
        return len(items[0]) == len(items[1]) and all(map(_same, *items))
    if tag.is_private or "UN" in (first.VR, second.VR):
        return stored[0] == stored[1]
    return bool(first == second)


def _bytes(header: Dataset, tag: BaseTag) -> bytes:
    element = header.get_item(tag)
    return (element.value or b"").rstrip(b" \0") if isinstance(element, RawDataElement) else b""


def _items(element: DataElement) -> Any:
    """The items of a sequence, also of one that an archive no longer knew for one."""
    value = element.value
    return convert_SQ(value, True, True) if isinstance(value, bytes) else value or ()
