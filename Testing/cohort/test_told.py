"""What a batch says of its cases: no more than is true, and nothing that names a patient."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import SynthCore
from Testing.cli.studies import hounsfield, limb, write_nifti, write_series
from Testing.cohort.tables import BULK, NIFTI, batch, batch_json, outcomes, write_table


def test_one_case_is_one_and_an_old_commissioning_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_nifti(tmp_path / "x.nii.gz", limb())
    write_nifti(tmp_path / "ct.nii.gz", hounsfield())
    rows = [{"id": "a", "T1": "x.nii.gz", "reference": "ct.nii.gz"}]
    out = tmp_path / "out"
    assert batch(write_table(tmp_path / "t.csv", rows), out, *BULK, *NIFTI) == 0
    told = capsys.readouterr().out
    assert "1 of 1 case is done." in told
    assert "commission.csv" in told
    assert (out / "commission.csv").is_file()
    rows = [{"id": "b", "T1": "x.nii.gz"}]
    assert batch(write_table(tmp_path / "u.csv", rows), out, *BULK, *NIFTI) == 0
    assert "commission.csv" not in capsys.readouterr().out
    assert not (out / "commission.csv").exists()


def test_another_version_of_the_program_and_an_image_of_two_cases_are_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_nifti(tmp_path / "x.nii.gz", limb())
    write_nifti(tmp_path / "y.nii.gz", limb(seed=1))
    (tmp_path / "link.nii.gz").symlink_to(tmp_path / "x.nii.gz")
    places = {"a": "x.nii.gz", "b": "link.nii.gz", "c": "y.nii.gz"}
    rows = [{"id": name, "T1": place} for name, place in places.items()]
    table, out = write_table(tmp_path / "t.csv", rows), tmp_path / "out"
    for became in ("done", "skipped"):
        data = batch_json(capsys, table, out, *BULK, *NIFTI)
        assert set(outcomes(out).values()) == {became}
        warned = {one["id"]: " ".join(one["warnings"]) for one in data["cases"]}
        assert warned["a"].count("The T1 of this case is also an image of b: ") == 1
        assert warned["b"].count("The T1 of this case is also an image of a: ") == 1
        assert "also an image" not in warned["c"]
        assert "made by SynthCore" not in warned["c"]
    kept = out / ".batch" / "c.json"
    facts = json.loads(kept.read_text(encoding="utf-8"))
    assert facts["made_by"]["synthcore"] == SynthCore.__version__
    facts["made_by"]["synthcore"] = "0.0.1"
    kept.write_text(json.dumps(facts), encoding="utf-8")
    data = batch_json(capsys, table, out, *BULK, *NIFTI)
    assert "was made by SynthCore 0.0.1, and here is" in " ".join(data["cases"][2]["warnings"])
    page = (out / "batch.html").read_text(encoding="utf-8")
    assert page.count(f"made by SynthCore {SynthCore.__version__}<") == 2
    assert page.count("made by SynthCore 0.0.1<") == 1


def test_a_series_is_named_by_its_number_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, description in enumerate(("t1 Mueller's leg", 't1 "Hans" d\'Or #3 (MR'), start=1):
        folder = tmp_path / "study" / str(number)
        write_series(folder, limb(seed=number), description=description)
    table, out = write_table(tmp_path / "t.csv", [{"id": "a", "T1": "study"}]), tmp_path / "out"
    assert batch(table, out, *BULK, *NIFTI) == 4
    told = capsys.readouterr().err
    assert "#1 (MR, 8 images" in told
    assert "#2 (MR, 8 images" in told
    for name in ("batch.csv", "batch.html"):
        told += (out / name).read_text(encoding="utf-8")
    assert not [word for word in ("Mueller", "Hans", "d'Or", "leg") if word in told]
