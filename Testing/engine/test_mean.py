"""A result may be the mean of a network's answers to the input and its mirror images."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from SynthCore.engine.preview import preview
from SynthCore.engine.synthesize import synthesize
from SynthCore.errors import CancelledError, ModelError
from SynthCore.image import Image, make_affine
from SynthCore.models.bundle import open_bundle
from SynthCore.models.networks import SliceUNet
from SynthCore.request import Options, SynthesisRequest
from Testing.engine.conftest import write_bundle

TORCH = Options(backend="torch")
MIRRORS = ["flip-i", "flip-j", "flip-ij"]
OUTPUT = {"scale": 1000.0}


def _folder(path: Path, mirrors: list[str]) -> Path:
    torch.manual_seed(2)
    network = SliceUNet(3, (4, 8), norm=False)
    definition = {"_target_": "SynthCore.models.networks.SliceUNet", **network.arguments}
    settings = {"slices": 3, "tile": [64, 64], "multiple_of": 16,
                "normalization": {"T1": {"kind": "percentile"}}}  # fmt: skip
    return write_bundle(
        path, network, definition, prepare=settings, output=OUTPUT | {"mean_over": mirrors}
    )


@pytest.fixture
def a_leg() -> Image:
    rng = np.random.default_rng(4)
    j, i = np.mgrid[:48, :64]
    inside = (j - 24) ** 2 + (i - 31) ** 2 < 20**2
    voxels = np.abs(np.where(inside, 300, 2) + rng.normal(0, 40, size=(4, 48, 64)))
    return Image(voxels.astype(np.float32), make_affine((1.0, 1.0, 4.0)), "T1")


def _turned(image: Image, axes: tuple[int, ...]) -> Image:
    return replace(image, voxels=np.ascontiguousarray(np.flip(image.voxels, axes)))


def _made(folder: Path, image: Image, options: Options = TORCH) -> Image:
    return synthesize("mr-to-ct", {"T1": image}, model=str(folder), options=options).image


def test_the_result_is_the_mean_of_the_mirrored_answers(tmp_path: Path, a_leg: Image) -> None:
    once, mean = _folder(tmp_path / "once", []), _folder(tmp_path / "mean", MIRRORS)
    answers = [
        np.flip(_made(once, _turned(a_leg, axes)).voxels, axes) for axes in ((), (2,), (1,), (1, 2))
    ]
    made = _made(mean, a_leg).voxels
    assert np.abs(answers[0] - made).max() > 1, "an untrained network has a side"
    assert np.allclose(made, np.mean(answers, axis=0), atol=1e-2)


def test_a_mirrored_input_gives_the_mirrored_result(tmp_path: Path, a_leg: Image) -> None:
    folder = _folder(tmp_path / "mean", MIRRORS)
    for backend in ("torch", "openvino"):
        options = Options(backend=backend)
        made = _made(folder, a_leg, options)
        other = _made(folder, _turned(a_leg, (2,)), options)
        assert np.allclose(np.flip(other.voxels, 2), made.voxels, atol=1e-2)
        assert np.array_equal(_made(folder, a_leg, options).voxels, made.voxels)


def test_a_preview_has_the_voxels_of_the_whole(tmp_path: Path, a_leg: Image) -> None:
    folder = _folder(tmp_path / "mean", MIRRORS)
    request = SynthesisRequest("mr-to-ct", {"T1": a_leg}, model=str(folder), options=TORCH)
    point = tuple(float(v) for v in a_leg.affine[:3] @ [10, 10, 2, 1])
    one = preview(request, (point[0], point[1], point[2])).image
    assert np.allclose(one.voxels[0], _made(folder, a_leg).voxels[2], atol=1e-3)


def test_progress_runs_on_through_all_answers(tmp_path: Path, a_leg: Image) -> None:
    folder, seen = _folder(tmp_path / "mean", MIRRORS), [0.0]
    synthesize("mr-to-ct", {"T1": a_leg}, model=str(folder), options=TORCH,
               progress=lambda fraction, _: seen.append(fraction))  # fmt: skip
    assert seen == sorted(seen) and seen[-1] == 1.0
    assert sum(0.3 < f < 0.9 for f in seen) > 4
    with pytest.raises(CancelledError):
        synthesize("mr-to-ct", {"T1": a_leg}, model=str(folder), options=TORCH,
                   cancelled=_after(9))  # fmt: skip


def _after(count: int) -> Callable[[], bool]:
    asked = iter(range(10**6))
    return lambda: next(asked) >= count


@pytest.mark.parametrize("mirrors", ["flip-i", ["flip-k"], ["flip-i", "flip-i"], [3], {"a": 1}])
def test_a_card_that_names_no_mirror_is_refused(tmp_path: Path, mirrors: object) -> None:
    folder = _folder(tmp_path / "wrong", [])
    path = folder / "configs" / "metadata.json"
    metadata = json.loads(path.read_text())
    metadata["synthcore"]["output"]["mean_over"] = mirrors
    path.write_text(json.dumps(metadata))
    with pytest.raises(ModelError, match="mean_over"):
        open_bundle(folder)
