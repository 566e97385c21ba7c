"""A case, and what is asked of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from SynthCore.one_run.compute import Wanted
from SynthCore.request import Options


@dataclass(frozen=True)
class Case:
    """One line of the table.

    Attributes
    ----------
    id : str
        As the person calls it; the name of its folder.
    line : int
        Of the table, by which errors name it.
    paths : mapping
        Image file or DICOM folder by role, absolute; ``FOLDER#SERIES`` names one series.
    target : str
        The role to make.
    mask, reference : Path or None
        What is filled or scored, and a real image to compare with.
    remarks : tuple of str
        Warnings that the table itself gives rise to.
    """

    id: str
    line: int
    paths: Mapping[str, str]
    target: str
    mask: Path | None = None
    reference: Path | None = None
    remarks: tuple[str, ...] = ()

    def given(self) -> dict[str, str]:
        """Every path of the case by its column."""
        more = {"mask": self.mask, "reference": self.reference}
        return {**self.paths, **{name: str(path) for name, path in more.items() if path}}


@dataclass(frozen=True)
class Order:
    """What is asked of every case.

    Attributes
    ----------
    task : str
        Of the catalogue.
    model : str or None
        Id or folder; None for the best, which may differ between cases.
    model_id : str
        The id where a model is asked for, else empty.
    options : Options
        How to compute.
    form : {'dicom', 'nifti'}
        Of the images.
    """

    task: str
    model: str | None = None
    model_id: str = ""
    options: Options = field(default_factory=Options)
    form: str = "dicom"

    def facts(self, case: Case) -> dict[str, Any]:
        """All that a result depends on but files; not the threads: they change no voxel."""
        return {**self.shared(), "target": case.target}

    def shared(self) -> dict[str, Any]:
        """The facts that every case of a batch has in common."""
        asked = self.options
        return {
            "task": self.task,
            "model": self.model_id,
            "format": self.form,
            "seed": asked.seed,
            "device": asked.device,
            "backend": asked.backend,
            "tile": asked.tile,
            "uncertainty": asked.uncertainty,
        }

    def of(self, case: Case) -> Wanted:
        """The run that makes the result of a case."""
        return Wanted(
            self.task, case.paths, case.target, self.model, case.mask, case.reference, self.options
        )

    def with_threads(self, threads: int) -> Order:
        """The same on so many threads, 0 for all."""
        return replace(self, options=replace(self.options, threads=threads))
