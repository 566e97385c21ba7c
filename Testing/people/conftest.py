"""A label map as a file, and heads made ready, once for all tests of the room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from SynthCore.people.heads import Head
from SynthCore.people.make import one_thread
from Testing.people.label_maps import head, with_neck, write_map
from Testing.physics.generator.head_map import small_head


@pytest.fixture(autouse=True)
def as_in_the_command() -> Iterator[None]:
    """Voxels of a person are made on one thread."""
    with one_thread():
        yield


@pytest.fixture(scope="session")
def spheres() -> Head:
    return head()


@pytest.fixture(scope="session")
def necked() -> Head:
    return head(with_neck())


@pytest.fixture(scope="session")
def label_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_map(tmp_path_factory.mktemp("maps") / "spheres.nii.gz", small_head())
