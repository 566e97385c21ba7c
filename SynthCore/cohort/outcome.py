"""What became of a case."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from SynthCore.cohort.unnamed import Unnamed
from SynthCore.errors import (
    CancelledError,
    ComputationError,
    OutOfMemoryError,
    RefusedError,
    SynthCoreError,
)
from SynthCore.quality.evaluation import Evaluation
from SynthCore.quality.words import metric_value

Became = Literal["done", "skipped", "refused", "failed", "cancelled", "waiting"]
"""Skipped is done by an earlier call and kept; waiting has not begun."""

BECAME: tuple[Became, ...] = get_args(Became)
DONE = ("done", "skipped")


@dataclass(frozen=True)
class Score:
    """How a result compares with its reference, and by what that was measured."""

    preset: str
    metrics: Mapping[str, float | None]
    mask: str
    clip: tuple[float, float] | None
    unit: str

    @classmethod
    def of(cls, found: Evaluation) -> Score:
        """Of an evaluation; what is not defined is None."""
        metrics = {k: v if math.isfinite(v) else None for k, v in found.metrics.items()}
        return cls(found.preset, metrics, found.mask, found.clip, found.unit)

    @property
    def key(self) -> str:
        """The metric by which cases are put in order: the mean absolute error."""
        return "mae_hu" if "mae_hu" in self.metrics else "mae"

    @property
    def error(self) -> float | None:
        """Its value."""
        return self.metrics.get(self.key)

    @property
    def text(self) -> str:
        """It with its unit."""
        return f"MAE {metric_value(self.key, self.error)}"


@dataclass(frozen=True)
class Outcome:
    """One case after it was tried.

    Attributes
    ----------
    id : str
        Of the case.
    became : str
        One of `BECAME`.
    exit_code : int
        What `run` would have ended with; 0 where it was not tried.
    sentence : str
        For a person; names no file.
    model : str
        What made it, with its version.
    warnings : tuple of str
        As in the report.
    seconds : float
        Of reading, computing and writing.
    score : Score or None
        Where it has a reference that it could be compared with.
    image, record, report, uncertainty : str
        In the case's folder; empty where there is none.
    """

    id: str
    became: Became
    exit_code: int = 0
    sentence: str = ""
    model: str = ""
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    score: Score | None = None
    image: str = ""
    record: str = ""
    report: str = ""
    uncertainty: str = ""

    @property
    def done(self) -> bool:
        """Whether its result is there, whenever it was made."""
        return self.became in DONE

    def skipped(self) -> Outcome:
        """It again, where a later call finds it."""
        told = "Done by an earlier call; kept as it is."
        return replace(self, became="skipped", sentence=told)

    def warned(self, *warnings: str) -> Outcome:
        """It with more warnings."""
        return replace(self, warnings=tuple(dict.fromkeys((*self.warnings, *warnings))))

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Outcome:
        """What `to_dict` gave, also after JSON.

        Raises
        ------
        TypeError, KeyError, ValueError
            If it is none.
        """
        given = dict(data)
        if given.get("became") not in BECAME:
            raise ValueError("not an outcome")
        given["warnings"] = tuple(given["warnings"])
        if given["score"] is not None:
            score = dict(given["score"])
            clip = score["clip"]
            score["clip"] = None if clip is None else (float(clip[0]), float(clip[1]))
            given["score"] = Score(**score)
        return cls(**given)


def of_error(case: str, error: BaseException, unnamed: Unnamed, seconds: float) -> Outcome:
    """The outcome of a case that ended with an error.

    A refusal is a check's, or of what is there already; whatever else goes wrong is a failure.
    """
    became: Became = "failed"
    if isinstance(error, CancelledError):
        return Outcome(case, "cancelled", error.exit_code, "Stopped; nothing of it was written.")
    if isinstance(error, RefusedError):
        became = "refused"
    if isinstance(error, SynthCoreError):
        told, code = unnamed(str(error)), error.exit_code
    elif isinstance(error, MemoryError):
        told, code = "Memory ran out; close other programs or give a smaller --tile.", 4
    else:  # the message of an unexpected error may hold a path or a header
        told, code = f"The engine met an unexpected {type(error).__name__}.", 4
    return Outcome(case, became, code, told, seconds=round(seconds, 3))


def short_of_memory(error: BaseException) -> bool:
    """Whether what is kept from other cases may be what the next one lacks."""
    return isinstance(error, MemoryError | OutOfMemoryError)


def exit_code_of(outcomes: tuple[Outcome, ...]) -> int:
    """0 where all are done, 4 where one failed, else 3 where one was refused."""
    became = {one.became for one in outcomes}
    if "failed" in became:
        return ComputationError.exit_code
    return RefusedError.exit_code if "refused" in became else 0


def failure(case: str, sentence: str) -> Outcome:
    """Of a case whose process ended without a word."""
    return of_error(case, ComputationError(sentence), Unnamed(), 0.0)
