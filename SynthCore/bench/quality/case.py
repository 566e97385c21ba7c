"""A real case with its truth, and what a model scored on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class QualityCase:
    """Inputs of one task, and the image they should have given.

    Attributes
    ----------
    task : str
        Of the catalogue.
    name : str
        Patient and what is made of it, such as ``STS_010 T1`` or ``AURORA FLAIR from three``.
    patient : str
        As cards name who was trained on.
    inputs : mapping
        Images by role.
    target : str
        The role made.
    reference : Image
        The truth.
    preset : str
        Of `SynthCore.quality.presets`.
    area : numpy.ndarray of bool
        [k, j, i] on the reference's grid: brain or body. Never an image's empty background.
    area_name : str
        What `area` is, for a person.
    lesion : numpy.ndarray of bool or None
        Likewise, where there is one.
    region : Image or None
        What is to be filled, for tasks that fill.
    options : mapping
        More of the request.
    note : str
        What is simulated or registered about the case.
    """

    task: str
    name: str
    patient: str
    inputs: Mapping[str, Image]
    target: str
    reference: Image
    preset: str
    area: Mask
    area_name: str
    lesion: Mask | None = None
    region: Image | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    note: str = ""

    @property
    def keeps_scale(self) -> bool:
        """Whether the image made is the input's own sequence, and so has its gray levels."""
        return self.target in self.inputs


@dataclass(frozen=True)
class Waiting:
    """A case that is read only when its turn comes."""

    task: str
    patient: str
    name: str
    make: Callable[[], QualityCase]


@dataclass(frozen=True)
class Row:
    """One model on one case.

    Attributes
    ----------
    trained_on : str
        By the model's card: ``yes`` where the patient is in its training data, ``no`` where it is
        among those kept out of it, ``unknown`` where the card names it nowhere; empty for a
        classical model that was fitted on nobody.
    preset : str
        Of `psnr_db` and `ssim`, inside the area.
    psnr_db, ssim : float
        By the preset.
    whole, area, lesion : float
        Mean absolute error everywhere, in the area, in the lesion: HU, or for MR percent of
        the 99.5 percentile in the area, as `SynthCore.bench.quality.score.comparable` has it.
    signed : float
        Mean signed error in the area, likewise.
    baseline : str
        The classical model of the same task on the same case.
    less : float
        How much lower `area` is than the baseline's: positive is better.
    less_low, less_high : float
        95% interval of `less`, by resampling blocks of slices.
    refused : str
        Why nothing was made; then there are no figures.
    """

    task: str
    case: str
    model: str
    trained_on: str
    preset: str
    area_name: str
    unit: str
    note: str
    psnr_db: float = float("nan")
    ssim: float = float("nan")
    whole: float = float("nan")
    area: float = float("nan")
    lesion: float = float("nan")
    signed: float = float("nan")
    baseline: str = ""
    less: float = float("nan")
    less_low: float = float("nan")
    less_high: float = float("nan")
    seconds: float = float("nan")
    refused: str = ""
