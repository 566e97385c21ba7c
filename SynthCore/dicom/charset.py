"""The character set of a synthetic object: the source's, where it can write what was copied."""

from __future__ import annotations

import warnings
from typing import Any

from pydicom.charset import convert_encodings, decode_bytes, encode_string
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset


def choose_charset(header: Dataset, target: Dataset) -> None:
    """Keep the source's character set where it can write what was copied, else take UTF-8.

    The same bytes as in the source keep archives from seeing two patients.
    """
    charset = header.get("SpecificCharacterSet")
    texts = _texts(target)
    target.SpecificCharacterSet = "ISO_IR 192"
    if charset and _can_write(texts, charset):
        target.SpecificCharacterSet = charset
    elif all(text.isascii() for text in texts):
        del target.SpecificCharacterSet


def _can_write(texts: list[str], charset: Any) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            encodings = convert_encodings(charset)
            return all(
                decode_bytes(encode_string(text, encodings), encodings, {0x0D, 0x0A}) == text
                for text in texts
            )
    except (LookupError, UnicodeError, ValueError):
        return False


def _texts(header: Dataset) -> list[str]:
    texts: list[str] = []

    def collect(_: Dataset, element: DataElement) -> None:
        if element.VR in ("LO", "LT", "PN", "SH", "ST", "UC", "UT"):
            texts.append(str(element.value))

    header.walk(collect)
    return texts
