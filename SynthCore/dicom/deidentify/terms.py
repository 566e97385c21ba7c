"""What is looked for in the bytes of a finished file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_ALNUM = re.compile(rb"[0-9a-z]")


@dataclass(frozen=True)
class SearchTerms:
    """Byte forms in small letters: of whole words, and of those that count within a word too."""

    whole: frozenset[bytes] = field(repr=False)
    within: frozenset[bytes] = field(repr=False)

    def found_in(self, data: bytes, shortest: int = 1) -> Iterator[bytes]:
        """Every form of at least `shortest` bytes that stands in `data`."""
        plain = data.lower()
        for form in self.within:
            if len(form) >= shortest and form in plain:
                yield form
        for form in self.whole:
            # most forms are nowhere, and that is told fast
            if len(form) >= shortest and form in plain and _stands_alone(form, plain):
                yield form


def _stands_alone(form: bytes, data: bytes) -> bool:
    place = data.find(form)
    while place >= 0:
        before, after = data[max(place - 1, 0) : place], data[place + len(form) :][:1]
        if not (_ALNUM.match(before) or before == b"." or _ALNUM.match(after)):
            return True
        place = data.find(form, place + 1)
    return False
