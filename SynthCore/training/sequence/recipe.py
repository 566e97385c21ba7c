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
        Stage(1700, 2e-3, "generated", freeze_norm_at=0.4, at_points=0.3, point_weight=3.0),
        # which sequences are given changes from crop to crop: statistics of a batch say little
        Stage(3000, 1.5e-3, freeze_norm_at=0.0, at_points=0.3, point_weight=3.0),
        # lesions are few and the mean of what may be: without weight they stay faint
        Stage(10000, 1e-3, freeze_norm_at=0.0, at_points=0.5, point_weight=8.0),
    ),
    slices=3,
    batch=4,
    loss="edges",
    outputs=ROLES,
    watch_steps=850,
    options={"real_share": 0.85, "slabs": 280, "heads": 16},
)

FOLDS = (("patient26", "TCGA-FG-6692"), ("patient07", "AURORA"))
"""Patients left out together: each fold learns from one study of either kind of scanner less."""
