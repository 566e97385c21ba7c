"""Label maps are judged before anybody is made: their numbers, their names, and all of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from SynthCore.cli.main import main
from SynthCore.files.label_map import label_map_name, read_label_map
from SynthCore.files.write import write_nifti
from SynthCore.image import Image, make_affine
from SynthCore.physics.generator.labels import KNOWN
from Testing.people.label_maps import MM, write_map
from Testing.physics.generator.head_map import small_head

SMALL = ("--spacing", "5", "--images", "CT", "--format", "nifti", "--lesion", "none")


def _remove(path: Path) -> None:
    path.unlink()
    path.with_name("spheres.json").unlink()


def generate(out: Path, labels: Path, *more: str) -> int:
    return main(["generate", "--out", str(out), "--labels", str(labels), *SMALL, *more])


@pytest.mark.parametrize(
    ("number", "other", "told"),
    [(4, 777, "777 (2"), (507, 507 + 65536, "66043 ("), (2, 2.5, "2.5 ("), (4, -3, "-3 (")],
)
def test_numbers_that_are_not_known(
    number: int, other: float, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    voxels = small_head().astype(np.float32 if other == 2.5 else np.int32)
    voxels[voxels == number] = other
    image = Image(voxels, make_affine((MM, MM, MM)))
    path = write_nifti(image, tmp_path / "sub.01.nii.gz", record_json=None, origin="spheres")
    assert generate(tmp_path / "out", path) == 3
    said = capsys.readouterr().err
    assert "The label map sub.01 holds numbers that the generator does not know" in said
    assert told in said
    assert not (tmp_path / "out").exists()


def test_published_maps_hold_nothing_else(real_data: Path) -> None:
    paths = sorted((real_data / "label_maps" / "synthseg").glob("*.nii.gz"))
    if not paths:
        pytest.skip("the label maps of SynthSeg are not there")
    labels, _ = read_label_map(paths[0])
    assert set(np.unique(labels).tolist()) <= KNOWN


def test_names_keep_their_dots() -> None:
    names = {label_map_name(Path(one)) for one in ("sub.01.nii.gz", "sub.02.nii.gz", "a.b.mgz")}
    assert names == {"sub.01", "sub.02", "a.b"}


def test_a_map_that_was_exchanged_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    maps = tmp_path / "maps"
    maps.mkdir()
    (maps / "._spheres.nii.gz").write_bytes(b"what a file manager left")
    path = write_map(maps / "spheres.nii.gz", small_head())
    out = tmp_path / "out"
    assert generate(out, maps) == 0
    begun = json.loads((out / "people.json").read_text())
    assert begun["notice"].startswith("SYNTHETIC")
    assert [one["name"] for one in begun["labels"]] == ["spheres"]
    changed = small_head()
    changed[48, 48, 48] = 2
    _remove(path)
    write_map(path, changed)
    capsys.readouterr()
    assert generate(out, maps, "--count", "2") == 2
    assert "The label map spheres holds other voxels" in capsys.readouterr().err
    assert not (out / "person-002").exists()
    # the same voxels in a file that was written anew are the same map
    _remove(path)
    write_map(path, small_head())
    assert generate(out, maps, "--count", "2") == 0


@pytest.mark.parametrize("kind", ["no image", "brain alone", "flat"])
def test_all_maps_are_judged_before_anybody_is_made(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    maps = tmp_path / "maps"
    maps.mkdir()
    write_map(maps / "a.nii.gz", small_head())
    bad = small_head()
    if kind == "no image":
        (maps / "b.nii.gz").write_bytes(b"not an image")
    elif kind == "flat":
        flat = bad[47:49].copy()
        flat[1] = 0
        image = Image(flat, make_affine((MM, MM, 200.0)))
        write_nifti(image, maps / "b.nii.gz", record_json=None, origin="spheres")
    else:
        bad[bad > 500] = 0
        write_map(maps / "b.nii.gz", bad)
    assert generate(tmp_path / "out", maps, "--count", "2") == (2 if kind == "no image" else 3)
    named = "b.nii.gz" if kind == "no image" else "The label map b "
    assert named in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
