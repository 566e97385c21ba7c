"""Fine-tuning on real pairs, from the published model."""

from __future__ import annotations

from pathlib import Path

import nibabel
import pytest

from SynthCore.training.finetune.learn import learn
from SynthCore.training.finetune.ready import make_ready


@pytest.mark.data
def test_real_pairs_of_limbs_make_a_model(real_data: Path, tmp_path: Path) -> None:
    lines = ["patient,T1,target"]
    for patient in ("STS_002", "STS_024", "STS_025"):
        for name in ("MR_T1_image", "CT_image"):
            image = nibabel.load(real_data / "mr_ct_pairs" / patient / f"{name}.nii.gz")
            middle = image.shape[2] // 2
            nibabel.save(image.slicer[:, :, middle - 4 : middle + 4],
                         tmp_path / f"{patient}-{name}.nii.gz")  # fmt: skip
        lines.append(f"{patient},{patient}-MR_T1_image.nii.gz,{patient}-CT_image.nii.gz")
    table = tmp_path / "pairs.csv"
    table.write_text("\n".join(lines), encoding="utf-8")
    ready = make_ready("mr-to-ct-extremity", table, tmp_path / "out", site="TCIA", licence="CC BY")
    tuned = learn(ready, [1, 2, 3], steps=3, device="cpu")
    assert tuned.split.kept == (1,), "the published model has learned from the other two"
    assert 20 < tuned.after.metrics["mae_hu"] < 120
