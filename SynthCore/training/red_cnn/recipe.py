"""RED-CNN on the data of `SynthCore.training.denoise`, to compare that recipe's model with."""

from __future__ import annotations

from dataclasses import replace

from SynthCore.training.denoise.recipe import RECIPE as DENOISE
from SynthCore.training.recipe import Stage

RECIPE = replace(
    DENOISE,
    name="ct-denoise-red-cnn",
    model="ct-denoise-red-cnn",
    network="red-cnn",
    slices=1,
    # the paper has 96; a third of it, because on a CPU a step of the whole width takes ten times
    # as long as a step of the network it is compared with
    widths=(32,),
    stages=(Stage(2400, 1e-3), Stage(8000, 1e-3)),
)
