"""The module's logic on a real scene with a real engine, polled as a timer would."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from SynthCore.image import Affine, Image, make_affine

__all__ = ["a_logic"]

PATIENCE = 120.0


@dataclass
class Driven:
    """A logic with what it told, and the loop that drives it."""

    logic: Any
    scene: Any
    ended: list[Any] = field(default_factory=list)
    changes: list[tuple[str, float]] = field(default_factory=list)

    def until(self, reached: Callable[[], bool]) -> None:
        """Poll until something holds."""
        deadline = time.monotonic() + PATIENCE
        while not reached():
            assert time.monotonic() < deadline, "nothing happened"
            self.logic.poll()
            time.sleep(0.005)

    def finish(self, job: Any) -> Any:
        """Poll until a job has ended."""
        self.until(lambda: job.ended)
        return job

    def ask(self, question: Callable[..., Any], *arguments: Any) -> Any:
        """The answer to a question."""
        answers: list[Any] = []
        question(*arguments, answers.append)
        self.until(lambda: bool(answers))
        return answers[0]


@pytest.fixture
def a_logic(a_scene: Any) -> Iterator[Driven]:
    """A logic that starts an engine of its own."""
    from SlicerSynthLib.client import WorkerClient
    from SlicerSynthLib.logic import SlicerSynthLogic

    command = [sys.executable, "-P", "-m", "SynthCore.cli.main", "worker"]
    logic = SlicerSynthLogic(WorkerClient(lambda: command), a_scene)
    driven = Driven(logic, a_scene)
    logic.ended.connect(driven.ended.append)
    logic.changed.connect(lambda job: driven.changes.append((job.state, job.fraction)))
    yield driven
    logic.close()


def a_t1(
    scene: Any, name: str = "T1 axial", affine: Affine | None = None, shape: Any = (5, 48, 40)
) -> Any:
    """A round body on air, as a volume node."""
    from SlicerSynthLib.nodes import node_from_image

    k, j, i = np.indices(shape, dtype=float)
    inside = ((j - shape[1] / 2) / shape[1]) ** 2 + ((i - shape[2] / 2) / shape[2]) ** 2 < 0.16
    rng = np.random.default_rng(7)
    voxels = (inside * (300 + 40 * np.sin(i / 3) + 5 * k) + rng.normal(8, 2, shape)).astype("i2")
    place = make_affine((4.0, 4.0, 5.0), (-80.0, -96.0, 10.0)) if affine is None else affine
    return node_from_image(scene, Image(voxels, place), name)


def a_label_map(scene: Any, like: Any) -> Any:
    """A box in the middle of a volume, as a label map."""
    import slicer

    voxels = np.zeros(slicer.util.arrayFromVolume(like).shape, np.uint8)
    voxels[1:4, 20:28, 16:24] = 1
    node = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "hole")
    slicer.util.updateVolumeFromArray(node, voxels)
    node.CopyOrientation(like)
    return node
