"""One reader's answers: what they are, and how they are checked."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from SynthCore.errors import InputError
from SynthCore.readers.study import Study

CONFIDENCE = (
    "definitely real",
    "probably real",
    "rather real",
    "rather synthetic",
    "probably synthetic",
    "definitely synthetic",
)
"""What 1 to 6 stand for; from `SYNTHETIC_FROM` on an image is called synthetic."""

SYNTHETIC_FROM = 4
LIKERT = ("realism", "anatomy", "consistency")
LIKERT_QUESTIONS = {
    "realism": "Realism: does it look like an acquired image?",
    "anatomy": "Anatomy: is it plausible?",
    "consistency": "Slices: do they fit each other?",
}
LIKERT_ENDS = ("not at all", "entirely")
MOST_POINTS = 5
LONGEST_COMMENT = 500
LONGEST_SECONDS = 86_400.0
_READER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,39}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes
    ----------
    study, reader, item : str
        Of what, by whom, to which showing.
    confidence : int
        1 definitely real to 6 definitely synthetic.
    realism, anatomy, consistency : int
        1 not at all to 5 entirely.
    seconds : float
        For which the picture was seen.
    comment : str
        Free text.
    answered : str
        UTC, ISO 8601.
    taught : bool
        Whether in the teaching mode, in which the truth of earlier items was known.
    """

    study: str
    reader: str
    item: str
    confidence: int
    realism: int
    anatomy: int
    consistency: int
    seconds: float
    comment: str = ""
    answered: str = ""
    taught: bool = False

    @property
    def called_synthetic(self) -> bool:
        """Whether the reader took the image for synthetic."""
        return self.confidence >= SYNTHETIC_FROM


FIELDS = tuple(field.name for field in fields(Answer))


def reader_name(text: str) -> str:
    """A reader's name as it stands in answers and file names.

    Raises
    ------
    InputError
        If it has other characters than letters, digits, space, ``-`` and ``_``, or over 40.
    """
    name = text.strip()
    if not _READER.fullmatch(name):
        raise InputError(
            f"The reader {text[:40]!r} cannot be a file name: give 1 to 40 letters without "
            "accents, digits, spaces, - or _, such as reader-1."
        )
    return name


def parse_answer(data: Any, study: Study) -> Answer:
    """An answer from what a page sent or a file holds.

    Raises
    ------
    InputError
        With the field that is wrong.
    """
    if not isinstance(data, Mapping):
        raise InputError("An answer is a JSON object.")
    if data.get("study") != study.id:
        raise InputError("The answer belongs to another study; name the study it was given to.")
    item = data.get("item")
    if item not in study.items:
        raise InputError("The answer is to an item that the study does not have.")
    scores = {name: _whole(data, name, MOST_POINTS) for name in LIKERT}
    seconds = data.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise InputError("The seconds of an answer must be a number.")
    if not 0 <= seconds <= LONGEST_SECONDS or not math.isfinite(seconds):
        raise InputError("The seconds of an answer must be between 0 and one day.")
    comment, answered = data.get("comment", ""), data.get("answered", "")
    if not isinstance(comment, str) or len(comment) > LONGEST_COMMENT:
        raise InputError(f"A comment is a text of at most {LONGEST_COMMENT} characters.")
    if answered and not (isinstance(answered, str) and _TIME.fullmatch(answered)):
        raise InputError("The time of an answer is not UTC in ISO 8601.")
    taught = data.get("taught", False)
    if not isinstance(taught, bool):
        raise InputError("The field taught of an answer is true or false.")
    return Answer(
        study.id,
        reader_name(str(data.get("reader", ""))),
        str(item),
        _whole(data, "confidence", len(CONFIDENCE)),
        **scores,
        seconds=round(float(seconds), 3),
        # half of a character, which a file in another encoding can hold, can be written nowhere
        comment=" ".join(comment.encode("utf-8", "replace").decode().split()),
        answered=answered,
        taught=taught,
    )


def answer_line(answer: Answer) -> str:
    """An answer as a JSON line."""
    return json.dumps(asdict(answer), ensure_ascii=True, allow_nan=False) + "\n"


def _whole(data: Mapping[str, Any], name: str, most: int) -> int:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise InputError(f"The {name} of an answer is a whole number from 1 to {most}.")
    return value
