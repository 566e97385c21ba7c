"""One map from old UIDs to new, over everything that is de-identified together."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pydicom.uid import UID_dictionary

STANDARD_ROOT = "1.2.840.10008."
"""UIDs of the DICOM standard itself."""

UID_PATTERN = r"(?<![0-9.])[0-2](?:\.(?:0|[1-9]\d*)){2,}(?!\.?[0-9])"
"""What may be a UID within text: at least three components."""

_LONG, _PARTS = 24, 6
"""A UID that is not known is told from a version by its length or its many components."""

_NAMES_A_KIND = re.compile(
    r"SOPClassUID|TransferSyntaxUID|ContextUID|MappingResourceUID|CodingSchemeUID"
    r"|SOPClassesSupported|TemplateUID"
)


class UidMap:
    """New UIDs by a keyed hash of the old: the same everywhere in one run, unlike in the next.

    The key is random and never leaves memory, so nobody can tell from a new UID whether it was
    made from an old one that they know. New UIDs are of the form ``2.25.`` and a UUID (PS3.5,
    B.2).
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._key = secrets.token_bytes(32)
        self._made: dict[str, str] = {}
        for uid in known:
            self.new(uid)

    def new(self, old: str) -> str:
        """The new UID for `old`; any text does, an empty one included."""
        found = self._made.get(old)
        if found is None:
            digest = hmac.new(self._key, old.encode(), hashlib.sha256).digest()
            found = f"2.25.{uuid.UUID(bytes=digest[:16], version=4).int}"
            self._made[old] = found
        return found

    def element(self, keyword: str, value: str) -> str:
        """What becomes of one value of the UI element `keyword`."""
        if not value:
            return ""
        return value if is_well_known(keyword, value) else self.new(value)

    def text(self, text: str) -> str:
        """`text` with the UIDs of instances in it replaced."""
        return re.sub(
            UID_PATTERN,
            lambda found: (
                self.new(found.group()) if self._is_instance(found.group()) else found.group()
            ),
            text,
        )

    def digest(self, text: str) -> str:
        """Twelve letters and digits for `text`, the same in one run: for codes nobody knows."""
        return hmac.new(self._key, b"code " + text.encode(), hashlib.sha256).hexdigest()[:12]

    def _is_instance(self, found: str) -> bool:
        if found in self._made:
            return True
        if found in UID_dictionary or found.startswith(STANDARD_ROOT):
            return False
        return len(found) > _LONG or found.count(".") >= _PARTS - 1

    @property
    def made(self) -> Mapping[str, str]:
        """Old UID to new, as far as asked for."""
        return MappingProxyType(
            {old: new for old, new in self._made.items() if re.fullmatch(r"[0-9.]+", old)}
        )


def is_well_known(keyword: str, value: str) -> bool:
    """Whether a UID names a kind (SOP class, transfer syntax, coding scheme), not an instance."""
    if value in UID_dictionary:
        return True
    return bool(_NAMES_A_KIND.search(keyword)) and value.startswith(STANDARD_ROOT)
