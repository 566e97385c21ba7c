"""The card of a model: what it was made for, how its input is prepared, what is known of it.

It is the ``synthcore`` block of a MONAI bundle's ``configs/metadata.json``, as `parse_card` checks
it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from SynthCore.models.brightest import Brightest
from SynthCore.models.normalize import Normalization
from SynthCore.models.uncertainty import Calibration

OPEN_TARGETS = ("same", "any")
"""Targets that are no role: the role given, or any output of the task that was not given."""

MIRRORS: Mapping[str, tuple[int, ...]] = {"flip-i": (2,), "flip-j": (1,), "flip-ij": (1, 2)}
"""Mirror images in the plane of the slices, by the axes of [k, j, i] that are turned round: a
network of slices may be asked about them, too."""


@dataclass(frozen=True)
class Prepare:
    """From the input's grid to the network's.

    Attributes
    ----------
    spacing_mm : tuple
        Spacing the network works at, along (i, j, k); None keeps the input's own.
    slices : int
        Neighboring slices the network sees (odd), the middle one is made.
    multiple_of : int
        In-plane size is padded to a multiple of this.
    tile : tuple of int
        Largest in-plane tile (rows, columns).
    normalization : mapping
        By role.
    absent : float
        What the channel of a role holds that was not given, for networks that take any.
    mask_channel : bool
        Whether the region to fill is the last channel, and is empty (`hole`) in all others.
    hole : float
        See `mask_channel`; in normalized units.
    first_guess : bool
        Whether the region is filled smoothly instead (`smooth_fill`), and the image as seen in the
        head's plane of symmetry (`mirror`) is a channel of its own, before the mask.
    planes : str
        ``slices``, the network works in the acquired slices; ``through``, in the planes across
        them, on the finer grid of `SynthCore.physics.fine_grid`, and sees where each made slice
        lies between acquired ones as one more channel.
    """

    spacing_mm: tuple[float | None, float | None, float | None] = (None, None, None)
    slices: int = 1
    multiple_of: int = 16
    tile: tuple[int, int] = (256, 256)
    normalization: Mapping[str, Normalization] = field(default_factory=dict)
    absent: float = -1.0
    mask_channel: bool = False
    hole: float = 0.0
    first_guess: bool = False
    planes: Literal["slices", "through"] = "slices"


@dataclass(frozen=True)
class Output:
    """From the network's output to the image: ``offset + scale * y``, plus the input if residual.

    Where `denormalize` is set, the output is in normalized units of the role that is made, and is
    brought to that image's own unit before anything is added.

    Attributes
    ----------
    scale, offset : float
        In the output's unit.
    residual_of : str or None
        Role whose own voxels are added; ``same`` for the image that is changed.
    clip : tuple of float or None
        Range of the result.
    outside : float or None
        Value outside the patient's body, None to leave what the network says.
    channels : tuple of str
        Roles of the network's output channels, where it has several.
    denormalize : bool
        See above; only for networks that change the image they are given.
    full_dose_hu : float or None
        For networks that find all noise of a CT: the noise of the full dose, in HU. So much of
        the change is made as brings the image nearest to that dose.
    brightest : Brightest or None
        Where the brightest of the result is to lie, at least. A preview of one slice is shown
        without, since it knows no volume.
    mean_over : tuple of str
        Of `MIRRORS`: the output is the mean of the answers to the input and to its mirror images.
    """

    scale: float = 1.0
    offset: float = 0.0
    residual_of: str | None = None
    clip: tuple[float, float] | None = None
    outside: float | None = None
    channels: tuple[str, ...] = ()
    denormalize: bool = False
    full_dose_hu: float | None = None
    brightest: Brightest | None = None
    mean_over: tuple[str, ...] = ()

    def index(self, target: str) -> int:
        """Which of the network's output channels holds that role."""
        return self.channels.index(target) if self.channels else 0


@dataclass(frozen=True)
class Card:
    """What the engine needs of a card, checked; `block` is all of it, for people and reports.

    `takes` says which of `inputs` go in: ``all`` of them; ``any``, as many as are given; ``one``,
    the first that is given; ``same``, the image that is changed; ``first``, likewise one, for a
    classical model. `uncertainty` is how its errors were calibrated, where they were.
    """

    id: str
    version: str
    task: str
    inputs: tuple[str, ...]
    target: str
    unit: str
    kind: Literal["network", "classical"]
    anatomy: str
    weights_sha256: str
    prepare: Prepare
    output: Output
    input_statistics: Mapping[str, Any]
    takes: Literal["all", "any", "one", "same", "first"]
    block: Mapping[str, Any] = field(repr=False)
    uncertainty: Calibration | None = None

    @property
    def runs(self) -> int:
        """How often the network runs for one result."""
        return 1 + len(self.output.mean_over)

    @property
    def uncertainty_runs(self) -> int:
        """How often it runs for a result with its uncertainty, 0 where it gives none."""
        return 0 if self.uncertainty is None else self.runs + len(self.uncertainty.changes)

    def makes(self, target: str) -> bool:
        """Whether the model can make that role."""
        if self.kind == "network" and self.target in OPEN_TARGETS:
            return target in (self.output.channels or self.inputs)
        return self.target == target or self.target in OPEN_TARGETS

    @property
    def channels(self) -> tuple[str, ...]:
        """What the network's input channels hold, each with its neighboring slices."""
        prepare = self.prepare
        return channel_names(
            self.inputs, self.takes, prepare.mask_channel, prepare.planes, prepare.first_guess
        )


def channel_names(
    inputs: Sequence[str],
    takes: str,
    mask: bool,
    planes: str = "slices",
    guess: bool = False,
) -> tuple[str, ...]:
    """Names of a network's input channels; the image alone where it takes one of its roles."""
    more = (
        *(("mirror",) if guess else ()),
        *(("mask",) if mask else ()),
        *(("place",) if planes == "through" else ()),
    )
    return (*(inputs if takes in ("all", "any") else ("image",)), *more)
