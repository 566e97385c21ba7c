"""Low-dose CT to the look of full dose, from noise simulated on real CT."""

from __future__ import annotations

from SynthCore.training.extremity.recipe import RECIPE as EXTREMITY
from SynthCore.training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="ct-denoise-body",
    task="ct-denoise",
    model="ct-denoise-body",
    roles=("CT",),
    # the abdomen the card is judged on, and the patients kept from the other recipe
    validation=("CRLM-CT-1004", *EXTREMITY.validation),
    stages=(
        Stage(2600, 1.5e-3, freeze_norm_at=0.6),
        Stage(5000, 1e-3, freeze_norm_at=0.6),
        Stage(15000, 1e-3, freeze_norm_at=0.6),
        Stage(15600, 1e-3, freeze_norm_at=0.5),
    ),
    slices=3,
    patch=96,
    widths=(24, 48, 96),
    zero_start=True,
    loss="charbonnier",
)
