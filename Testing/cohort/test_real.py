"""Real studies: a limb with its CT and a head among limbs, and an abdomen."""

from __future__ import annotations

from pathlib import Path

import pytest

from Testing.browser import OpenPage, a_browser, open_page
from Testing.cohort.tables import NIFTI, batch, outcomes, sheet, write_table

__all__ = ["a_browser", "open_page"]

pytestmark = pytest.mark.data


def test_a_real_limb_and_a_head(real_data: Path, tmp_path: Path, open_page: OpenPage) -> None:
    pairs, table = real_data / "mr_ct_pairs", tmp_path / "t.csv"
    rows = [
        {
            "id": name,
            "T1": str(pairs / name / "MR_T1_image.nii.gz"),
            "reference": str(pairs / name / "CT_image.nii.gz"),
        }
        for name in ("STS_002",)
    ]
    head = real_data / "mr_multicontrast" / "open_ms_long_patient01_study1" / "T1W.nii.gz"
    rows.append({"id": "head", "T1": str(head)})
    out = tmp_path / "out"
    write_table(table, rows)
    assert batch(table, out, *NIFTI, "--model", "mr-to-ct-extremity", "--device", "cpu") == 3
    assert outcomes(out) == {"STS_002": "done", "head": "refused"}
    figures = sheet(out)
    assert 55 < float(figures["STS_002"]["mae_hu"]) < 70
    page = open_page(out / "batch.html")
    assert page.locator("tbody tr").count() == 2
    assert page.locator("tbody th").all_inner_texts() == ["head", "STS_002"]
    for picture in page.locator("td.look img").all():
        assert picture.evaluate("one => one.naturalWidth") > 600
    page.get_by_text("Report of STS_002").click()
    assert "Synthetic CT from T1" in page.inner_text("h1")


def test_a_real_abdomen_is_denoised_and_has_no_commissioning(
    real_data: Path, tmp_path: Path
) -> None:
    image = real_data / "ct" / "totalsegmentator_example_ct_sm.nii.gz"
    table = write_table(tmp_path / "t.csv", [{"id": "abdomen", "CT": str(image)}])
    out = tmp_path / "out"
    assert batch(table, out, "--model", "ct-denoise-nlm", *NIFTI, task="ct-denoise") == 0
    assert outcomes(out) == {"abdomen": "done"}
    assert (out / "abdomen" / "synthetic-CT.nii.gz").is_file()
    assert not (out / "commission.csv").exists()
