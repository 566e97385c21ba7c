"""Sentences about a case without the names of its files, which can hold a patient's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from SynthCore.tasks import ROLES

_DESCRIBED = re.compile(r"""(#\d+) (?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*") \(""")
"""A series as `SeriesInfo.line` lists it."""

_WORD = re.compile(r"[a-z]+|[A-Z]{1,3}|DICOM|NIFTI|NRRD")
"""A name that may as well be a word of a sentence: such are `one`, `series` and `MR`; longer words
in capitals are names."""

_BEFORE = "|".join(
    rf"(?<={re.escape(text)})"
    for text in (
        *("mask ", "reference ", "folder ", "series in ", "segments of ", "planes of "),
        *("gap after ", "no series ", "the series ", "leave out '", "asked for, "),
        *("'", '"', "/", "#"),
    )
)
_AFTER = "|".join(
    (
        *("['\"/#]", r" (?:holds|has|is|lies|lacks|cannot|says|stores|states|does) "),
        r" (?:and [^ ]+ )?are different",
    )
)


@dataclass
class Unnamed:
    """Sentences without names of files and descriptions of series.

    `names` says what each file is called instead; a series keeps its number.
    """

    names: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, sentence: str) -> str:
        """The sentence with every such name replaced, longer ones first.

        A name that may be a word is one only where sentences name a file.
        """
        for name in sorted(self.names, key=len, reverse=True):
            if len(name) > 2:  # a word of its own, not a part of one
                text, called = re.escape(name), self.names[name]
                whole = rf"(?<![\w.-]){text}(?![\w-])"
                if _WORD.fullmatch(name) or name in ROLES:
                    whole = rf"(?:^|{_BEFORE}){text}(?![\w-])|(?<![\w.-]){text}(?={_AFTER})"
                sentence = re.sub(whole, called.replace("\\", r"\\"), sentence)
        sentence = _DESCRIBED.sub(r"\1 (", sentence)
        return sentence[:1].upper() + sentence[1:]
