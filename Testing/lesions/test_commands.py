"""The commands ``lesion`` and ``remove``: files, marks, records, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from SynthCore.cli.main import main
from SynthCore.files.read import read
from SynthCore.files.write import write_nifti
from SynthCore.image import Image
from Testing.lesions.brain_phantom import brain

MASK, FACTS = "lesion-mask.nii.gz", "lesion-facts.json"


@pytest.fixture(scope="module")
def t1(tmp_path_factory: pytest.TempPathFactory) -> Path:
    image = brain(("T1",), step_mm=3.0)["T1"]
    path = tmp_path_factory.mktemp("brain") / "T1.nii.gz"
    return write_nifti(Image(image.voxels, image.affine, "T1"), path, record_json=None)


def test_a_second_lesion_is_told_of_the_first(
    t1: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--kind", "metastasis", "--volume", "2", "--format", "nifti")
    assert lesion(t1, tmp_path / "one", *asked, "--at", "34,0,6") == 0
    first = json.loads(capsys.readouterr().out)
    assert not any("placed in the T1 image before" in one for one in first["warnings"])
    made = tmp_path / "one" / "synthetic-T1.nii.gz"
    assert lesion(made, tmp_path / "two", *asked, "--at=-34,0,6") == 0
    second = json.loads(capsys.readouterr().out)
    assert sum("placed in the T1 image before" in one for one in second["warnings"]) == 1
    record = json.loads((tmp_path / "two" / "synthetic-T1.json").read_text())
    assert "placed in the T1 image before" in json.dumps(record)


def test_growth_without_a_rate_is_told_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grown = ("--kind", "glioma", "--volume", "2", "--dates", "2024-01-01,2024-03-01")
    assert lesion(tmp_path / "nothing.nii.gz", tmp_path / "o", *grown) == 2
    assert "add --doubling DAYS, or --volumes" in json.loads(capsys.readouterr().out)["error"]


def lesion(t1: Path, out: Path, *more: str) -> int:
    return main(["lesion", "--input", f"T1={t1}", "--out", str(out), "--json", *more])


def test_a_lesion_is_written_with_mask_record_and_marks_and_removed_again(
    t1: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "made"
    asked = ("--kind", "metastasis", "--volume", "4", "--at", "34,0,6", "--format", "nifti",
             "--blend")  # fmt: skip
    assert lesion(t1, out, *asked) == 0
    told = json.loads(capsys.readouterr().out)["lesions"][0]
    assert told["volume_ml"] == pytest.approx(4.0, rel=0.02)
    mask = read(out / MASK)
    assert mask.voxels.sum() * 27e-3 == pytest.approx(told["volume_ml"])
    facts = json.loads((out / FACTS).read_text())
    assert facts["wish"]["kind"] == "metastasis"
    blend = facts["blend"]
    assert blend["asked"] and "edema" in blend["images"]["T1"]["why"]  # it is soft all around
    assert main(["verify", str(out)]) == 0
    changes = (
        {"volume_ml": 5.0}, {"mask": {}}, {"synthetic": False}, {"part_names": {"1": "cyst"}},
        {"part_names": {"1": ["core"]}}, {"part_names": facts["part_names"] | {"9": "edema"}},
        {"diagnosis": "glioma"},
    )  # fmt: skip
    for change in changes:
        (out / FACTS).write_text(json.dumps(facts | change))
        capsys.readouterr()
        assert main(["verify", str(out)]) == 3
        assert f"{FACTS} does not say" in capsys.readouterr().out
    (out / FACTS).write_text(json.dumps(facts))
    capsys.readouterr()
    assert lesion(t1, out, *asked) == 2  # nothing is written over
    capsys.readouterr()

    gone = tmp_path / "gone"
    image = out / "synthetic-T1.nii.gz"
    code = main(["remove", "--input", f"T1={image}", "--mask", str(out / MASK), "--format", "nifti",
                 "--out", str(gone), "--model", "inpaint-biharmonic", "--json"])  # fmt: skip
    assert code == 0
    assert json.loads(capsys.readouterr().out)["model"] == {"T1": "inpaint-biharmonic"}
    assert read(gone / "anomaly-T1.nii.gz").voxels[mask.voxels > 0].mean() < 0
    assert main(["verify", str(gone)]) == 0


def test_growth_as_dicom_is_a_study_a_date_of_one_patient(
    t1: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import pydicom

    out = tmp_path / "grown"
    assert lesion(t1, out, "--kind", "glioma", "--volume", "3", "--at", "34,0,6",
                  "--dates", "2024-01-01,2024-03-01", "--doubling", "60") == 0  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    assert [one["volume_ml"] for one in told["lesions"]] == pytest.approx([3, 6], rel=0.03)
    heads = []
    for one in told["lesions"]:
        folder = Path(one["folder"])
        heads.append(pydicom.dcmread(next((folder / "synthetic-T1").glob("*.dcm"))))
        assert (folder / "lesion-objects" / "lesion-segmentation.dcm").exists()
        study = pydicom.dcmread(folder / "lesion-objects" / "lesion-report.dcm").StudyInstanceUID
        assert study == heads[-1].StudyInstanceUID
    first, second = heads
    assert (first.StudyDate, second.StudyDate) == ("20240101", "20240301")
    assert first.StudyInstanceUID != second.StudyInstanceUID
    assert first.PatientID == second.PatientID
    assert first.FrameOfReferenceUID == second.FrameOfReferenceUID
    masks = [read(Path(one["folder"]) / MASK).voxels > 0 for one in told["lesions"]]
    assert np.all(masks[1][masks[0]])
    assert main(["verify", str(out)]) == 0


def test_side_and_lobe_are_in_the_facts_and_coded_in_the_report(
    t1: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import pydicom

    out = tmp_path / "lobe"
    assert lesion(t1, out, "--kind", "metastasis", "--volume", "1.5", "--side", "left",
                  "--region", "frontal") == 0  # fmt: skip
    x, y, _ = json.loads(capsys.readouterr().out)["lesions"][0]["center_lps"]
    assert x > 5 and y < 0
    facts = json.loads((out / FACTS).read_text())
    assert (facts["side"], facts["region"], facts["site"]) == ("left", "frontal", "cortical")
    assert facts["blend"] == {"asked": False}
    report = pydicom.dcmread(out / "lesion-objects" / "lesion-report.dcm")
    sites = [item for item in _items(report) if _code(item) == "363698007"]  # Finding Site
    site = next(item for item in sites if item.ConceptCodeSequence[0].CodeValue == "83251001")
    (side,) = site.ContentSequence
    assert _code(side) == "272741003"  # Laterality
    assert side.ConceptCodeSequence[0].CodeValue == "7771000"  # left
    found = pydicom.dcmread(out / "lesion-objects" / "lesion-segmentation.dcm")
    region = found.SegmentSequence[0].AnatomicRegionSequence[0]
    assert region.CodeValue == "83251001"
    assert main(["verify", str(out)]) == 0


def _items(node: Any) -> Iterator[Any]:
    for item in node.get("ContentSequence", ()):
        yield item
        yield from _items(item)


def _code(item: Any) -> str:
    names = item.get("ConceptNameCodeSequence", ())
    return str(names[0].CodeValue) if names else ""


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        (("--kind", "glioma", "--volume", "5", "--at", "300,0,0"), 3, "outside of the image"),
        (("--kind", "glioma", "--volume", "5", "--at", "61,0,0"), 3, "does not lie in the brain"),
        (("--kind", "glioma", "--volume", "5", "--side", "middle"), 2, "no side 'middle'"),
        (("--kind", "lung-nodule-solid", "--volume", "1"), 2, "not placed in T1"),
        (("--kind", "glioma"), 2, "--volume"),
        (("--kind", "glioma", "--volume", "5", "--at", "1,2"), 2, "three numbers"),
        (("--kind", "glioma", "--volume", "5", "--doubling", "9"), 2, "--dates"),
        (("--kind", "glioma", "--volume", "5", "--dates", "tomorrow"), 2, "is not a date"),
        (
            ("--kind", "glioma", "--dates", "2024-01-01", "--volumes", "5", "--doubling", "9"),
            2,
            "leave out --volumes or --doubling",
        ),
        (
            ("--kind", "glioma", "--dates", "2024-01-01", "--volumes", "5", "--volume", "4"),
            2,
            "leave out --volume.",
        ),
    ],
)
def test_what_cannot_be_is_one_sentence_and_its_exit_code(
    t1: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], code: int,
    told: str,
) -> None:  # fmt: skip
    out = tmp_path / "nothing"
    assert lesion(t1, out, *more) == code
    assert told in json.loads(capsys.readouterr().out)["error"]
    assert not out.exists()
