"""What goes into a network's channels and what comes out of them, as its card says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from SynthCore.engine.preview import preview
from SynthCore.engine.synthesize import synthesize
from SynthCore.errors import InputError, ModelError
from SynthCore.image import Image, make_affine
from SynthCore.request import Options, SynthesisRequest
from Testing.engine.conftest import write_bundle

LINEAR = {"kind": "linear", "offset": 0, "scale": 100, "low": -100, "high": 100}
PERCENTILE = {"kind": "percentile", "percentile": 50.0, "low": 0.0, "high": 100.0}
ROLES = ["T1", "T2", "FLAIR"]


def image(seed: int, role: str = "T1") -> Image:
    rng = np.random.default_rng(seed)
    voxels = rng.uniform(100, 900, (4, 20, 24)).astype(np.float32)
    return Image(voxels, make_affine((1.0, 1.0, 2.0)), role)


def bundle(folder: Path, weights: Any, bias: Any, prepare: dict[str, Any], **block: Any) -> str:
    """A model whose network is a matrix from its channels to its outputs."""
    matrix = torch.tensor(weights, dtype=torch.float32)
    outputs, inputs = matrix.shape
    network = torch.nn.Conv2d(inputs, outputs, 1)
    with torch.no_grad():
        network.weight.copy_(matrix[:, :, None, None])
        network.bias.copy_(torch.tensor(bias, dtype=torch.float32))  # type: ignore[union-attr]
    definition = {
        "_target_": "torch.nn.Conv2d", "in_channels": inputs, "out_channels": outputs,
        "kernel_size": 1,
    }  # fmt: skip
    settings = {"slices": 1, "tile": [32, 32], "multiple_of": 16, **prepare}
    return str(write_bundle(folder / "matrix", network, definition, prepare=settings, **block))


@pytest.fixture
def any_sequence(tmp_path: Path) -> str:
    """Output n is input n plus ten times the next one, in units of 100."""
    return bundle(
        tmp_path,
        [[1, 10, 0], [0, 1, 10], [10, 0, 1]],
        [0.0, 0.0, 0.5],
        {"normalization": dict.fromkeys(ROLES, LINEAR), "absent": -2.0},
        task="mr-sequence", inputs=ROLES, target="any", takes="any", unit="1",
        output={"scale": 100.0, "channels": ROLES},
    )  # fmt: skip


@pytest.mark.parametrize("backend", ["torch", "openvino"])
def test_a_role_not_given_is_marked_and_the_target_picks_its_output(
    any_sequence: str, backend: str
) -> None:
    given = {"T1": image(1), "FLAIR": image(3, "FLAIR")}
    made = synthesize(
        "mr-sequence", given, target="T2", model=any_sequence, options=Options(backend=backend)
    )
    # T2 is absent: -2 goes in for it
    expected = -200.0 + 10 * given["FLAIR"].voxels
    assert made.image.modality == "T2"
    np.testing.assert_allclose(made.image.voxels, expected, rtol=1e-5)


def test_any_of_the_roles_will_do_and_none_will_not(any_sequence: str) -> None:
    alone = {"T2": image(2, "T2")}
    made = synthesize("mr-sequence", alone, target="FLAIR", model=any_sequence)
    np.testing.assert_allclose(made.image.voxels, 10 * -200.0 - 200.0 + 50.0, rtol=1e-5)
    with pytest.raises(InputError, match="T1 or T2 or FLAIR"):
        synthesize("mr-sequence", {"PD": image(1, "PD")}, target="T1", model=any_sequence)
    with pytest.raises(InputError, match="not PD"):
        synthesize("mr-sequence", alone, target="PD", model=any_sequence)


def test_one_of_several_roles_goes_in_as_the_one_channel(tmp_path: Path) -> None:
    model = bundle(
        tmp_path, [[2.0]], [0.0], {"normalization": dict.fromkeys(["T1", "T2"], LINEAR)},
        inputs=["T1", "T2"], takes="one", output={"scale": 100.0},
    )  # fmt: skip
    t1, t2 = image(1), image(2, "T2")
    both = synthesize("mr-to-ct", {"T2": t2, "T1": t1}, model=model)
    np.testing.assert_allclose(both.image.voxels, 2 * t1.voxels, rtol=1e-5)
    assert any("T2 was given" in warning for warning in both.warnings)
    second = synthesize("mr-to-ct", {"T2": t2}, model=model)
    np.testing.assert_allclose(second.image.voxels, 2 * t2.voxels, rtol=1e-5)


@pytest.fixture
def filling(tmp_path: Path) -> str:
    """Fills with the median of what is outside the region, by way of the mask channel."""
    return bundle(
        tmp_path, [[1.0, 1.0]], [0.0],
        {"normalization": {"T1": PERCENTILE, "T2": PERCENTILE}, "mask_channel": True},
        task="inpaint", inputs=["T1", "T2"], target="same", unit="1",
        output={"denormalize": True},
    )  # fmt: skip


def test_what_is_to_be_filled_never_reaches_the_network(filling: str) -> None:
    region = np.zeros((4, 20, 24), dtype=bool)
    region[1:3, 5:12, 6:14] = True
    given = image(5, "T2")
    spoiled = given.with_voxels(np.where(region, 850.0, given.voxels).astype(np.float32))
    mask = given.with_voxels(region.astype(np.uint8), modality="", unit="")
    results = [
        synthesize("inpaint", {"T2": one}, mask=mask, model=filling).image.voxels
        for one in (given, spoiled)
    ]
    np.testing.assert_array_equal(*results)
    np.testing.assert_array_equal(results[0][~region], given.voxels[~region])
    median = float(np.percentile(given.voxels[~region], 50))
    np.testing.assert_allclose(results[0][region], median, rtol=1e-5)


def test_a_network_that_changes_nothing_gives_the_image_back(tmp_path: Path) -> None:
    model = bundle(
        tmp_path, [[0.0]], [0.0], {"normalization": {"CT": LINEAR, "CBCT": LINEAR}},
        task="ct-denoise", inputs=["CT", "CBCT"], target="same",
        output={"denormalize": True, "residual_of": "same"},
    )  # fmt: skip
    given = Image(image(1).voxels * 2 - 1200, make_affine((1.0, 1.0, 2.0)), "CT", "HU")
    made = synthesize("ct-denoise", {"CT": given}, model=model)
    np.testing.assert_array_equal(made.image.voxels, given.voxels)


def test_nothing_is_made_where_a_cone_beam_saw_nothing(tmp_path: Path) -> None:
    """A network may change what the scanner filled in; the result and its preview do not."""
    model = bundle(
        tmp_path, [[0.0]], [1.0], {"normalization": {"CBCT": LINEAR}},
        task="cbct-to-ct", inputs=["CBCT"], target="CT",
        output={"scale": 50.0, "residual_of": "CBCT"},
    )  # fmt: skip
    j, i = np.mgrid[:60, :64]
    seen = np.broadcast_to(np.hypot(j - 30, i - 32) < 28, (4, 60, 64))
    body = np.where(np.hypot(j - 30, i - 32) < 20, 30.0, -990.0)
    noise = np.random.default_rng(0).normal(0, 12, seen.shape)
    voxels = np.where(seen, body + noise, -1000.0).astype(np.float32)
    given = Image(voxels, make_affine((1.0, 1.0, 2.0)), "CBCT", "HU")
    made = synthesize("cbct-to-ct", {"CBCT": given}, model=model).image
    np.testing.assert_array_equal(made.voxels[~seen], voxels[~seen])
    np.testing.assert_allclose(made.voxels[seen], voxels[seen] + 50, atol=1e-3)
    request = SynthesisRequest("cbct-to-ct", {"CBCT": given}, model=model)
    shown = preview(request, (30.0, 30.0, 4.0)).image
    np.testing.assert_array_equal(shown.voxels[0], made.voxels[2])


def test_a_network_of_other_outputs_than_its_card_is_refused(tmp_path: Path) -> None:
    model = bundle(
        tmp_path, [[1.0], [1.0]], [0.0, 0.0], {"normalization": {"T1": LINEAR}},
        output={"scale": 1.0, "channels": ["CT"]},
    )  # fmt: skip
    with pytest.raises(ModelError, match="slice"):
        synthesize("mr-to-ct", {"T1": image(1)}, model=model)


def test_the_brightest_of_a_sequence_is_brought_to_its_place(tmp_path: Path) -> None:
    brightest = {"percentile": 99.5, "value": 2000.0, "above": 98.0}
    made = [
        synthesize(
            "mr-sequence", {"T1": image(4)}, target="T2",
            model=bundle(
                tmp_path / name, [[1, 0], [1, 0]], [0.0, 0.0],
                {"normalization": dict.fromkeys(["T1", "T2"], LINEAR)},
                task="mr-sequence", inputs=["T1", "T2"], target="any", takes="any", unit="1",
                output={"scale": 100.0, "channels": ["T1", "T2"], **block},
            ),
        ).image.voxels
        for name, block in (("plain", {}), ("bright", {"brightest": brightest}))
    ]  # fmt: skip
    plain, bright = made
    assert np.percentile(plain, 99.5) < 1000
    assert np.percentile(bright, 99.5) == pytest.approx(2000.0, rel=0.05)
    dark = plain < np.percentile(plain, 97)
    assert np.array_equal(plain[dark], bright[dark])


def test_the_card_says_for_which_sequence_only_the_surface_is_stretched(tmp_path: Path) -> None:
    made = {}
    for role in ("T2", "FLAIR"):
        brightest = {"value": 2000.0, "outer_mm": {"FLAIR": 2.0}}
        model = bundle(
            tmp_path / role, [[1, 0, 0]] * 3, [0.0] * 3,
            {"normalization": dict.fromkeys(["T1", "T2", "FLAIR"], LINEAR)},
            task="mr-sequence", inputs=["T1", "T2", "FLAIR"], target="any", takes="any", unit="1",
            output={"scale": 100.0, "channels": ["T1", "T2", "FLAIR"], "brightest": brightest},
        )  # fmt: skip
        voxels = np.pad(image(4).voxels, ((0, 0), (6, 6), (6, 6)))
        given = {"T1": Image(voxels, make_affine((1.0, 1.0, 2.0)), "T1")}
        made[role] = synthesize("mr-sequence", given, target=role, model=model).image.voxels
    deep = (slice(None), slice(12, -12), slice(12, -12))
    assert np.percentile(made["T2"][deep], 99) > 1500
    assert np.percentile(made["FLAIR"], 99.9) > 1500 and made["FLAIR"][deep].max() < 1200


def test_an_input_on_another_grid_is_resampled_and_said_so(any_sequence: str) -> None:
    given = {"T1": image(0), "T2": Image(image(1).voxels[:, ::2, ::2],
                                         make_affine((2.0, 2.0, 2.0)), "T2")}  # fmt: skip
    made = synthesize("mr-sequence", given, target="FLAIR", model=any_sequence)
    assert made.image.same_grid(given["T1"])
    assert any("resampled" in warning for warning in made.warnings)
    assert {c.outcome for c in made.checks if c.name == "coverage of T2"} == {"pass"}


def test_beyond_an_input_there_is_air_and_not_its_edge_again(any_sequence: str) -> None:
    """FLAIR covers two of four slices: of the third a rim, of the last one nothing is known."""
    first = image(0)
    short = Image(image(1).voxels[:2] * 0 + np.linspace(500, 501, 24), first.affine, "FLAIR")
    made = synthesize("mr-sequence", {"T1": first, "FLAIR": short}, target="T2", model=any_sequence)
    # what is made of T2, which is absent (-200), is ten times FLAIR more
    np.testing.assert_allclose(made.image.voxels[:3].mean(axis=(1, 2)), 4805, rtol=1e-3)
    assert made.image.voxels[3].max() <= 0
    assert any("covers 50%" in warning for warning in made.warnings)
