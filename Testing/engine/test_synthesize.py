"""The engine from a request to a result."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from SynthCore.engine import memory
from SynthCore.engine.infer import infer
from SynthCore.engine.synthesize import synthesize
from SynthCore.errors import (
    CancelledError,
    InputError,
    OutOfMemoryError,
    RefusedError,
)
from SynthCore.image import Image, make_affine
from SynthCore.models.bundle import load_network, open_bundle
from SynthCore.models.card import Prepare
from SynthCore.request import Options, SynthesisRecord, SynthesisRequest
from Testing.cli.studies import hounsfield, limb
from Testing.engine.conftest import write_bundle

Make = Callable[..., Path]
AFFINE = make_affine((1.0, 1.0, 3.0), (-20, -24, 0))


@pytest.fixture
def a_t1() -> Image:
    return Image(limb((12, 90, 110)).astype(np.float32), AFFINE, "T1")


@pytest.fixture
def a_network_bundle(tmp_path: Path) -> Path:
    """A random convolutional network: its output depends on every input voxel nearby."""
    torch.manual_seed(0)
    network = torch.nn.Conv2d(5, 1, 7, padding=3)
    definition = {
        "_target_": "torch.nn.Conv2d",
        "in_channels": 5,
        "out_channels": 1,
        "kernel_size": 7,
        "padding": 3,
    }
    prepare = {
        "slices": 5,
        "tile": [48, 48],
        "normalization": {"T1": {"kind": "percentile", "percentile": 99.0}},
    }
    return write_bundle(
        tmp_path / "random", network, definition, prepare=prepare, output={"scale": 1000.0}
    )


@pytest.mark.parametrize("backend", ["openvino", "torch"])
def test_the_same_request_gives_the_same_voxels(
    a_network_bundle: Path, a_t1: Image, backend: str
) -> None:
    request = SynthesisRequest(
        "mr-to-ct", {"T1": a_t1}, model=str(a_network_bundle), options=Options(backend=backend)
    )
    first, second = synthesize(request), synthesize(request)
    assert np.array_equal(first.image.voxels, second.image.voxels)
    assert first.record.output["sha256"] == second.record.output["sha256"]
    assert first.record.backend == backend


def test_both_backends_agree(a_network_bundle: Path, a_t1: Image) -> None:
    made = [
        synthesize(
            "mr-to-ct", {"T1": a_t1}, model=str(a_network_bundle), options=Options(backend=backend)
        ).image.voxels
        for backend in ("openvino", "torch")
    ]
    assert np.max(np.abs(made[0] - made[1])) < 1e-4 * np.ptp(made[0])


def test_tiles_are_laid_together_as_monai_does(a_network_bundle: Path, a_t1: Image) -> None:
    from monai.inferers import SlidingWindowInferer

    bundle = open_bundle(a_network_bundle)
    network = load_network(bundle)
    voxels = (a_t1.voxels / a_t1.voxels.max())[np.newaxis]
    ours, _ = infer(network, voxels, bundle.card.prepare, device="cpu", backend="torch")
    depth = voxels.shape[1]
    near = np.clip(np.arange(depth)[:, None] + np.arange(-2, 3), 0, depth - 1)
    inferer = SlidingWindowInferer((48, 48), overlap=0.25, mode="gaussian")
    with torch.inference_mode():
        theirs = inferer(torch.from_numpy(voxels[0][near]), network)[:, 0].numpy()
    assert np.max(np.abs(ours - theirs)) < 1e-4 * np.ptp(theirs)


def test_the_record_is_enough_to_run_again(a_network_bundle: Path, a_t1: Image) -> None:
    options = Options(backend="torch", seed=3)
    made = synthesize("mr-to-ct", {"T1": a_t1}, model=str(a_network_bundle), options=options)
    record = SynthesisRecord.from_json(made.record.to_json())
    assert record == made.record
    assert record.inputs["T1"]["sha256"] == a_t1.sha256()
    assert record.weights_sha256 == open_bundle(a_network_bundle).card.weights_sha256
    again = synthesize(
        record.task, {"T1": a_t1}, model=str(a_network_bundle), options=Options(**record.options)
    )
    assert again.record.output["sha256"] == record.output["sha256"]


def test_the_record_holds_no_path(a_network_bundle: Path, a_t1: Image, tmp_path: Path) -> None:
    named = replace(a_t1, source=replace(a_t1.source, path="/home/someone/Doe^Jane/t1.nii.gz"))
    text = synthesize("mr-to-ct", {"T1": named}, model=str(a_network_bundle)).record.to_json()
    assert "Doe" not in text
    assert str(tmp_path) not in text
    assert json.loads(text)["task"] == "mr-to-ct"


def test_progress_rises_to_one_and_cancel_stops_between_tiles(
    a_network_bundle: Path, a_t1: Image
) -> None:
    seen: list[float] = []
    model = str(a_network_bundle)
    synthesize("mr-to-ct", {"T1": a_t1}, model=model, progress=lambda f, _: seen.append(f))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 10
    reached: list[float] = []
    with pytest.raises(CancelledError):
        synthesize(
            "mr-to-ct",
            {"T1": a_t1},
            model=model,
            progress=lambda f, _: reached.append(f),
            cancelled=lambda: len(reached) >= 5,
        )
    assert reached[-1] < 0.5


def test_memory_that_cannot_hold_a_tile_names_one_that_fits(
    a_network_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = load_network(open_bundle(a_network_bundle))
    prepare = Prepare(slices=5, tile=(4096, 4096))
    channels = np.zeros((1, 3, 4096, 4096), np.float32)
    needed = memory.tile_bytes(network, (1, 5, 4096, 4096))
    monkeypatch.setattr(memory, "available", lambda device: needed // 8)
    with pytest.raises(OutOfMemoryError, match="would fit") as caught:
        infer(network, channels, prepare, device="cpu", backend="torch")
    fits = caught.value.tile_that_fits
    assert fits is not None
    side = fits[1]
    assert side % 16 == 0
    infer(
        network,
        channels[:, :1, :side, :side],
        memory.with_tile(prepare, side),
        device="cpu",
        backend="torch",
    )


def test_a_backend_out_of_memory_is_a_typed_error(a_network_bundle: Path) -> None:
    network = load_network(open_bundle(a_network_bundle))
    shape = (1, 5, 64, 64)
    for raised in (MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")):
        with (
            pytest.raises(OutOfMemoryError),
            memory.named_when_out(network, shape, "cpu", Prepare()),
        ):
            raise raised
    with (
        pytest.raises(RuntimeError, match="something else"),
        memory.named_when_out(network, shape, "cpu", Prepare()),
    ):
        raise RuntimeError("something else")


def test_activations_grow_with_the_tile_not_with_the_volume(a_network_bundle: Path) -> None:
    """Arrays beyond input and output are bounded by one batch, whatever the depth."""
    import tracemalloc

    network = load_network(open_bundle(a_network_bundle))
    prepare = Prepare(slices=5, tile=(64, 64))

    def overhead(depth: int) -> int:
        channels = np.ones((1, depth, 64, 64), np.float32)
        infer(network, channels[:, :2], prepare, device="cpu", backend="torch")
        tracemalloc.start()
        out, _ = infer(network, channels, prepare, device="cpu", backend="torch")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return int(peak - out.nbytes)

    assert overhead(96) < 1.5 * overhead(24)


@pytest.mark.parametrize(
    ("task", "inputs", "model"),
    [("mr-to-ct", "T1", "mr-to-ct-bulk-density"), ("ct-denoise", "CT", "ct-denoise-nlm")],
)
def test_a_task_has_a_classical_model_for_any_part_of_the_body(
    task: str, inputs: str, model: str
) -> None:
    voxels = (hounsfield if inputs == "CT" else limb)((5, 60, 70)).astype(np.float32)
    image = Image(voxels, AFFINE, inputs, "HU" if inputs == "CT" else "1")
    made = synthesize(task, {inputs: image}, model=model)
    assert made.image.same_grid(image)
    assert made.image.modality == "CT"
    assert np.ptp(made.image.voxels) > 0
    assert any("classical baseline" in warning for warning in made.warnings)


def test_inpainting_changes_the_mask_and_nothing_else() -> None:
    image = Image(limb((5, 60, 70)), AFFINE, "T1")
    region = np.zeros(image.shape, bool)
    region[1:4, 25:35, 30:42] = True
    made = synthesize("inpaint", {"T1": image}, mask=image.with_voxels(region))
    assert np.array_equal(made.image.voxels[~region], image.voxels[~region])
    assert not np.array_equal(made.image.voxels[region], image.voxels[region])


@pytest.mark.parametrize("shift", [0.0, 100.0])
def test_denoising_removes_noise_and_keeps_the_mean(shift: float) -> None:
    clean = np.full((3, 64, 64), 40.0 + shift, np.float32)
    clean[:, :8] = -1000
    noisy = clean + np.random.default_rng(0).normal(0, 30, clean.shape).astype(np.float32)
    image = Image(noisy, AFFINE, "CT", "HU")
    made = synthesize("ct-denoise", {"CT": image}, model="ct-denoise-nlm").image.voxels
    inside = np.s_[:, 16:-8, 8:-8]
    assert made[inside].std() < 0.5 * noisy[inside].std()
    assert abs(made[inside].mean() - clean[inside].mean()) < 2


def test_one_image_in_two_roles_is_refused(a_t1: Image) -> None:
    t1 = a_t1
    with pytest.raises(InputError, match="T1 and T2 are the same image"):
        synthesize("mr-sequence", {"T1": t1, "T2": replace(t1, modality="T2")}, target="FLAIR")


def test_ct_numbers_given_as_mr_are_refused() -> None:
    image = Image(hounsfield((5, 60, 70)), AFFINE, "T1")
    with pytest.raises(RefusedError, match="CT numbers"):
        synthesize("mr-to-ct", {"T1": image})


def test_values_that_are_not_numbers_never_leave(a_t1: Image, tmp_path: Path) -> None:
    broken = a_t1.with_voxels(np.where(a_t1.voxels > 800, np.nan, a_t1.voxels))
    with pytest.raises(RefusedError, match="not numbers"):
        synthesize("mr-to-ct", {"T1": broken})


def test_a_mask_of_another_grid_is_an_error() -> None:
    image = Image(limb((5, 60, 70)), AFFINE, "T1")
    mask = Image(np.ones((5, 30, 35), bool), AFFINE)
    with pytest.raises(InputError, match="mask"):
        synthesize("inpaint", {"T1": image}, mask=mask)


def test_the_order_of_inputs_changes_nothing_and_only_used_ones_are_recorded() -> None:
    t1 = Image(limb((5, 60, 70)), AFFINE, "T1")
    t2 = Image(limb((5, 30, 35), 1), make_affine((2.0, 2.0, 3.0), (-20, -24, 0)), "T2")
    made = synthesize("mr-to-ct", {"T2": t2, "T1": t1}, model="mr-to-ct-bulk-density")
    alone = synthesize("mr-to-ct", {"T1": t1}, model="mr-to-ct-bulk-density")
    assert list(made.record.inputs) == ["T1"]
    assert made.record.output["sha256"] == alone.record.output["sha256"]
    assert any("T2 was given" in warning for warning in made.warnings)


def test_images_of_two_patients_are_never_mixed(tmp_path: Path) -> None:
    from SynthCore.files.read import read
    from Testing.cli.studies import write_series

    frame = "1.2.3.4"
    t1 = read(write_series(tmp_path / "a", limb(), patient="A", frame=frame), modality="T1")
    t2 = read(write_series(tmp_path / "b", limb(seed=1), patient="B", frame=frame), modality="T2")
    with pytest.raises(InputError, match="patient"):
        synthesize("mr-sequence", {"T1": t1, "T2": t2}, target="FLAIR")


def test_axes_are_turned_before_spacing_is_checked(a_network_bundle: Path) -> None:
    """A volume stored with another axis first is the same volume to the checks."""
    card = json.loads((a_network_bundle / "configs" / "metadata.json").read_text())
    card["synthcore"]["spacing_range_mm"] = [[0.8, 1.2], [0.8, 1.2], [2.5, 4.0]]
    (a_network_bundle / "configs" / "metadata.json").write_text(json.dumps(card))
    voxels = limb((12, 60, 70)).astype(np.float32)
    stored = np.ascontiguousarray(voxels.transpose(2, 0, 1))  # [i, k, j]
    affine = np.zeros((4, 4))
    affine[:, 0], affine[:, 1], affine[:, 2] = AFFINE[:, 1], AFFINE[:, 2], AFFINE[:, 0]
    affine[:, 3] = AFFINE[:, 3]
    plain = synthesize("mr-to-ct", {"T1": Image(voxels, AFFINE, "T1")}, model=str(a_network_bundle))
    turned = synthesize(
        "mr-to-ct", {"T1": Image(stored, affine, "T1")}, model=str(a_network_bundle)
    )
    assert np.array_equal(turned.image.voxels, plain.image.voxels.transpose(2, 0, 1))
    # along i a warning, along k a refusal
    far = make_affine((1.3, 1.0, 40.0))
    with pytest.raises(RefusedError, match="along k"):
        synthesize("mr-to-ct", {"T1": Image(voxels, far, "T1")}, model=str(a_network_bundle))
    coronal = make_affine((1.0, 3.0, 1.0))
    with pytest.raises(RefusedError, match="along j"):
        synthesize(
            "mr-to-ct",
            {"T1": Image(limb((60, 12, 70)).astype(np.float32), coronal, "T1")},
            model=str(a_network_bundle),
        )


def test_a_tile_smaller_than_the_slice_is_told(a_network_bundle: Path, a_t1: Image) -> None:
    """The slice has 90 x 110 voxels, and the model's own tiles 48 x 48 of them."""
    for tile, told in ((32, True), (48, False), (256, False), (None, False)):
        made = synthesize(
            "mr-to-ct", {"T1": a_t1}, model=str(a_network_bundle), options=Options(tile=tile)
        )
        found = [one for one in made.warnings if "in tiles of" in one]
        assert bool(found) == told
        assert all("Made in tiles of 32 x 32 voxels" in one and "48 x 48" in one for one in found)
        assert list(made.record.warnings) == list(made.warnings)
