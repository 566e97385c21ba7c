"""The character set of a synthetic object: the source's, where it can write what was copied.

A source may hold texts that are not in the character set it states, or state none: what a reader
makes of them is a guess. Their bytes are kept then, under a character set that can hold them, so
that an archive does not see another patient; a note asks a person to compare the name.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Any

from pydicom.charset import convert_encodings, decode_bytes, encode_string, python_encoding
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.tag import Tag

from SynthCore.words import listed

_TEXT = ("LO", "LT", "PN", "SH", "ST", "UC", "UT")
_LATIN, _UNICODE = "ISO_IR 100", "ISO_IR 192"
_ASCII = ("", "ISO_IR 6", "ISO 2022 IR 6")
_ESCAPE = b"\x1b"
_NOTE = "charset_note"


def settle_charset(header: Dataset, keywords: Iterable[str]) -> None:
    """Change a header's character set where its texts are not in the one it states.

    The text of an element is made of its bytes when it is first asked for, and those are lost
    then: this has to come first, right after the file was read. What `charset_note` tells later
    stays with the header until it is copied.

    Parameters
    ----------
    header
        As read from a file.
    keywords
        Attributes whose texts count.
    """
    stated = header.get("SpecificCharacterSet")
    given = list(stated) if isinstance(stated, MultiValue) else [stated or ""]
    names = [_in_order(name) for name in given]
    if names != given:
        _state(header, names[0] if len(names) == 1 else names)
    codec = "ascii" if names[0] in _ASCII else python_encoding.get(names[0], "ascii")
    texts = {
        keyword: text for keyword in keywords if not (text := _bytes(header, keyword)).isascii()
    }
    # behind an escape sequence another set holds
    wrong = [
        keyword for keyword, text in texts.items() if not _reads(text.partition(_ESCAPE)[0], codec)
    ]
    if not wrong:
        return
    verb, whose = ("is", "its") if len(wrong) == 1 else ("are", "their")
    states = (
        "in the character set stated there"
        if any(names)
        else "ASCII, and no character set is stated"
    )
    note = f"{listed(wrong)} of the source {verb} not {states}"
    if len(names) == 1:
        utf_8 = all(_reads(text, "utf-8") for text in texts.values())
        _state(header, _UNICODE if utf_8 else _LATIN)
        note += f"; {whose} bytes were kept as {header.SpecificCharacterSet}"
    setattr(header, _NOTE, f"{note}: compare the patient's name with the source.")


def charset_note(header: Dataset) -> tuple[str, ...]:
    """What `settle_charset` found."""
    note = getattr(header, _NOTE, "")
    return (note,) if note else ()


def choose_charset(header: Dataset, target: Dataset) -> None:
    """Keep the source's character set where it can write what was copied, else take UTF-8.

    The same bytes as in the source keep archives from seeing two patients.
    """
    charset = header.get("SpecificCharacterSet")
    texts = _texts(target)
    target.SpecificCharacterSet = _UNICODE
    if charset and _can_write(texts, charset):
        target.SpecificCharacterSet = charset
    elif all(text.isascii() for text in texts):
        del target.SpecificCharacterSet


def _state(header: Dataset, charset: str | list[str]) -> None:
    """State a character set, by which the bytes that were read become texts as well."""
    header.SpecificCharacterSet = charset
    # pydicom has the encodings as the third of the three
    header.set_original_encoding(*header.original_encoding, convert_encodings(charset))


def _in_order(name: str) -> str:
    """A character set's name as DICOM spells it, where it was meant: ISO-IR 100, iso_ir 100."""
    spelled = re.sub(r"^ISO[ _-]?IR[ _-]?", "ISO_IR ", name.strip(), flags=re.IGNORECASE)
    return spelled if spelled in python_encoding else name


def _bytes(header: Dataset, keyword: str) -> bytes:
    """A text's bytes in the file, empty where it is no text or was made of them before."""
    tag = Tag(tag_for_keyword(keyword) or 0)
    element = header.get_item(tag) if tag in header and dictionary_VR(tag) in _TEXT else None
    return (element.value or b"") if isinstance(element, RawDataElement) else b""


def _reads(text: bytes, codec: str) -> bool:
    try:
        text.decode(codec)
    except UnicodeError:
        return False
    return True


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
        if element.VR in _TEXT:
            texts.append(str(element.value))

    header.walk(collect)
    return texts
