"""A folder of people is gone on with, made again from its draws, and never half of somebody."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from SynthCore.cli.main import main
from SynthCore.files.read import read
from SynthCore.files.verify import verify_folder
from SynthCore.people.person_file import read_person
from SynthCore.people.table import table_of
from SynthCore.staging import PREFIX
from Testing.people.label_maps import write_map
from Testing.physics.generator.head_map import small_head

ROOT = Path(__file__).resolve().parents[2]


def wanted(out: Path, label_map: Path, *more: str) -> list[str]:
    return ["generate", "--out", str(out), "--labels", str(label_map), "--spacing", "5",
            "--images", "T1,CT", "--format", "nifti", "--lesion", "plaque", *more]  # fmt: skip


def hashes(out: Path) -> dict[str, list[str]]:
    return {
        path.parent.name: [one["sha256"] for one in json.loads(path.read_text())["images"]]
        for path in sorted(out.glob("person-*/person.json"))
    }


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, label_map: Path) -> Path:
    out = tmp_path_factory.mktemp("two") / "people"
    assert main(wanted(out, label_map, "--count", "2")) == 0
    return out


def test_a_second_call_goes_on(
    two: Path, label_map: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "people"
    assert main(wanted(out, label_map)) == 0
    before = {path: path.stat().st_mtime_ns for path in (out / "person-001").rglob("*")}
    capsys.readouterr()
    assert main(wanted(out, label_map, "--count", "2", "--json")) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["new"] == 1
    assert [one["id"] for one in told["people"]] == ["person-001", "person-002"]
    assert {path: path.stat().st_mtime_ns for path in before} == before
    # as in one call, whatever the order
    assert hashes(out) == hashes(two)
    assert len({tuple(one) for one in hashes(out).values()}) == 2


@pytest.mark.parametrize(
    ("more", "option"),
    [(("--seed", "9"), "seed"), (("--images", "T2"), "images"), (("--spacing", "4"), "spacing"),
     (("--lesion", "none"), "lesions"), (("--slices-mm", "5"), "slices")],
)  # fmt: skip
def test_other_options_are_refused(
    two: Path, label_map: Path, more: tuple[str, ...], option: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    before = hashes(two)
    assert main(wanted(two, label_map, *more)) == 2
    said = capsys.readouterr().err
    assert "other options" in said
    assert option in said
    assert hashes(two) == before


def test_another_seed_is_other_people(two: Path, label_map: Path, tmp_path: Path) -> None:
    assert main(wanted(tmp_path / "other", label_map, "--seed", "1")) == 0
    images = [read(out / "person-001" / "CT.nii.gz") for out in (two, tmp_path / "other")]
    levels = [float((image.voxels > 300).mean()) for image in images]
    assert images[0].shape != images[1].shape or levels[0] != levels[1]


def test_draws_make_the_same_voxels_again(
    two: Path, label_map: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = two / "person-002" / "person.json"
    asked = ["generate", "--replay", str(file), "--out", str(tmp_path / "again"), "--json"]
    assert main([*asked, "--labels", str(label_map)]) == 0
    assert json.loads(capsys.readouterr().out)["same"] is True
    for role in ("T1", "CT"):
        first = read(two / "person-002" / f"{role}.nii.gz")
        second = read(tmp_path / "again" / "person-002" / role)  # DICOM by default
        np.testing.assert_array_equal(first.voxels, second.voxels)
    assert verify_folder(tmp_path / "again").ok


def test_changed_draws_are_told(
    two: Path, label_map: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = json.loads((two / "person-001" / "person.json").read_text())
    facts["draws"]["scans"][0]["sequence"]["te"] *= 3
    file = tmp_path / "person.json"
    file.write_text(json.dumps(facts))
    asked = ["generate", "--replay", str(file), "--out", str(tmp_path / "out"), "--json",
             "--labels", str(label_map), "--format", "nifti"]  # fmt: skip
    assert main(asked) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["same"] is False
    assert "the voxels of T1 are not those of before" in told.err


@pytest.mark.parametrize(
    "kind",
    ["no labels", "other labels", "options", "damaged", "version", "impossible", "huge", "missing"],
)
def test_a_replay_that_cannot_be_is_refused(
    two: Path, label_map: Path, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "person.json"
    text = (two / "person-001" / "person.json").read_text()
    more = ["--labels", str(label_map)]
    if kind == "damaged":
        text = text.replace('"field_t"', '"field"')
    elif kind == "version":
        text = text.replace('"generator": 2,', '"generator": 1,')
    elif kind in ("impossible", "huge"):
        facts = json.loads(text)
        if kind == "huge":
            facts["draws"]["grid"]["shape"] = [100_000] * 3
        else:
            facts["draws"]["person"]["field_t"] = 7.0
            facts["draws"]["scans"][0]["sequence"]["kind"] = "mprage"
            facts["draws"]["scans"][0]["sequence"]["echoes"] = 10**6
        text = json.dumps(facts)
    elif kind == "no labels":
        more = []
    elif kind == "other labels":
        changed = small_head()
        changed[48, 48, 48] = 2
        more = ["--labels", str(write_map(tmp_path / "spheres.nii.gz", changed))]
    elif kind == "options":
        more += ["--seed", "4"]
    if kind != "missing":
        file.write_text(text)
    assert main(["generate", "--replay", str(file), "--out", str(tmp_path / "out"), *more]) == 2
    said = capsys.readouterr().err
    expected = {"no labels": "give it with --labels", "other labels": "give it with --labels",
                "options": "drawn already", "damaged": "holds no draws",
                "version": "version 1 of the generator", "impossible": "cannot be made",
                "huge": "GB of memory",
                "missing": "cannot be read"}  # fmt: skip
    assert expected[kind] in said
    assert not (tmp_path / "out").exists()


def lose_image(person: Path) -> None:
    (person / "T1.nii.gz").unlink()


def lose_mask(person: Path) -> None:
    (person / "truth" / "plaque-label.json").unlink()


def lose_file(person: Path) -> None:
    (person / "person.json").unlink()


def be_another(person: Path) -> None:
    shutil.rmtree(person)
    shutil.copytree(person.with_name("person-001"), person)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [(lose_image, "is not whole: T1.nii.gz is missing"),
     (lose_mask, "is not whole: truth/plaque-label.json is missing"),
     (lose_file, "is not whole: person.json is missing"), (be_another, "holds person-001")],
)  # fmt: skip
def test_a_person_who_is_not_whole_is_refused_by_name(
    two: Path, label_map: Path, damage: Callable[[Path], None], sentence: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out = Path(shutil.copytree(two, tmp_path / "out"))
    damage(out / "person-002")
    assert main(wanted(out, label_map, "--count", "3")) == 2
    assert f"person-002 in out {sentence}; move it away" in capsys.readouterr().err
    assert not (out / "person-003").exists()  # it is told before anybody is made
    shutil.rmtree(out / "person-002")
    assert main(wanted(out, label_map, "--count", "2")) == 0
    assert hashes(out) == hashes(two)


def test_slices_that_are_gone_are_missed(
    two: Path, label_map: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = two / "person-002" / "person.json", tmp_path / "again"
    asked = ["generate", "--replay", str(file), "--out", str(out), "--labels", str(label_map)]
    assert main(asked) == 0
    next((out / "person-002" / "CT").iterdir()).unlink()
    assert main(asked) == 2
    assert "is not whole: 1 of the" in capsys.readouterr().err


def test_a_copy_of_a_person_is_nobody(
    two: Path, label_map: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = Path(shutil.copytree(two, tmp_path / "out"))
    for name in ("person-001 (copy)", "person-0001", "person-one"):
        shutil.copytree(out / "person-001", out / name)
    assert main(wanted(out, label_map, "--count", "2", "--json")) == 0
    people = json.loads(capsys.readouterr().out)["people"]
    assert [one["id"] for one in people] == ["person-001", "person-002"]
    assert (out / "people.csv").read_text().count("person-") == 2


def test_the_table_of_people_holds_no_formula(two: Path) -> None:
    one = read_person(two / "person-001" / "person.json")
    origin = replace(one.draws.origin, name="=1+1")
    told = table_of([replace(one, draws=replace(one.draws, origin=origin))])
    assert ",'=1+1," in told


@pytest.mark.parametrize("replay", [False, True])
def test_what_was_killed_is_gone_on_with(
    two: Path, label_map: Path, replay: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, file = tmp_path / "out", two / "person-001" / "person.json"
    asked = wanted(out, label_map)
    if replay:
        asked = ["generate", "--replay", str(file), "--out", str(out), "--labels", str(label_map)]
    running = subprocess.Popen(
        [sys.executable, "-m", "SynthCore.cli.main", *asked], stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(FileNotFoundError):  # one may be renamed while it is looked into
            if list(out.glob(f"{PREFIX}*/T1*")):
                break
        time.sleep(0.005)
    psutil.Process(running.pid).suspend()
    assert main(asked) == 2  # not while it is at work
    assert "Another generate is at work in out: wait for it." in capsys.readouterr().err
    running.kill()
    running.wait(60)
    assert list(out.glob(f"{PREFIX}*"))
    for new in (1, 0):
        capsys.readouterr()
        assert main([*asked, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["new"] == new
    assert not list(out.rglob(f"{PREFIX}*"))
    assert hashes(out)["person-001"] == hashes(two)["person-001"]
    assert verify_folder(out).ok
    assert not [note for note in verify_folder(out).notes if "lock" in note]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_an_interrupt_keeps_whole_people(label_map: Path, tmp_path: Path) -> None:
    out = tmp_path / "people"
    running = subprocess.Popen(
        [sys.executable, "-m", "SynthCore.cli.main", *wanted(out, label_map, "--count", "400")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    until = time.monotonic() + 60
    while not (out / "person-002").is_dir() and time.monotonic() < until:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "the same command goes on" in told
    people = sorted(path.name for path in out.glob("person-*"))
    assert 2 <= len(people) < 400
    assert not list(out.rglob(f"{PREFIX}*"))
    assert verify_folder(out).ok
    table = (out / "people.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in table[1:]] == people
    assert main(wanted(out, label_map, "--count", str(len(people) + 1))) == 0
    assert len(hashes(out)) == len(people) + 1


def test_an_interrupt_before_anybody_leaves_nothing(label_map: Path, tmp_path: Path) -> None:
    from SynthCore.errors import CancelledError
    from SynthCore.people.generate import generate
    from SynthCore.people.wish import Wish

    stages: list[str] = []
    wish = Wish(("T1",), ("none",), 5.0)
    with pytest.raises(CancelledError, match="nothing was written"):
        generate(
            wish, tmp_path / "deep" / "out", labels=label_map,
            progress=lambda f, stage: stages.append(stage),
            cancelled=lambda: any("person" in stage.split(", ")[-1] for stage in stages),
        )  # fmt: skip
    assert stages
    assert not (tmp_path / "deep" / "out").exists()
