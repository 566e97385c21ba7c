"""What is looked for in the bytes of a finished file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_ALNUM = re.compile(rb"[0-9a-z]")


_LONG = 7


@dataclass(frozen=True)
class SearchTerms:
    """Byte forms in small letters: of whole words, of those that count within words, of dates."""

    whole: frozenset[bytes] = field(repr=False)
    within: frozenset[bytes] = field(repr=False)
    days: frozenset[bytes] = field(repr=False)

    def found_in(self, data: bytes, *, compressed: bool = False) -> Iterator[bytes]:
        """Every form that stands in `data`.

        Parameters
        ----------
        data : bytes
            Part of a file.
        compressed : bool
            Whether these are compressed pixels: then only long forms and no dates are looked
            for. Four bytes of another script stand in hundreds of megabytes by chance.
        """
        plain = data.lower()
        shortest = _LONG if compressed else 1
        for form in self.within:
            if len(form) >= shortest and form in plain:
                yield form
        for form in self.whole if compressed else self.whole | self.days:
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
