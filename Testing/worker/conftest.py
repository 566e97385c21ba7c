"""Workers and what they are asked to work on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from SynthCore.image import Image, make_affine
from SynthCore.models.networks import SliceUNet
from Testing.cli.studies import limb
from Testing.engine.conftest import write_bundle
from Testing.worker.process import Worker, a_worker


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """One worker for the tests of a file: it stays warm."""
    with a_worker() as made:
        yield made


@pytest.fixture(scope="session")
def a_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a small U-Net of random weights that takes any T1."""
    torch.manual_seed(0)
    arguments = {"in_channels": 5, "widths": [4, 8], "norm": False}
    definition = {"_target_": "SynthCore.models.networks.SliceUNet", **arguments}
    prepare = {"slices": 5, "normalization": {"T1": {"kind": "percentile", "percentile": 99.0}}}
    folder = tmp_path_factory.mktemp("models") / "random-unet"
    network = SliceUNet(**arguments)  # type: ignore[arg-type]
    return str(write_bundle(folder, network, definition, prepare=prepare, output={"scale": 500.0}))


@pytest.fixture(scope="session")
def a_t1() -> Callable[..., Image]:
    """Makes limbs [k, j, i], oblique unless told otherwise."""

    def make(shape: tuple[int, int, int] = (12, 60, 70), seed: int = 0) -> Image:
        turn = np.deg2rad(20)
        direction = np.array(
            [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
        )
        affine = make_affine((1.0, 1.0, 3.0), (-20, -24, 7), direction)
        return Image(limb(shape, seed).astype(np.float32), affine, "T1")

    return make


@pytest.fixture
def a_folder_of_models(tmp_path: Path) -> Path:
    """Holds one folder that is no usable model."""
    broken = tmp_path / "broken" / "configs"
    broken.mkdir(parents=True)
    (broken / "metadata.json").write_text("{}")
    return tmp_path
