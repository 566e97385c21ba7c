"""The weighting of an MR image by its timing: TR, TE, TI and the kind of echo.

The limits are the customary ones of clinical protocols at 1.5 and 3 T (for instance
McRobbie et al., MRI from Picture to Proton, 3rd edition, chapters 3 and 12): spin echo with
short TR and TE is T1 weighted, long and long is T2, long TR with short TE is PD; inversion
at about 2 s nulls CSF (FLAIR), at about 0.2 s fat (STIR), and at about 1 s raises T1
contrast. Between the limits no role is claimed.
"""

from __future__ import annotations

from dataclasses import dataclass

from SynthCore.dicom.acquisition import Acquisition


@dataclass(frozen=True)
class Numbers:
    """What timing says: the roles it allows, the figures quoted, and why it is none at all."""

    roles: frozenset[str]
    figures: str
    excluded: str = ""


def weighting_by_numbers(acquired: Acquisition) -> Numbers:
    """Roles among T1, T2, FLAIR, PD, DIR that the timing allows; none where it tells nothing."""
    figures = _figures(acquired)
    if acquired.echo == "EP" and not acquired.inversion:
        return Numbers(frozenset(), figures, "echo planar, as diffusion, perfusion and BOLD are")
    if acquired.te is None or acquired.tr is None:
        return Numbers(frozenset(), figures)
    if acquired.ti is not None and 80 <= acquired.ti <= 260 and not acquired.prepared:
        return Numbers(frozenset(), figures, "a STIR image, which no role stands for")
    roles = _gradient(acquired) if acquired.echo == "GR" else _spin(acquired)
    return Numbers(frozenset(roles), figures)


def _spin(acquired: Acquisition) -> set[str]:
    tr, te, ti = acquired.tr or 0.0, acquired.te or 0.0, acquired.ti
    inverted = acquired.inversion or ti is not None
    if ti is not None and ti >= 1400:
        # double inversion reports its long inversion alone, and looks the same by numbers
        return {"FLAIR", "DIR"} if tr >= 4000 else set()
    if ti is not None and 300 <= ti < 1400:
        return {"T1"} if te <= 50 and tr <= 4000 else set()
    if tr <= 1200:
        return {"T1"} if te <= 40 else set()
    if tr >= 1800:
        if te <= 45 and not inverted:
            return {"PD"}
        if te >= 60:
            # without an inversion time in the header a FLAIR looks like a T2
            if inverted:
                return {"FLAIR", "DIR"}
            return {"T2", "FLAIR"} if tr >= 5000 else {"T2"}
    return set()


def _gradient(acquired: Acquisition) -> set[str]:
    tr, te, ti, flip = acquired.tr or 0.0, acquired.te or 0.0, acquired.ti, acquired.flip or 0.0
    if acquired.steady:
        return set()
    if ti is not None and 300 <= ti <= 1400:
        return {"T1"} if te <= 10 and tr <= 4000 else set()
    if te > 12:
        return set()
    if tr <= 50 and 5 <= flip <= 50:
        return {"T1"}
    if 50 < tr <= 500 and flip >= 45:
        return {"T1"}
    return set()


def _figures(acquired: Acquisition) -> str:
    named = (
        ("TR", acquired.tr, " ms"),
        ("TE", acquired.te, " ms"),
        ("TI", acquired.ti, " ms"),
        ("flip angle", acquired.flip, "°"),
    )
    return ", ".join(
        f"{name} {figure:g}{unit}" for name, figure, unit in named if figure is not None
    )
