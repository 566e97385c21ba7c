"""How far a result can be trusted: the same image, and a map beside it, as the card calibrates."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from SynthCore.engine.changes import changed
from SynthCore.engine.prepare import prepare
from SynthCore.engine.synthesize import find_body, synthesize
from SynthCore.errors import CancelledError, InputError
from SynthCore.image import Image, make_affine
from SynthCore.models.bundle import open_bundle
from SynthCore.models.networks import SliceUNet
from SynthCore.models.uncertainty import CHANGES, MOST_HU, Calibration, bent
from SynthCore.request import Options
from Testing.engine.conftest import write_bundle

FLOOR, FACTOR = 20.0, 2.0
ON = Options(backend="torch", uncertainty=True)
SYMMETRIC = torch.tensor([[0.1, 0.2, 0.1], [0.2, 0.0, 0.2], [0.1, 0.2, 0.1]])


def calibration(*changes: str, floor: float = FLOOR, factor: float = FACTOR) -> dict[str, Any]:
    return {
        "changes": list(changes),
        "knots_hu": [-1000.0, 1000.0],
        "floor_hu": [floor, floor],
        "factor": [factor, factor],
    }


def with_calibration(folder: Path, block: dict[str, Any], **fields: Any) -> Path:
    path = folder / "configs" / "metadata.json"
    metadata = json.loads(path.read_text())
    metadata["synthcore"] |= fields
    sha = metadata["synthcore"]["weights_sha256"]
    metadata["synthcore"]["uncertainty"] = {"weights_sha256": sha} | block
    path.write_text(json.dumps(metadata))
    return folder


@pytest.fixture
def a_unet(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    network = SliceUNet(5, (4, 8), norm=False)
    definition = {"_target_": "SynthCore.models.networks.SliceUNet", **network.arguments}
    settings = {"slices": 5, "tile": [48, 48], "multiple_of": 16,
                "normalization": {"T1": {"kind": "percentile"}}}  # fmt: skip
    folder = write_bundle(
        tmp_path / "unet", network, definition, prepare=settings, output={"scale": 1000.0}
    )
    return with_calibration(folder, calibration("flip-i", "brighter", "shift"))


@pytest.fixture
def a_leg() -> Image:
    rng = np.random.default_rng(4)
    j, i = np.mgrid[:61, :70]
    inside = (j - 30) ** 2 + (i - 33) ** 2 < 24**2
    voxels = np.where(inside, 300, 2) + rng.normal(0, 12, size=(7, 61, 70))
    # flipped along i and j, as a patient lies in DICOM of other positions
    affine = make_affine((1.1, 0.9, 4.0), direction=np.diag([-1.0, -1.0, 1.0]))
    return Image(np.abs(voxels).astype(np.float32), affine, "T1")


def test_the_image_is_the_same_with_and_without(a_unet: Path, a_leg: Image) -> None:
    plain = synthesize(
        "mr-to-ct", {"T1": a_leg}, model=str(a_unet), options=Options(backend="torch")
    )
    both = synthesize("mr-to-ct", {"T1": a_leg}, model=str(a_unet), options=ON)
    assert plain.uncertainty is None
    assert np.array_equal(plain.image.voxels, both.image.voxels)
    assert plain.record.output["sha256"] == both.record.output["sha256"]
    assert both.record.options["uncertainty"] is True


def test_the_map_lies_on_the_image_and_is_in_the_record(a_unet: Path, a_leg: Image) -> None:
    result = synthesize("mr-to-ct", {"T1": a_leg}, model=str(a_unet), options=ON)
    sigma = result.uncertainty
    assert sigma is not None
    assert sigma.same_grid(a_leg)
    assert sigma.unit == "HU"
    assert result.record.output["uncertainty"]["sha256"] == sigma.sha256()
    body = find_body(a_leg)
    assert np.all(sigma.voxels[body] >= FLOOR)
    assert np.all(sigma.voxels[~body] == 0)
    assert sigma.voxels[body].max() > 1.01 * FLOOR, "an untrained network is not equivariant"
    again = synthesize("mr-to-ct", {"T1": a_leg}, model=str(a_unet), options=ON)
    assert np.array_equal(again.uncertainty.voxels, sigma.voxels)  # type: ignore[union-attr]


def test_each_change_has_its_way_back(tmp_path: Path, a_leg: Image) -> None:
    """A filter without a side answers every flip and move the same, in the same place."""
    network = torch.nn.Conv2d(1, 1, 3, padding=1, bias=False)
    with torch.no_grad():
        network.weight[:] = SYMMETRIC
    definition = {"_target_": "torch.nn.Conv2d", "in_channels": 1, "out_channels": 1,
                  "kernel_size": 3, "padding": 1, "bias": False}  # fmt: skip
    settings = {"slices": 1, "tile": [80, 80], "multiple_of": 16,
                "normalization": {"T1": {"kind": "percentile", "high": 9.0}}}  # fmt: skip
    folder = write_bundle(
        tmp_path / "filter", network, definition, prepare=settings, output={"scale": 1000.0}
    )
    flips = [name for name in CHANGES if name.startswith(("flip", "shift"))]
    with_calibration(folder, calibration(*flips, floor=0.0, factor=1.0))
    sigma = synthesize("mr-to-ct", {"T1": a_leg}, model=str(folder), options=ON).uncertainty
    assert sigma is not None
    inner = np.s_[:, 9:-9, 9:-9]
    assert np.abs(sigma.voxels[inner]).max() < 0.01
    # and it answers one that is brighter by a tenth with a tenth more
    with_calibration(folder, calibration("brighter", floor=0.0, factor=1.0))
    result = synthesize("mr-to-ct", {"T1": a_leg}, model=str(folder), options=ON)
    body = find_body(a_leg)
    stated = result.uncertainty.voxels[body]  # type: ignore[union-attr]
    assert np.allclose(stated, bent(0.1 * result.image.voxels[body]), rtol=0.02)


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_not_given_stays_not_given(a_unet: Path, a_leg: Image, name: str) -> None:
    card = open_bundle(a_unet).card
    prepared = prepare(card, {"T1": a_leg}, find_body(a_leg))
    absent = np.full_like(prepared.channels, -1.0)
    prepared = replace(prepared, channels=np.concatenate([prepared.channels, absent]))
    moved = changed(name, prepared, card).prepared
    assert moved.channels.shape == prepared.channels.shape
    assert np.all(moved.channels[1] == -1)
    assert moved.channels[0].max() <= 1.5


def test_progress_counts_every_run_and_cancel_stops_the_last(a_unet: Path, a_leg: Image) -> None:
    seen: list[tuple[float, str]] = []
    synthesize("mr-to-ct", {"T1": a_leg}, model=str(a_unet), options=ON,
               progress=lambda f, stage: seen.append((f, stage)))  # fmt: skip
    fractions = [f for f, _ in seen]
    assert fractions == sorted(fractions)
    assert max(f for f, stage in seen if stage == "synthesize") == pytest.approx(0.25)
    assert "uncertainty" in {stage for _, stage in seen}
    late: list[float] = []
    with pytest.raises(CancelledError):
        synthesize("mr-to-ct", {"T1": a_leg}, model=str(a_unet), options=ON,
                   progress=lambda f, _: late.append(f),
                   cancelled=lambda: bool(late) and late[-1] > 0.8)  # fmt: skip
    assert 0.8 < late[-1] < 1


def test_a_model_without_calibration_says_so_at_once(
    an_identity_bundle: Callable[..., Path], a_leg: Image
) -> None:
    seen: list[str] = []
    with pytest.raises(InputError, match="holds no calibration"):
        synthesize("mr-to-ct", {"T1": a_leg}, model=str(an_identity_bundle()), options=ON,
                   progress=lambda _, stage: seen.append(stage))  # fmt: skip
    assert "synthesize" not in seen


def test_a_calibration_of_other_weights_counts_as_none(a_unet: Path, a_leg: Image) -> None:
    with_calibration(a_unet, {**calibration("flip-i"), "weights_sha256": "0" * 64})
    assert open_bundle(a_unet).card.uncertainty is None
    with pytest.raises(InputError, match="holds no calibration"):
        synthesize("mr-to-ct", {"T1": a_leg}, model=str(a_unet), options=ON)


def test_the_formula() -> None:
    known = Calibration(("flip-i",), (0.0, 100.0), (10.0, 30.0), (1.0, 3.0))
    voxels = np.full((3, 2, 2), 50.0, dtype=np.float32)
    voxels[2] = 900
    sigma = known.deviation(voxels, np.full_like(voxels, 7.0))
    errs = 10 * np.log(1.7)  # of a spread of 7
    assert np.allclose(sigma[:2], np.hypot(20, 2 * errs))
    assert np.allclose(sigma[2], np.hypot(30, 3 * errs)), "beyond the knots the last value holds"
    lost = Calibration(("flip-i",), (0.0,), (0.0,), (99.0,))
    assert lost.deviation(voxels, np.full_like(voxels, 4000.0)).max() == MOST_HU
    assert bent(np.array([0.01]))[0] == pytest.approx(0.01, rel=1e-3)
