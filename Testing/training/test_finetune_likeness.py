"""What a site's pairs show is not refused by the model that learned from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from SynthCore.engine.checks import check_input
from SynthCore.files.read import read
from SynthCore.models.library import find_bundle
from SynthCore.training.finetune.likeness import widened


@pytest.mark.data
def test_a_model_of_heads_that_learned_from_limbs_takes_limbs(real_data: Path) -> None:
    card = find_bundle("inpaint-brain").card
    limb, other = (
        read(real_data / "mr_ct_pairs" / name / "MR_T1_image.nii.gz", modality="T1")
        for name in ("STS_010", "STS_003")
    )
    assert any(check.outcome == "refuse" for check in check_input(card, "T1", limb))
    found = widened(card, [{"T1": limb}, {"T1": other}])
    assert "unlike" not in found["T1"] and "unlike" in found["T2"]
    assert found["T1"]["refuse"] > card.input_statistics["T1"]["refuse"]
