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
from SynthCore.dicom.verify_object import pixels_sha256
from SynthCore.files.verify import verify_folder
from SynthCore.people.draws import draw
from SynthCore.people.files import SEGMENTATION
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


def older(facts: dict[str, Any]) -> None:
    facts["lesions"][0]["stages"] = ["acute"]


def other_kind(facts: dict[str, Any]) -> None:
    facts["lesions"][0]["kind"] = "plaque"


def fewer_images(facts: dict[str, Any]) -> None:
    del facts["images"][1]


def add_image(person: Path) -> None:
    if (person / "T1").is_dir():
        shutil.copytree(person / "T1", person / "T2")
        return
    for path in person.glob("T1.*"):
        shutil.copyfile(path, person / path.name.replace("T1", "T2"))


def without(*names: str) -> Callable[[dict[str, Any]], None]:
    """Without these of the truth, or all its lesions where none is named."""

    def change(facts: dict[str, Any]) -> None:
        if not names:
            facts["lesions"] = []
        facts["truth"] = [one for one in facts["truth"] if one["name"] not in names]

    return change


def remove_lesions(person: Path) -> None:
    """The truth of a healthy person, in itself as it would be."""
    for path in (person / "truth").iterdir():
        if not path.name.startswith("tissues"):
            path.unlink()
    kept = ("tissues-label.nii.gz", "tissues.txt")

    def change(facts: dict[str, Any]) -> None:
        facts["lesions"] = []
        facts["truth"] = [one for one in facts["truth"] if one["name"] in kept]

    rewrite(person, change)


def exchange_record(person: Path) -> None:
    """A mask as if it were another's: its record names other draws."""
    path = person / "truth" / "hemorrhage-label.json"
    digest = json.loads(path.read_text())["Record"]["options"]["draws_sha256"]
    path.write_text(path.read_text().replace(digest, "0" * 64))


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "mask": (remove_mask, "lists truth/hemorrhage-label.nii.gz, which is not there."),
    "image": (remove_image, "lists the image CT, which is not there with its record."),
    "draws": (lambda p: rewrite(p, thicker), "holds other draws than the record of T1 names."),
    "table": (lambda p: (p / "truth" / "tissues.txt").write_text("1\tair\n"),
              "holds another hash of truth/tissues.txt than it has."),
    "hash": (lambda p: rewrite(p, other_hash), "holds another hash of CT than its record."),
    "volume": (lambda p: rewrite(p, larger), "holds another volume of hemorrhage"),
    "unlisted": (lambda p: rewrite(p, unlisted), "lists the lesion hemorrhage without its mask."),
    "stage": (lambda p: rewrite(p, older),
              "holds another age of hemorrhage than was drawn (subacute)."),
    "kind": (lambda p: rewrite(p, other_kind), "lists the lesion plaque, which was not drawn."),
    "fewer images": (lambda p: rewrite(p, fewer_images),
                     "lists the images T1, and holds draws of T1, CT."),
    "added image": (add_image, "does not list the image T2, which is there."),
    "fewer lesions": (lambda p: rewrite(p, without()),
                      "lists truth/hemorrhage-label.nii.gz without its lesion."),
    "no lesions": (remove_lesions, "lists no lesion, and holds draws of"),
    "fewer truth": (lambda p: rewrite(p, without("tissues-label.nii.gz")),
                    "does not list truth/tissues-label.nii.gz, which is there."),
    "no union": (lambda p: rewrite(p, without("lesion-label.nii.gz")),
                 "does not list truth/lesion-label.nii.gz."),
    "added truth": (lambda p: (p / "truth" / "more.txt").write_text("x"),
                    "does not list truth/more.txt, which is there."),
    "draws of a mask": (exchange_record,
                        "other draws than the record of truth/hemorrhage-label.nii.gz names."),
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


def listed_as_it_is(person: Path) -> None:
    """The hash of the Segmentation in the list, as if it had been made with the person."""
    made = pixels_sha256(person / "truth" / SEGMENTATION)

    def change(facts: dict[str, Any]) -> None:
        kept = [one for one in facts["truth"] if one["name"] != SEGMENTATION]
        own = {"name": SEGMENTATION, "sha256": made}
        facts["truth"] = [*kept, own]

    rewrite(person, change)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, label_map: Path) -> Path:
    """Two people in DICOM, the second one healthy."""
    out = tmp_path_factory.mktemp("two") / "out"
    asked = ["generate", "--out", str(out), "--labels", str(label_map), "--spacing", "5", "--count",
             "3", "--images", "T1", "--lesion", "hemorrhage", "--lesion", "none"]  # fmt: skip
    assert main(asked) == 0
    assert verify_folder(out).sentences() == ()
    return out


def test_the_segmentation_of_another_person_is_found(two: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(two, tmp_path / "out"))
    file = Path("truth", SEGMENTATION)
    shutil.copyfile(out / "person-003" / file, out / "person-001" / file)
    (found,) = verify_folder(out).sentences()[:1]
    assert found == f"person-001/person.json holds another hash of {file} than it has."
    listed_as_it_is(out / "person-001")
    assert verify_folder(out).sentences() == (
        f"person-001/person.json lists {file}, which lies on images of someone else.",
    )


def test_lesions_of_another_person_in_a_healthy_one_are_found(two: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(two, tmp_path / "out"))
    ill, healthy = out / "person-001", out / "person-002"
    for path in (ill / "truth").iterdir():
        if not path.name.startswith("tissues"):
            shutil.copyfile(path, healthy / "truth" / path.name)
    told = verify_folder(out).sentences()
    begun = "person-002/person.json does not list truth/"
    for name in ("hemorrhage-label.nii.gz", SEGMENTATION):
        assert f"{begun}{name}, which is there." in told
    facts = json.loads((ill / "person.json").read_text())

    def change(own: dict[str, Any]) -> None:
        own["lesions"] = facts["lesions"]
        tissues = [one for one in own["truth"] if one["name"].startswith("tissues")]
        own["truth"] = tissues + [
            one for one in facts["truth"] if not one["name"].startswith("tissues")
        ]

    rewrite(healthy, change)
    told = verify_folder(out).sentences()
    begun = "person-002/person.json "
    for sentence in (
        "holds other draws than the record of truth/hemorrhage-label.nii.gz names.",
        "lists the lesion hemorrhage, which was not drawn.",
        f"lists truth/{SEGMENTATION}, which lies on images of someone else.",
    ):
        assert f"{begun}{sentence}" in told


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
