"""Find names, numbers and places in a text as people write them, and take them out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from SynthCore.dicom.deidentify.folding import fold, has_case, spellings
from SynthCore.dicom.deidentify.words import VOCABULARY

LONG_NAME = 5
"""Letters from which a name is found within a longer word."""

_DIGITS = re.compile(r"\d(?:[ \-./]?\d){4,}")
FEWEST_DIGITS = 5
"""From which a row of digits is looked for."""

_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_])"  # no letter and no digit there


def pattern_of(names: Iterable[str], phrases: Iterable[str]) -> re.Pattern[str]:
    """A pattern for folded text.

    Parameters
    ----------
    names
        Parts of names: also found within a word, if they have `LONG_NAME` letters or more and
        are no words of imaging.
    phrases
        Other values: found as a whole; rows of five digits or more of them anywhere, also with
        spaces and hyphens between the digits.
    """
    bodies: set[str] = set()
    names = set(names)
    for name in names:
        bodies.update(_bodies(name, within=len(name) >= LONG_NAME))
    for phrase in set(phrases) | names:
        bodies.update(_bodies(phrase, within=False))
        bodies.update(_numbers(phrase))
    if not bodies:
        return re.compile(r"(?!)")
    return re.compile("|".join(sorted(bodies, key=lambda body: (-len(body), body))))


def without(text: str, pattern: re.Pattern[str]) -> str:
    """`text` less every word in which the pattern finds something."""
    plain, places = fold(text)
    gone: set[int] = set()
    for found in pattern.finditer(plain):
        if found.end() > found.start():
            gone.update(range(places[found.start()], places[found.end() - 1] + 1))
    if not gone:
        return text
    for word in re.finditer(r"\w+", text):
        letters = range(word.start(), word.end())
        if text.isascii() and any(place in gone for place in letters):
            gone.update(letters)
    return "".join(character for place, character in enumerate(text) if place not in gone)


def _bodies(phrase: str, *, within: bool) -> Iterator[str]:
    for spelling in spellings(phrase):
        words = spelling.split()
        if not words:
            continue
        body = r"[\s_]+".join(re.escape(word) for word in words)
        free = within and len(spelling) >= LONG_NAME and spelling not in VOCABULARY
        yield body if free or not has_case(phrase) else f"{_BEFORE}{body}{_AFTER}"


def _numbers(phrase: str) -> Iterator[str]:
    for row in _DIGITS.findall(phrase):
        digits = re.sub(r"\D", "", row)
        if len(digits) >= FEWEST_DIGITS and len(set(digits)) > 1:
            yield r"[ \-]?".join(digits)
