"""What a batch says of its cases: no more than is true, and nothing that names a patient."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import SynthCore
from SynthCore.cohort.unnamed import Unnamed
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


def test_names_are_replaced_where_they_are_names() -> None:
    names = {"one": "[T1]", "images": "[T2]", "MRI": "[T1]", "mueller": "[T1, file 1 of 2]",
             "Hans_Mueller": "[CT]", "/data/one": "[T1]", "b.nii.gz": "[mask]",
             "hansens": "[T2, series]", "SMITH": "[T1, folder]"}  # fmt: skip
    unnamed = Unnamed(names)
    for said, expected in {
        "Give images of one patient, as one MRI.": "Give images of one patient, as one MRI.",
        "one holds images of more than one patient; choose a series as one#NUMBER.":
            "[T1] holds images of more than one patient; choose a series as [T1]#NUMBER.",
        "The series in images has more than one image at 3 of its positions.":
            "The series in [T2] has more than one image at 3 of its positions.",
        "The gap after mueller is 3 mm.": "The gap after [T1, file 1 of 2] is 3 mm.",
        "mueller and images are different.": "[T1, file 1 of 2] and [T2] are different.",
        "MRI is not there; give MRI or CT.": "[T1] is not there; give MRI or CT.",
        "The mask b.nii.gz is empty.": "The mask [mask] is empty.",
        "Nothing in SMITH can be read.": "Nothing in [T1, folder] can be read.",
        "There is no /data/one here.": "There is no [T1] here.",
        "No such thing: 'Hans_Mueller'.": "No such thing: '[CT]'.",
        "one holds no series hansens; it holds none.":
            "[T1] holds no series [T2, series]; it holds none.",
    }.items():  # fmt: skip
        assert unnamed(said) == expected


def test_no_name_of_a_file_is_kept_or_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_series(tmp_path / "in" / "leg", limb())
    for number, path in enumerate(sorted(folder.iterdir())):
        path.rename(folder / f"hans_mueller_{number}.dcm")
    rows = [{"id": "a", "T1": "in/leg"}, {"id": "b", "T1": "in/leg#Mueller^Hans"}]
    table, out = write_table(tmp_path / "t.csv", rows), tmp_path / "out"
    assert batch(table, out, *BULK, *NIFTI) == 4
    told = capsys.readouterr().err
    assert "[T1] holds no series [T1, series]; it holds #1" in told
    texts = [told, *(path.read_text("utf-8") for path in (out / ".batch").glob("*.json"))]
    texts += [(out / name).read_text(encoding="utf-8") for name in ("batch.csv", "batch.html")]
    assert len(texts) == 5
    assert not [text for text in texts if "mueller" in text.lower()]
    assert batch(table, out, *BULK, *NIFTI) == 4
    assert outcomes(out) == {"a": "skipped", "b": "failed"}


def test_what_an_earlier_version_kept_with_names_is_known(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "leg", limb())
    table, out = write_table(tmp_path / "t.csv", [{"id": "a", "T1": "leg"}]), tmp_path / "out"
    assert batch(table, out, *BULK, *NIFTI) == 0
    kept = out / ".batch" / "a.json"
    facts = json.loads(kept.read_text(encoding="utf-8"))
    files = facts["stamps"]["T1"]["files"]
    for one, path in zip(files, sorted(folder.iterdir()), strict=True):
        one[0] = path.name
    facts["format"] = 2
    kept.write_text(json.dumps(facts), encoding="utf-8")
    assert batch(table, out, *BULK, *NIFTI) == 0
    assert outcomes(out) == {"a": "skipped"}


def test_a_commissioning_table_of_a_person_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_nifti(tmp_path / "x.nii.gz", limb())
    write_nifti(tmp_path / "ct.nii.gz", hounsfield())
    row = {"id": "a", "T1": "x.nii.gz", "reference": "ct.nii.gz"}
    table, out = write_table(tmp_path / "t.csv", [row]), tmp_path / "out"
    assert batch(table, out, *BULK, *NIFTI) == 0
    own = out / "commission.csv"
    with own.open("a", encoding="utf-8") as stream:
        stream.write("mine\n")
    mine = own.read_bytes()
    without = write_table(tmp_path / "u.csv", [{"id": "b", "T1": "x.nii.gz"}])
    for one in (table, without):
        capsys.readouterr()
        assert batch(one, out, *BULK, *NIFTI) == 0
        told = capsys.readouterr()
        assert "Warning: commission.csv in out is not as a batch wrote it, and stays" in told.err
        assert "For `synthcore commission`" not in told.out
        assert own.read_bytes() == mine
    own.unlink()
    assert batch(table, out, *BULK, *NIFTI) == 0
    assert own.read_bytes() == mine.removesuffix(b"mine\n")


def test_a_case_that_could_not_be_compared_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_nifti(tmp_path / "x.nii.gz", limb())
    write_nifti(tmp_path / "ct.nii.gz", hounsfield())
    corner = np.zeros_like(limb())
    corner[:, :3, :3] = 1  # of air, in which nothing is scored
    write_nifti(tmp_path / "air.nii.gz", corner)
    rows = [{"id": name, "T1": "x.nii.gz", "reference": "ct.nii.gz", "mask": mask}
            for name, mask in (("a", "air.nii.gz"), ("b", ""))]  # fmt: skip
    table, out = write_table(tmp_path / "t.csv", rows), tmp_path / "out"
    for earlier in ("", " (2 by an earlier call)"):
        assert batch(table, out, *BULK, *NIFTI) == 0
        told = capsys.readouterr().out
        verdict = f"2 of 2 cases are done{earlier}, 1 of them not compared with its reference."
        assert verdict in told
        lines = (out / "commission.csv").read_text(encoding="utf-8").splitlines()
        assert [line.split(",")[0] for line in lines] == ["patient", "b"]
