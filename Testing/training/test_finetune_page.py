"""The page of registrations: what looks wrong is told, and numbers are of what was seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from SynthCore.cli.main import main
from SynthCore.training.finetune.doubt import doubts
from SynthCore.training.finetune.place import Placed, place_pairs
from SynthCore.training.finetune.ready import Ready, make_ready
from SynthCore.training.finetune.registration_page import LIST, PAGE
from Testing.training.site_pairs import a_leg, a_parent, a_table, write


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four legs; the CT of the third cannot be reached, that of the second just not."""
    folder = tmp_path_factory.mktemp("page")
    a_parent(folder / "parent")
    a_table(folder)
    for n, shift in ((1, 20.5), (2, 30.0)):
        write(a_leg(n, (shift, 0.0, 0.0))[1], folder / "images" / f"ct{n}.nii.gz")
    return folder


@pytest.fixture(scope="module")
def ready(site: Path) -> Ready:
    return make_ready(
        str(site / "parent"), site / "pairs.csv", site / "out", site="A", licence="x", how="rigid"
    )


def test_a_registration_that_looks_wrong_is_told(ready: Ready) -> None:
    assert sorted(ready.doubts) == [2, 3]
    assert any("far below that of the other pairs" in text for text in ready.doubts[3])
    assert any("mm apart, those of the other pairs" in text for text in ready.doubts[3])
    assert any("stopped at its limit of 20 mm" in text for text in ready.doubts[2])
    text = ready.page.read_text(encoding="utf-8")
    parts = text.split("<h2>Pair ")[1:]
    assert ["class='doubt'" in part for part in parts] == [False, True, True, False]
    assert "<td>5.0, 0." in parts[0], "4 mm and 3 mm aside, and hardly turned"


def test_one_pair_alone_is_compared_with_nothing(ready: Ready) -> None:
    assert doubts(ready.placed[2:3]) == {}


def test_notes_stand_beside_their_pair(ready: Ready) -> None:
    noted = replace(ready.placed[0].pair, notes=("T1: headers <suggest> T2.",))
    first = replace(ready.placed[0], pair=noted)
    replace(ready, placed=[first, *ready.placed[1:]]).show()
    parts = ready.page.read_text(encoding="utf-8").split("<h2>Pair ")[1:]
    assert "T1: headers &lt;suggest&gt; T2." in parts[0] and "headers" not in parts[1]


def test_the_command_tells_notes_and_doubts_by_row(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["finetune", str(site / "parent"), "--pairs", str(site / "pairs.csv"), "--licence",
               "x", "--steps", "1", "--out", str(site / "out"), "--site", "B"]  # fmt: skip
    assert main([*command, "--accept", "all", "--json"]) == 0
    told = capsys.readouterr()
    assert "Warning: pair 2 (row 3 of pairs.csv): The rigid move stopped" in told.err
    pairs = json.loads(told.out)["pairs"]
    assert [one["where"] for one in pairs] == [f"row {n} of pairs.csv" for n in (2, 3, 4, 5)]
    assert [bool(one["doubts"]) for one in pairs] == [False, True, True, False]
    assert "SMITH" not in told.out + told.err
    for one in pairs:
        for text in one["notes"]:
            assert f"Pair {one['number']} ({one['where']}): {text}" in told.err
    assert pairs[0]["notes"], "of NIfTI files something is assumed, and of a card without figures"


def test_numbers_are_those_of_the_last_page(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *rows = (site / "pairs.csv").read_text(encoding="utf-8").splitlines()
    table = site / "grows.csv"
    table.write_text("\n".join([head, *rows]), encoding="utf-8")
    out = tmp_path / "out"
    command = ["finetune", str(site / "parent"), "--pairs", str(table), "--licence", "x",
               "--steps", "1", "--out", str(out), "--aligned"]  # fmt: skip
    assert main([*command, "--site", "A", "--accept", "1,2,4"]) == 3, "nobody has seen a page"
    assert "look at the new registrations.html" in capsys.readouterr().err
    shown = (out / "finetune-run" / LIST).read_text(encoding="utf-8")
    assert main([*command, "--site", "A", "--accept", "1,2,4"]) == 0
    assert main([*command, "--site", "B", "--accept", "1-3"]) == 0, "the same page"

    other = a_leg(7, (4.0, -3.0, 0.0))
    for image, name in zip(other, ("mr7", "ct7"), strict=True):
        write(image, site / "images" / f"{name}.nii.gz")
    new = "another,images/mr7.nii.gz,images/ct7.nii.gz"
    table.write_text("\n".join([head, new, *rows]), encoding="utf-8")
    assert main([*command, "--site", "C", "--accept", "1,2,4"]) == 3
    assert not (out / "parent-c").exists()
    assert (out / "finetune-run" / LIST).read_text(encoding="utf-8") != shown
    assert main([*command, "--site", "C", "--accept", "all"]) == 0, "all are all"
    # the same images registered otherwise are other registrations
    rigid = [one for one in command if one != "--aligned"]
    assert main([*rigid, "--site", "D", "--accept", "1,2,4"]) == 3
    (out / "finetune-run" / LIST).write_text("{broken", encoding="utf-8")
    assert main([*command, "--site", "E", "--accept", "1,2,4"]) == 3
    assert [p.name for p in (out / "finetune-run").glob(".partial-*")] == []


def test_placing_writes_no_page(ready: Ready, tmp_path: Path) -> None:
    found: list[Placed] = place_pairs([ready.placed[0].pair], "none", tmp_path)
    assert len(found) == 1 and not (tmp_path / PAGE).exists()
