"""How bright a tissue is beside white matter in one's own image.

The sequence is not known, but what it made of white matter, gray matter and fluid is: of many
sequences drawn from clinical protocols, those count that come nearest to it, and the equations of
the sequence give every other tissue (`SynthCore.physics.generator`).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from SynthCore.physics.generator.tissue_values import TABLE

DRAWS = 300
NEAREST = 12
_LEAST = 0.03
"""Of white matter's signal: what noise and partial volume leave of a nulled tissue."""

_REFERENCE = ("white matter", "gray matter", "csf")


@dataclass(frozen=True)
class Contrast:
    """Signals relative to white matter.

    Attributes
    ----------
    ratio : dict
        By tissue; the geometric mean of the sequences that fit.
    sequences : tuple of str
        Names of those, the nearest first.
    misfit : float
        Of the nearest, relative: root mean square over gray matter and fluid.
    """

    ratio: dict[str, float]
    sequences: tuple[str, ...]
    misfit: float


def fit_contrast(
    role: str, gray: float, fluid: float, tissues: tuple[str, ...], seed: int = 0
) -> Contrast:
    """The contrast of an image.

    Parameters
    ----------
    role : str
        Its sequence.
    gray, fluid : float
        Gray values relative to white matter's; not a number where there is none.
    tissues : tuple of str
        Keys of `TABLE` to tell the signal of.
    seed : int
        Of the sequences that are drawn.
    """
    table, names = _candidates(role, seed)
    index = {name: n for n, name in enumerate(TABLE)}
    relative = table / np.maximum(table[:, [index["white matter"]]], 1e-9)
    # a ratio that hardly any sequence has comes from shading or thick slices, not from contrast
    known = relative[:, index["gray matter"]]
    gray = float(np.clip(gray, *np.percentile(known, (5, 95))))
    misfit = np.zeros(len(table))
    terms = 0
    for value, tissue, width in ((gray, "gray matter", 0.08), (fluid, "csf", 0.10)):
        if np.isfinite(value):
            found = relative[:, index[tissue]]
            # ratios of bright tissues, differences of dark ones
            misfit += ((found - value) / (width * max(1.0, value))) ** 2
            terms += 1
    order = np.argsort(misfit, kind="stable")[:NEAREST]
    best = np.maximum(relative[order], _LEAST)
    means = np.exp(np.log(best).mean(axis=0))
    error = float(np.sqrt(misfit[order[0]] / max(terms, 1))) * 0.1
    return Contrast(
        {tissue: float(means[index[tissue]]) for tissue in (*_REFERENCE, *tissues)},
        tuple(dict.fromkeys(names[n] for n in order)),
        error,
    )


@functools.lru_cache(maxsize=16)
def _candidates(role: str, seed: int) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
    """Magnitudes [sequence, tissue] and names of drawn sequences of a role."""
    import torch

    from SynthCore.physics.generator import signal as equations
    from SynthCore.physics.generator.contrast import draw_agent, sequence_signal
    from SynthCore.physics.generator.sequences import GRADIENT, MPRAGE, draw_sequence

    rng = np.random.default_rng(seed)
    values = list(TABLE.values())
    rows, names = [], []
    for n in range(DRAWS):
        field_t = (1.5, 3.0)[n % 2]
        sequence = draw_sequence(rng, role, field_t)
        gradient = sequence.kind in (GRADIENT, MPRAGE)
        t1 = torch.tensor([v.t1[n % 2] for v in values])
        t2 = torch.tensor([(v.t2_star if gradient else v.t2)[n % 2] for v in values])
        density = torch.tensor([v.density for v in values])
        if role == "T1c":
            agent = draw_agent(rng, field_t)
            dose = torch.tensor([v.agent for v in values]) * agent.dose
            t1, t2 = equations.shorten(t1, t2, dose, agent.r1, agent.r2)
        rows.append(sequence_signal(sequence, t1, t2, density).abs().double().numpy())
        names.append(sequence.name)
    return np.stack(rows), tuple(names)
