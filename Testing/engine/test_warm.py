"""A warm engine gives a cold one's voxels, keeps little, and notices what changed."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SynthCore.engine import openvino_backend
from SynthCore.engine import warm as warm_module
from SynthCore.engine.synthesize import synthesize
from SynthCore.engine.warm import MOST_BACKENDS, Recent, Warm
from SynthCore.errors import ModelError
from SynthCore.image import Image, make_affine
from SynthCore.models import input_statistics
from SynthCore.request import Options, SynthesisRequest
from Testing.cli.studies import limb

Make = Callable[..., Path]
AFFINE = make_affine((1.0, 1.0, 3.0))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How often networks were loaded and compiled, and bodies found."""
    counts = {"loaded": 0, "compiled": 0}
    load, compile_ = warm_module.load_network, openvino_backend.to_openvino

    def loading(*args: object) -> object:
        counts["loaded"] += 1
        return load(*args)  # type: ignore[arg-type]

    def compiling(*args: object) -> object:
        counts["compiled"] += 1
        return compile_(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(warm_module, "load_network", loading)
    monkeypatch.setattr(openvino_backend, "to_openvino", compiling)
    return counts


def an_image(seed: int = 0, shape: tuple[int, int, int] = (6, 50, 60)) -> Image:
    return Image(limb(shape, seed).astype(np.float32), AFFINE, "T1")


def test_a_second_run_loads_and_compiles_nothing_and_gives_cold_voxels(
    an_identity_bundle: Make, made: dict[str, int]
) -> None:
    model, warm = str(an_identity_bundle(tile=48)), Warm()
    requests = [
        SynthesisRequest("mr-to-ct", {"T1": an_image(seed)}, model=model) for seed in (0, 1, 0)
    ]
    found = [synthesize(request, warm=warm) for request in requests]
    assert made == {"loaded": 1, "compiled": 1}
    cold = [synthesize(request) for request in requests]
    assert made == {"loaded": 4, "compiled": 4}
    for one, other in zip(found, cold, strict=True):
        assert np.array_equal(one.image.voxels, other.image.voxels)
        assert one.record.output == other.record.output
        assert one.checks == other.checks


def test_altered_weights_are_noticed_by_a_warm_engine(an_identity_bundle: Make) -> None:
    folder, warm = an_identity_bundle(), Warm()
    request = SynthesisRequest("mr-to-ct", {"T1": an_image()}, model=str(folder))
    synthesize(request, warm=warm)
    weights = folder / "models" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\x80\x7f")
    with pytest.raises(ModelError, match="SHA-256"):
        synthesize(request, warm=warm)


def test_another_card_of_the_same_name_is_another_model(an_identity_bundle: Make) -> None:
    folder, warm = an_identity_bundle(), Warm()
    request = SynthesisRequest("mr-to-ct", {"T1": an_image()}, model=str(folder))
    before = synthesize(request, warm=warm).image
    card = folder / "configs" / "metadata.json"
    card.write_text(card.read_text().replace('"scale": 1000.0', '"scale": 500.0'))
    after = synthesize(request, warm=warm).image
    assert np.allclose(after.voxels, before.voxels / 2, atol=1e-3)


def test_another_place_or_role_of_the_same_voxels_is_another_input(
    an_identity_bundle: Make,
) -> None:
    model, warm = str(an_identity_bundle(spacing_mm=[1.0, 1.0, None])), Warm()
    for spacing in (1.0, 2.0):
        image = replace(an_image(), affine=make_affine((spacing, spacing, 3.0)))
        request = SynthesisRequest("mr-to-ct", {"T1": image}, model=model)
        assert np.array_equal(
            synthesize(request, warm=warm).image.voxels, synthesize(request).image.voxels
        )


def test_threads_and_tiles_have_backends_of_their_own(
    an_identity_bundle: Make, made: dict[str, int]
) -> None:
    model, warm = str(an_identity_bundle()), Warm()
    options = [Options(threads=1), Options(threads=2), Options(tile=32), Options(threads=1)]
    for option in options:
        synthesize("mr-to-ct", {"T1": an_image()}, model=model, options=option, warm=warm)
    assert made == {"loaded": 1, "compiled": 3}


def test_torch_and_openvino_take_turns_on_one_network(an_identity_bundle: Make) -> None:
    model, warm = str(an_identity_bundle()), Warm()
    image = an_image()
    voxels = [
        synthesize(
            "mr-to-ct", {"T1": image}, model=model, options=Options(backend=backend), warm=warm
        ).image.voxels
        for backend in ("torch", "openvino", "torch", "openvino")
    ]
    assert np.array_equal(voxels[0], voxels[2])
    assert np.array_equal(voxels[1], voxels[3])


def test_little_is_kept_and_what_goes_is_freed(
    an_identity_bundle: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive: list[weakref.ref[object]] = []

    class Watched(openvino_backend.OpenVinoBackend):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)  # type: ignore[arg-type]
            alive.append(weakref.ref(self))

    monkeypatch.setattr(openvino_backend, "OpenVinoBackend", Watched)
    model, warm = str(an_identity_bundle()), Warm()
    for tile in (16, 32, 48, 64, 80):
        options = Options(tile=tile)
        synthesize("mr-to-ct", {"T1": an_image()}, model=model, options=options, warm=warm)
    gc.collect()
    assert len(alive) >= MOST_BACKENDS
    assert sum(one() is not None for one in alive) <= MOST_BACKENDS
    warm.clear()
    gc.collect()
    assert all(one() is None for one in alive)


def test_figures_of_the_last_inputs_are_not_computed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The learned model refuses this limb by its figures; the second time they are known."""
    computed: list[tuple[str, ...]] = []
    real = input_statistics.features

    def features(image: Image, kinds: tuple[str, ...]) -> dict[str, float]:
        computed.append(tuple(kinds))
        return real(image, kinds)

    monkeypatch.setattr("SynthCore.engine.select.features", features)
    warm = Warm()
    image = an_image(shape=(12, 90, 110))
    first = synthesize("mr-to-ct", {"T1": image}, warm=warm)
    second = synthesize("mr-to-ct", {"T1": image.with_voxels(image.voxels.copy())}, warm=warm)
    assert computed == [("mr",)]
    assert first.warnings == second.warnings
    synthesize("mr-to-ct", {"T1": an_image(1, (12, 90, 110))}, warm=warm)
    assert computed == [("mr",), ("mr",)]


def test_the_least_recently_used_goes_first() -> None:
    recent: Recent[str, str] = Recent(2)
    made: list[str] = []

    def get(key: str) -> str:
        return recent.get(key, lambda: made.append(key) or key)  # type: ignore[func-returns-value]

    for key in "abaca":
        assert get(key) == key
    assert made == ["a", "b", "c"]
    get("b")
    assert made == ["a", "b", "c", "b"]
    assert len(recent) == 2


def test_what_cannot_be_made_is_not_kept() -> None:
    recent: Recent[str, int] = Recent(2)
    with pytest.raises(ZeroDivisionError):
        recent.get("a", lambda: 1 // 0)
    assert recent.get("a", lambda: 5) == 5
