"""What a person's file lists is there and as listed, and the age of a hemorrhage is told."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from SynthCore.cli.main import main
from SynthCore.files.verify import verify_folder
from SynthCore.people.draws import draw
from SynthCore.people.heads import Head
from SynthCore.people.person_file import read_person
from SynthCore.people.wish import STAGED, Wish, parse_lesions
from SynthCore.physics.generator.lesions import stage_of


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, label_map: Path) -> Path:
    """The same person in both formats."""
    folder = tmp_path_factory.mktemp("both")
    for name in ("dicom", "nifti"):
        asked = ["generate", "--out", str(folder / name), "--labels", str(label_map),
                 "--spacing", "5", "--images", "T1,CT", "--lesion", "subacute-hemorrhage",
                 "--format", name]  # fmt: skip
        assert main(asked) == 0
    return folder


def remove_mask(person: Path) -> None:
    for name in ("hemorrhage-label.nii.gz", "hemorrhage-label.json"):
        (person / "truth" / name).unlink()


def remove_image(person: Path) -> None:
    if (person / "CT").is_dir():
        shutil.rmtree(person / "CT")
        return
    for path in person.glob("CT.*"):
        path.unlink()


def rewrite(person: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = person / "person.json"
    facts = json.loads(path.read_text())
    change(facts)
    path.write_text(json.dumps(facts))


def thicker(facts: dict[str, Any]) -> None:
    facts["draws"]["scans"][0]["sequence"]["te"] *= 2


def larger(facts: dict[str, Any]) -> None:
    facts["lesions"][0]["ml"] *= 1.1


def unlisted(facts: dict[str, Any]) -> None:
    facts["truth"] = [one for one in facts["truth"] if "hemorrhage" not in one["name"]]


def other_hash(facts: dict[str, Any]) -> None:
    facts["images"][1]["sha256"] = "0" * 64


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "mask": (remove_mask, "lists truth/hemorrhage-label.nii.gz, which is not there."),
    "image": (remove_image, "lists the image CT, which is not there with its record."),
    "draws": (lambda p: rewrite(p, thicker), "holds other draws than the record of T1 names."),
    "table": (lambda p: (p / "truth" / "tissues.txt").write_text("1\tair\n"),
              "holds another hash of truth/tissues.txt than it has."),
    "hash": (lambda p: rewrite(p, other_hash), "holds another hash of CT than its record."),
    "volume": (lambda p: rewrite(p, larger), "holds another volume of hemorrhage"),
    "unlisted": (lambda p: rewrite(p, unlisted), "lists the lesion hemorrhage without its mask."),
    "damaged": (lambda p: (p / "person.json").write_text("{"), "is damaged"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("output", ["dicom", "nifti"])
def test_verify_compares_what_is_listed(
    both: Path, output: str, change: str, tmp_path: Path
) -> None:
    out = tmp_path / output
    shutil.copytree(both / output, out)
    assert verify_folder(out).sentences() == ()
    break_it, sentence = CHANGES[change]
    break_it(out / "person-001")
    found = verify_folder(out).sentences()
    assert any(one.startswith("person-001/person.json ") and sentence in one for one in found)


def test_a_segmentation_that_was_removed_is_missed(both: Path, tmp_path: Path) -> None:
    shutil.copytree(both / "dicom", tmp_path / "out")
    (tmp_path / "out" / "person-001" / "truth" / "lesions-segmentation.dcm").unlink()
    assert not verify_folder(tmp_path / "out").ok


def test_without_the_file_images_alone_are_judged(both: Path, tmp_path: Path) -> None:
    shutil.copytree(both / "nifti", tmp_path / "out")
    (tmp_path / "out" / "person-001" / "person.json").unlink()
    remove_mask(tmp_path / "out" / "person-001")
    assert verify_folder(tmp_path / "out").ok


def test_every_file_says_the_age(
    both: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], label_map: Path
) -> None:
    out = both / "nifti"
    with (out / "people.csv").open(encoding="utf-8", newline="") as stream:
        line = next(csv.DictReader(stream))
    facts = read_person(out / "person-001" / "person.json")
    assert line["lesion_kinds"].split(";")[0] == "hemorrhage"
    assert line["lesion_stages"].split(";")[0] == "subacute"
    assert facts.lesions[0].stages == ("subacute",)
    assert "hemorrhage (subacute)" in (out / "people.html").read_text("utf-8")
    assert (out / "person-001" / "truth" / "tissues.txt").read_text().startswith("# SYNTHETIC")
    asked = ["generate", "--labels", str(label_map), "--spacing", "5", "--images", "T1,CT",
             "--lesion", "subacute-hemorrhage", "--format", "nifti", "--out", str(out)]  # fmt: skip
    capsys.readouterr()
    assert main(asked) == 0
    assert "hemorrhage (subacute)" in capsys.readouterr().out


@pytest.mark.parametrize("kind", STAGED)
def test_an_age_can_be_asked_for(spheres: Head, kind: str) -> None:
    assert parse_lesions([kind.replace(" ", "-")]) == (kind,)
    for number in (1, 2):
        lesions = draw(Wish(("CT",), (kind,), 4.0), number, spheres).person.lesions
        assert [stage_of(one) for one in lesions] == [STAGED[kind]]


def test_whoever_has_an_age_by_chance_has_it_when_it_is_asked_for(spheres: Head) -> None:
    any_age = draw(Wish(("CT",), ("hemorrhage",), 4.0), 1, spheres)
    stage = stage_of(any_age.person.lesions[0])
    asked = draw(Wish(("CT",), (f"{stage} hemorrhage",), 4.0), 1, spheres)
    assert asked.person == any_age.person
