"""How bright tissues of generated people are beside white matter, by sequence and field strength.

The equations alone, without coils, noise and slices: to be held against the same ratios in real
images, which stand in docs/generator.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from SynthCore.physics.generator.contrast import sequence_signal
from SynthCore.physics.generator.person import draw_person
from SynthCore.physics.generator.sequences import GRADIENT, MPRAGE, Sequence, draw_sequence
from SynthCore.physics.generator.tissue_values import INDEX
from SynthCore.request import Progress

PEOPLE = 2000
SEED = 1
BESIDE = "white matter"
WHAT = (
    ("gray matter", "T1"),
    ("gray matter", "T2"),
    ("gray matter", "FLAIR"),
    ("csf", "T2"),
    ("csf", "FLAIR"),
    ("plaque", "T1"),
    ("plaque", "T2"),
    ("plaque", "FLAIR"),
)
"""Tissue and role."""


def table(data: Path, out: Path | None, progress: Progress) -> tuple[dict[str, Any], str]:
    """Median and 5th to 95th percentile over people and draws of a sequence; needs no data."""
    rng = np.random.default_rng(SEED)
    ratios: dict[tuple[str, str, float], list[float]] = {}
    for n in range(PEOPLE):
        progress(n / PEOPLE, "people")
        person = draw_person(rng)
        for tissue, role in WHAT:
            sequence = draw_sequence(rng, role, person.field_t)
            found, white = (
                _signal(sequence, person.tissues[INDEX[name]]) for name in (tissue, BESIDE)
            )
            ratios.setdefault((tissue, role, person.field_t), []).append(found / white)
    rows = [
        {
            "tissue": tissue,
            "role": role,
            "field_t": field,
            "people": len(values),
            **dict(zip(("p5", "median", "p95"), map(float, np.percentile(values, (5, 50, 95))),
                       strict=True)),
        }
        for (tissue, role, field), values in sorted(ratios.items())
    ]  # fmt: skip
    lines = [f"signal over that of {BESIDE}, {PEOPLE} people, median (5th to 95th percentile)"]
    lines += [
        f"{r['tissue']:<12} {r['role']:<6} {r['field_t']:>4} T  {r['median']:.2f} "
        f"({r['p5']:.2f} to {r['p95']:.2f})"
        for r in rows
    ]
    return {"seed": SEED, "beside": BESIDE, "rows": rows}, "\n".join(lines)


def _signal(sequence: Sequence, values: tuple[float, ...]) -> float:
    t1, t2, t2_star, density = (torch.tensor(float(v)) for v in values[:4])
    decay = t2_star if sequence.kind in (GRADIENT, MPRAGE) else t2
    return abs(float(sequence_signal(sequence, t1, decay, density)))
