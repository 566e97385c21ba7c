"""T1 of a limb to CT, from real pairs and from T1 simulated on their CTs."""

from __future__ import annotations

from SynthCore.training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="mr-to-ct-extremity",
    task="mr-to-ct",
    model="mr-to-ct-extremity",
    roles=("T1",),
    # every fifth of the sorted list, beginning with the first: fixed before any training
    validation=("STS_002", "STS_010", "STS_023", "STS_031", "STS_050"),
    stages=(
        Stage(800, 2e-3, "rigid"),
        Stage(1200, 1.5e-3, "deformed"),
        Stage(1300, 1.5e-3, "deformed", freeze_norm_at=0.6),
        Stage(500, 7e-4, "deformed", freeze_norm_at=0.3, at_points=0.15, point_weight=0.0),
        # what came before stood on rigid registrations; from here on flesh lies where it belongs
        Stage(300, 4e-4, "matched", freeze_norm_at=0.0, at_points=0.3, point_weight=0.0),
        Stage(2600, 1e-3, "matched", freeze_norm_at=0.6, at_points=0.35, point_weight=0.3),
        Stage(900, 3e-4, "matched", freeze_norm_at=0.0, at_points=0.3, point_weight=0.0),
        # beside the pairs, MRs simulated from their CTs: edges of bone that lie on the pixel
        Stage(3000, 1e-3, "matched", 0.6, at_points=0.35, point_weight=0.3, simulated=3),
        Stage(1000, 3e-4, "matched", 0.0, at_points=0.3, point_weight=0.0, simulated=3),
        Stage(3800, 1e-3, "matched", 0.6, at_points=0.35, point_weight=0.3, simulated=3),
        # the last word to the pairs alone
        Stage(1200, 3e-4, "matched", freeze_norm_at=0.0, at_points=0.3, point_weight=0.0),
    ),
)
