"""From the spread of a network's answers to a standard deviation of its error, as calibrated.

A network asked again about the same image, changed in ways that should not matter (mirrored, a
little brighter, moved by a few pixels), answers a little differently. That spread alone says how
unsure the network is of itself, not how far it is from the truth: what it was never shown it may
get wrong the same way every time. So the card holds how large errors were on patients whom the
weights never saw, by the predicted CT number v, and how they grow with the spread::

    sigma^2 = floor(v)^2 + (factor(v) * bent(spread))^2
    bent(s) = BEND * ln(1 + s / BEND)

with floor and factor linear between knots. Errors grow more slowly than a large spread: of a
straight line, powers and logarithm the last fits best (tried on `mr-to-ct-extremity`, each patient
by the others), and it states no impossible deviations where a network is lost. The slope of the
image at edges would add nothing: the spread is large there by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.errors import ModelError
from SynthCore.models import card_fields as fields

Array = npt.NDArray[Any]
Float32 = npt.NDArray[np.float32]

CHANGES = (
    *("flip-i", "flip-j", "flip-k", "flip-ij"),
    *("brighter", "darker", "gamma-up", "gamma-down"),
    *("shift", "shift-more"),
)
"""Changes of the input that a card may name (`SynthCore.engine.changes`)."""
LOOKS = CHANGES[4:8]
"""Those that change intensities: for images in arbitrary units."""

BEND_HU = 10.0
"""Spread from which on errors grow more slowly than it."""
MOST_HU = 2000.0
"""Half of the range of CT numbers: nothing within a range deviates more."""

MOST_KNOTS = 64
LARGEST_HU = 5000.0
LARGEST_FACTOR = 100.0
_PART = 1 << 18
"""Voxels that are worked on at a time."""

_SHARES = (
    *("within_1", "within_2", "cubes_within_1", "cubes_within_2"),
    *("paths_within_1", "paths_within_2", "paths_together_within_1"),
)


@dataclass(frozen=True)
class Calibration:
    """What a card says of the uncertainty of its network.

    Attributes
    ----------
    changes : tuple of str
        Of `CHANGES`: each is one more run of the network.
    knots : tuple of float
        Predicted CT numbers, HU, ascending; beyond the ends the last value holds.
    floor : tuple of float
        HU at each knot.
    factor : tuple of float
        Of the spread, at each knot.
    measured : mapping
        On patients left out, as the card has it; for people and reports.
    """

    changes: tuple[str, ...]
    knots: tuple[float, ...]
    floor: tuple[float, ...]
    factor: tuple[float, ...]
    measured: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def deviation(self, voxels: Array, spread: Array) -> Float32:
        """Standard deviation of the error.

        Parameters
        ----------
        voxels : numpy.ndarray
            Predicted CT numbers, HU.
        spread : numpy.ndarray
            Root mean square difference of the changed runs from them, HU, of the same shape.

        Returns
        -------
        numpy.ndarray
            float32 of that shape, HU. Worked on in parts along the first axis: little is held
            beyond it.
        """
        out = np.empty(voxels.shape, dtype=np.float32)
        step = max(1, _PART // max(1, voxels[:1].size))
        for first in range(0, len(voxels), step):
            part = slice(first, first + step)
            floor = np.interp(voxels[part], self.knots, self.floor)
            moved = np.interp(voxels[part], self.knots, self.factor) * bent(spread[part])
            out[part] = np.minimum(np.hypot(floor, moved), MOST_HU)
        return out


def bent(spread: Array) -> Array:
    """A spread (HU) as errors grow with it: equal to it where it is small."""
    return BEND_HU * np.log1p(spread / BEND_HU)


def parse_uncertainty(block: Any, sha256: str) -> Calibration | None:
    """The calibration in a card.

    Parameters
    ----------
    block : object
        ``uncertainty`` of a card; untrusted.
    sha256 : str
        Of the card's weights.

    Returns
    -------
    Calibration or None
        None where there is none, or it was measured with other weights.

    Raises
    ------
    ModelError
        If a field is of a wrong type or out of range.
    """
    if block is None:
        return None
    block = fields.mapping(block, "uncertainty")
    changes = tuple(fields.listed(block["changes"], None, "uncertainty: changes"))
    if not changes or any(c not in CHANGES for c in changes) or len(set(changes)) < len(changes):
        raise ModelError("uncertainty: changes are not different ones that are known")
    knots = _numbers(block["knots_hu"], None, -LARGEST_HU, LARGEST_HU, "knots_hu")
    if not 0 < len(knots) <= MOST_KNOTS or list(knots) != sorted(set(knots)):
        raise ModelError("uncertainty: knots_hu are not in ascending order, or too many")
    measured = fields.mapping(block.get("measured", {}), "uncertainty: measured")
    for name in _SHARES:
        if name in measured:
            fields.number(measured[name], 0, 1, f"uncertainty: {name}")
    for name in ("correlation", "attainable", "by_number"):
        if name in measured:
            fields.number(measured[name], -1, 1, f"uncertainty: {name}")
    made = Calibration(
        changes=changes,
        knots=knots,
        floor=_numbers(block["floor_hu"], len(knots), 0, LARGEST_HU, "floor_hu"),
        factor=_numbers(block["factor"], len(knots), 0, LARGEST_FACTOR, "factor"),
        measured=measured,
    )
    # errors of other weights are other errors
    return made if fields.text(block, "weights_sha256") == sha256 else None


def _numbers(
    value: Any, length: int | None, low: float, high: float, name: str
) -> tuple[float, ...]:
    what = f"uncertainty: {name}"
    return tuple(fields.number(one, low, high, what) for one in fields.listed(value, length, what))
