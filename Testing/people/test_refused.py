"""What cannot be made is refused in one sentence, with its exit code, and leaves nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from SynthCore.cli.main import main
from Testing.people.label_maps import write_map
from Testing.physics.generator.head_map import small_head

ASKED = {
    "sequence": (("--images", "T1,SWI"), 2, "There is no image SWI to make; give some of T1, T1c"),
    "twice": (("--images", "T1,t1"), 2, "Name each image once"),
    "no image": (("--images", ""), 2, "Name each image once"),
    "lesion": (("--lesion", "abscess"), 2, "give one of infiltrating-tumor, enhancing-tumor"),
    "edema": (("--lesion", "edema"), 2, "There is no lesion edema to make"),
    "nobody": (("--count", "0"), 2, "give 1 to 10000 with --count"),
    "too many": (("--count", "99999999"), 2, "give 1 to 10000 with --count"),
    "seed": (("--seed", "-1"), 2, "give 0 or more with --seed"),
    "large seed": (("--seed", str(2**63)), 2, "The seed is above 9223372036854775807"),
    "spacing": (("--spacing", "0"), 2, "give 0.3 to 5 with --spacing"),
    "not a number": (("--spacing", "nan"), 2, "give 0.3 to 5 with --spacing"),
    "slices": (("--slices-mm", "40"), 2, "give 0.3 to 10 with --slices-mm"),
    "no labels": (("--labels", "nowhere"), 2, "There is no nowhere"),
}


@pytest.mark.parametrize("kind", ASKED)
def test_a_wish_that_cannot_be(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    more, code, sentence = ASKED[kind]
    assert main(["generate", "--out", "out", "--json", *more]) == code
    told = json.loads(capsys.readouterr().out)
    assert sentence in told["error"]
    assert told["exit_code"] == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["brain alone", "other numbers", "nothing", "no image"])
def test_labels_that_are_no_head(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = small_head()
    if kind == "brain alone":
        labels[np.isin(labels, (507, 511, 515, 516, 506))] = 0
    elif kind == "other numbers":
        labels = np.minimum(labels, 4)
    elif kind == "nothing":
        labels[:] = 0
    path = tmp_path / "map.nii.gz"
    if kind == "no image":
        path.write_bytes(b"not an image")
    else:
        write_map(path, labels)
    out = tmp_path / "out"
    code = main(["generate", "--out", str(out), "--labels", str(path), "--spacing", "4"])
    assert code == (2 if kind in ("nothing", "no image") else 3)
    said = capsys.readouterr().err
    assert said.strip().splitlines()[-1].startswith("Error: ")
    assert {"nothing": "every voxel is 0", "no image": "map.nii.gz"}.get(kind, "SynthSeg") in said
    assert not out.exists()


def test_a_grid_that_memory_cannot_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the memory that is free here: a voxel of 0.3 mm takes some 55 GB."""
    import psutil

    from SynthCore.people.memory import bytes_of

    if psutil.virtual_memory().available > bytes_of(230 * 250 * 200 / 0.3**3):
        pytest.skip("this machine holds even such a grid")
    assert main(["generate", "--out", str(tmp_path / "out"), "--spacing", "0.3"]) == 2
    said = capsys.readouterr().err
    assert "GB of memory" in said
    assert "give --spacing 0." in said
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    assert main(["generate", "--out", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
