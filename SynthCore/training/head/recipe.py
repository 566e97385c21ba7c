"""T1, T1 with agent or T2 of a head to CT, from label maps by simulation."""

from __future__ import annotations

from SynthCore.training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="mr-to-ct-head",
    task="mr-to-ct",
    model="mr-to-ct-head",
    roles=("T1", "T1c", "T2"),
    # every fifth of the sorted list: fixed before any training
    validation=("training_seg_05", "training_seg_10", "training_seg_15", "training_seg_20"),
    channels=("image",),
    widths=(24, 48, 96, 192),
    batch=6,
    patch=112,
    # bone thinner than a voxel is as likely soft tissue: with no weight at all in the last stage,
    # the median that the loss asks for opens thin skulls
    stages=(
        Stage(1900, 2e-3, freeze_norm_at=0.7, point_weight=2.0),
        Stage(7300, 1.5e-3, freeze_norm_at=0.5, at_points=0.4, point_weight=0.8),
        Stage(5500, 1e-3, freeze_norm_at=0.4, at_points=0.4, point_weight=0.5),
        Stage(8250, 8e-4, freeze_norm_at=0.3, at_points=0.4, point_weight=0.5),
        Stage(7000, 8e-4, freeze_norm_at=0.3, at_points=0.4, point_weight=0.5),
        Stage(7700, 8e-4, freeze_norm_at=0.3, at_points=0.4, point_weight=0.5),
    ),
)
