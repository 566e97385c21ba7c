"""What every classical model takes and gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.request import Cancelled, Progress, stop_if

Float32 = npt.NDArray[np.float32]
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Job:
    """One run.

    Attributes
    ----------
    inputs : mapping
        Images by role, all on one grid.
    target : str
        The role to make.
    body : numpy.ndarray of bool
        [k, j, i], the patient's body as the engine found it.
    mask : numpy.ndarray of bool, optional
        [k, j, i], the region to fill, for tasks that take one.
    """

    inputs: Mapping[str, Image]
    target: str
    body: npt.NDArray[np.bool_]
    mask: npt.NDArray[np.bool_] | None = None
    progress: Progress | None = None
    cancelled: Cancelled | None = None

    def steps(self, items: Iterable[_Item], total: int, stage: str) -> Iterator[_Item]:
        """Pass `items` on, telling progress and asking for cancellation between them.

        Raises
        ------
        CancelledError
            If `cancelled` said so.
        """
        for done, item in enumerate(items):
            stop_if(self.cancelled)
            yield item
            if self.progress is not None:
                self.progress((done + 1) / total, stage)


class ClassicalModel(Protocol):
    """Made from the plain values in a bundle's ``method_def``; called once a run."""

    def __call__(self, job: Job) -> Float32:
        """Voxels [k, j, i] of the target, on the inputs' grid and in the target's unit."""
        ...
