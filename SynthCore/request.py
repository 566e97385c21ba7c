"""What is asked, what comes back, and the record that goes wherever the image goes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from SynthCore.errors import CancelledError
from SynthCore.image import Image

Progress = Callable[[float, str], None]
"""Called with the fraction done (0 to 1) and the stage, from the thread that computes."""


def part_of(progress: Progress | None, low: float, high: float, *, before: str = "") -> Progress:
    """The progress of a part of the work that lies between two fractions of the whole.

    Parameters
    ----------
    progress : Progress or None
        Of the whole.
    low, high : float
        Where the part begins and ends, 0 to 1.
    before : str
        Written before the part's stages, such as the name of what is worked on.
    """
    if progress is None:
        return lambda fraction, stage: None
    return lambda fraction, stage: progress(low + (high - low) * fraction, before + stage)


Cancelled = Callable[[], bool]
"""Asked between tiles; true stops the run with `CancelledError`."""


def stop_if(cancelled: Cancelled | None) -> None:
    """Raise `CancelledError` if that was asked for.

    Raises
    ------
    CancelledError
        If `cancelled` says so.
    """
    if cancelled is not None and cancelled():
        raise CancelledError("Cancelled; nothing was written.")


def or_stop(progress: Progress | None, cancelled: Cancelled | None) -> Progress:
    """Tell how far it is, unless it was cancelled: then raise `CancelledError`.

    For work that only tells how far it is, and does not ask.
    """

    def tell(fraction: float, stage: str) -> None:
        stop_if(cancelled)
        if progress is not None:
            progress(fraction, stage)

    return tell


Outcome = Literal["pass", "warn", "refuse"]


@dataclass(frozen=True)
class Check:
    """One check of an input: its name, outcome, a sentence, and the figures behind it."""

    name: str
    outcome: Outcome
    message: str
    value: float | None = None
    limit: float | None = None


@dataclass(frozen=True)
class Options:
    """How to compute.

    Attributes
    ----------
    seed : int
        For whatever is random.
    device : str
        ``auto``, ``cpu`` or ``cuda:N``.
    backend : str
        ``auto``, ``openvino`` or ``torch``.
    threads : int
        CPU threads, 0 for all.
    tile : int or None
        Side of the in-plane tile, None for the model's own; smaller takes less memory.
    uncertainty : bool
        Whether to estimate how far the result can be trusted as well, where the model's card holds
        a calibration of it; the network runs several times then. The image is the same.
    """

    seed: int = 0
    device: str = "auto"
    backend: str = "auto"
    threads: int = 0
    tile: int | None = None
    uncertainty: bool = False


@dataclass(frozen=True)
class SynthesisRequest:
    """A task with its inputs by role, and optionally the model, target and mask."""

    task: str
    inputs: Mapping[str, Image]
    target: str | None = None
    model: str | None = None
    mask: Image | None = None
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class SynthesisRecord:
    """Enough to run a synthesis again to the same voxels, without a name or a path in it.

    `inputs` and `output` are summaries of images (`SynthCore.image.summary`). `output` may
    also hold ``instances``: SOPInstanceUID to SHA-256 of the pixel data, set by the DICOM writer,
    and ``deidentified``, set where a record was written anew for de-identified copies.
    """

    task: str
    target: str
    model: str
    model_version: str
    weights_sha256: str
    inputs: Mapping[str, Mapping[str, Any]]
    mask: Mapping[str, Any] | None
    options: Mapping[str, Any]
    device: str
    backend: str
    software: Mapping[str, str]
    checks: tuple[Check, ...]
    warnings: tuple[str, ...]
    output: Mapping[str, Any]
    created: str
    format: int = 1

    def to_json(self) -> str:
        """Compact JSON with sorted keys: equal records give equal text."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> SynthesisRecord:
        """The record written by `to_json`.

        Raises
        ------
        ValueError
            If the text is not such a record.
        """
        try:
            data = json.loads(text)
            data["checks"] = tuple(Check(**check) for check in data["checks"])
            data["warnings"] = tuple(data["warnings"])
            return cls(**data)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"not a synthesis record: {error}") from error


@dataclass(frozen=True)
class SynthesisResult:
    """The synthetic image on its input's grid, and what is known about it.

    Attributes
    ----------
    image : Image
        On the grid of the first input its model used.
    record : SynthesisRecord
        Its ``inputs`` are the ones that were used.
    checks, warnings : tuple
        For a person; also in the record.
    card : mapping
        The card of the model that was used, as its folder has it.
    uncertainty : Image or None
        Standard deviation of the image's error, on the same grid and in its unit, where it was
        asked for; 0 outside the patient's body, where nothing is stated.
    seconds : float
        Of the whole run.
    """

    image: Image
    record: SynthesisRecord
    checks: tuple[Check, ...] = ()
    warnings: tuple[str, ...] = ()
    card: Mapping[str, Any] = field(default_factory=dict, repr=False)
    uncertainty: Image | None = None
    seconds: float = 0.0
