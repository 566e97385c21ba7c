"""T1 of a limb to CT, from real pairs."""

from __future__ import annotations

from SynthCore.training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="mr-to-ct-extremity",
    task="mr-to-ct",
    model="mr-to-ct-extremity",
    roles=("T1",),
    # every fifth of the sorted list, beginning with the first: fixed before any training
    validation=("STS_002", "STS_010", "STS_023", "STS_031", "STS_050"),
    # a fifth level: knee and hip are told from the shafts by what lies further away
    widths=(24, 48, 96, 192, 256),
    stages=(
        Stage(1300, 2e-3, "matched"),
        Stage(1700, 1.5e-3, "deformed", freeze_norm_at=0.6),
        Stage(1400, 1e-3, "deformed", freeze_norm_at=0.2, at_points=0.25, point_weight=0.0),
    ),
)
