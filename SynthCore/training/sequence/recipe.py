"""Any subset of T1, T1c, T2, FLAIR and PD of a brain to any other of them."""

from __future__ import annotations

from SynthCore.training.recipe import Recipe, Stage
from SynthCore.training.sequence.studies import ROLES

RECIPE = Recipe(
    name="mr-sequence-brain",
    task="mr-sequence",
    model="mr-sequence-brain",
    roles=ROLES,
    validation=(),
    stages=(
        Stage(1100, 2e-3, "generated"),
        Stage(600, 1.5e-3, freeze_norm_at=0.5),
    ),
    slices=3,
    outputs=ROLES,
    watch_steps=300,
    options={"real_share": 0.85, "slabs": 280, "heads": 6},
)
