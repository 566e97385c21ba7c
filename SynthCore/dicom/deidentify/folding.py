"""Text made comparable: without case, accents and forms of width, each character with its place."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "\u0131": "i"}
)
_SPELLED = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
_DIGRAPH = re.compile("ae|oe|ue|aa")
_LONG = 5


def fold(text: str) -> tuple[str, tuple[int, ...]]:
    """The folded text, and for each of its characters the place in `text` it came from."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        plain = unicodedata.normalize("NFKD", character).casefold().translate(_LETTERS)
        for part in unicodedata.normalize("NFKD", plain):
            if not unicodedata.combining(part):
                characters.append(part)
                places.append(place)
    return "".join(characters), tuple(places)


def folded(text: str) -> str:
    """The folded text alone."""
    return fold(text)[0]


def spellings(text: str) -> set[str]:
    """The folded text in every spelling in use: Müller as muller and mueller, and back."""
    composed = unicodedata.normalize("NFC", text).casefold()
    found = {folded(text), folded("".join(_SPELLED.get(c, c) for c in composed))}
    plain = folded(text)
    if len(plain) >= _LONG:
        found.add(_DIGRAPH.sub(lambda pair: pair.group()[0], plain))
    return found


def has_case(text: str) -> bool:
    """Whether it is in a script with spaces between words, as far as case tells."""
    return text.lower() != text.upper() or text.isascii()
