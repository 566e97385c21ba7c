"""Whether both CTs show what is compared: what one of them lacks was not checked.

Errors of the synthetic CT where the real one shows nothing are in no figure, nor is what the
synthetic CT cuts off.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from SynthCore.image import Image
from SynthCore.planning.finding import Finding, Light
from SynthCore.planning.surroundings import Surroundings, along_body
from SynthCore.quality.body import body_in_ct

Mask = npt.NDArray[np.bool_]

LEAST_SHOWN = 0.99
"""Of the body and of each target. The rest is what interpolation takes at an edge."""

_LIMIT = f"at least {100 * LEAST_SHOWN:g}"


def coverage_check(
    synthetic: Image,
    seen: Mask,
    targets: Mapping[str, Mask],
    around: Surroundings | None = None,
) -> tuple[Finding, ...]:
    """Findings of what the two CTs show of each other's patient.

    A real CT that is longer than the synthetic one is usual: the body in the synthetic CT is what
    has to be covered, in the slices of the targets or, where there is none, in all; where an MR
    goes on beyond the real CT, it is told. The body beside a target has to lie within the synthetic
    CT, for beams enter there; of the rest, such as the other leg, it is told.

    Parameters
    ----------
    synthetic : Image
        HU.
    seen : numpy.ndarray of bool
        [k, j, i]: where the real CT has a value.
    targets : mapping
        Their masks by name.
    around : Surroundings, optional
        The real body beside the synthetic CT; nothing where both have one grid.
    """
    found = []
    if (body := body_in_ct(synthetic)).any():
        share, beside = float(seen[body].mean()), body & _slices_of(targets, synthetic)
        enough = not beside.any() or float(seen[beside].mean()) >= LEAST_SHOWN
        found.append(
            _shown("covered_body", "body", share, "cut the synthetic CT to what the real one "
                   "shows, or give a real CT that shows all of it",
                   otherwise="warn" if targets and enough else "fail")
        )  # fmt: skip
    found += [
        _shown("covered_target", name, float(seen[mask].mean()),
               "give a real CT that shows all of it")
        for name, mask in targets.items()
    ]  # fmt: skip
    if around is not None:
        found += _cut_off(synthetic, targets, around)
    return tuple(found)


def _slices_of(targets: Mapping[str, Mask], synthetic: Image) -> Mask:
    """Of any target, [k, j, i] across the body."""
    along = along_body(synthetic)
    across = tuple(axis for axis in range(3) if axis != along)
    shape = tuple(n if axis == along else 1 for axis, n in enumerate(synthetic.shape))
    held: Mask = np.zeros(shape, dtype=np.bool_)
    for mask in targets.values():
        held |= mask.any(axis=across, keepdims=True)
    return held


def _shown(name: str, words: str, share: float, remedy: str, otherwise: Light = "fail") -> Finding:
    told = f"The real CT shows {_percent(share)} of the {words} in the synthetic CT"
    if share < LEAST_SHOWN:
        told += f", and nothing is known of the rest: {remedy}"
    return Finding("image", name, f"Share of {words} that the real CT shows", 100 * share, "%",
                   "pass" if share >= LEAST_SHOWN else otherwise, f"{told}.", _LIMIT)  # fmt: skip


def _cut_off(synthetic: Image, targets: Mapping[str, Mask], around: Surroundings) -> list[Finding]:
    shares = {
        f"the body beside {name}": around.share(
            synthetic.with_voxels(mask.astype(np.uint8), modality="", unit="")
        )
        for name, mask in targets.items()
    } or {"the largest part of the body": around.share_of_largest()}
    more = "" if targets else ", or name a target (--target): then what lies beside it counts"
    found = []
    for words, share in shares.items():
        if np.isfinite(share):
            found.append(
                _within("beside_target", words, share, "fail", "beams that enter "
                        "there are too short; make a synthetic CT of all of it" + more)
            )  # fmt: skip
    whole = around.share()
    if np.isfinite(whole):
        found.append(
            _within("beside_body", "the whole body", whole, "warn", "no beam may cross it")
        )  # fmt: skip
    return found


def _within(name: str, words: str, share: float, otherwise: Light, remedy: str) -> Finding:
    told = f"Of {words} in the real CT, {_percent(share)} lies within the synthetic CT sideways"
    if share < LEAST_SHOWN:
        told += f"; the rest is cut off: {remedy}"
    return Finding("image", name, f"Share of {words} within the synthetic CT, sideways",
                   100 * share, "%", "pass" if share >= LEAST_SHOWN else otherwise, f"{told}.",
                   _LIMIT)  # fmt: skip


def _percent(share: float) -> str:
    """So that what is a little less than all of it does not read as all."""
    return f"{np.floor(1000 * share + 1e-9) / 10:g}%"


def longer_note(around: Surroundings | None) -> list[str]:
    """A planning CT is usually longer than the MR: told, in a sentence."""
    if around is None or around.longer_mm < 1:
        return []
    return [
        f"The real CT goes {around.longer_mm:.0f} mm beyond the synthetic CT along the body: what "
        "beams cross there is in neither path length nor dose on the synthetic CT."
    ]
