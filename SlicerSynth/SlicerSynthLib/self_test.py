"""The module's self-test, in Slicer as CTest runs it and in the window of its own.

It needs no data and no network; what needs the engine is skipped where none is installed.
"""

from __future__ import annotations

import time
import unittest
from typing import Any

import numpy as np
import slicer

from SlicerSynthLib.attributes import is_synthetic, record_of, sources_of
from SlicerSynthLib.export import take
from SlicerSynthLib.logic import SlicerSynthLogic
from SlicerSynthLib.nodes import grid_of, image_from_node, node_from_image
from SlicerSynthLib.orders import Order
from SlicerSynthLib.suggestions import suggest
from SynthCore.errors import InputError
from SynthCore.image import Image, make_affine
from SynthCore.protocol import Message

ENGINE_SECONDS = 120.0


def a_t1() -> Any:
    """A round body on air."""
    k, j, i = np.indices((5, 48, 40))
    voxels = 10 + 300 * (((j - 24) ** 2 + (i - 20) ** 2) < 300) + k
    affine = make_affine((4.0, 4.0, 5.0), (-80.0, -96.0, 10.0))
    return node_from_image(slicer.mrmlScene, Image(voxels.astype("i2"), affine), "T1 axial")


class SelfTest(unittest.TestCase):
    """One scene after another, each from nothing."""

    def setUp(self) -> None:
        """Begin with an empty scene."""
        slicer.mrmlScene.Clear(0)

    def test_there_and_back(self) -> None:
        """A volume comes back with the same voxels at the same place."""
        source = a_t1()
        image = image_from_node(source, "T1")
        back = node_from_image(slicer.mrmlScene, image, "back")
        np.testing.assert_array_equal(grid_of(back)[0], grid_of(source)[0])
        np.testing.assert_array_equal(grid_of(back)[1], grid_of(source)[1])

    def test_roles(self) -> None:
        """A volume by the name of T1 is suggested as T1."""
        source = a_t1()
        self.assertIs(suggest(slicer.mrmlScene)["T1"].node, source)

    def test_only_synthetic_volumes_are_exported(self) -> None:
        """What was acquired is Slicer's to export."""
        with self.assertRaises(InputError):
            take(a_t1())

    def test_synthesis(self) -> None:
        """The engine makes a CT that says what it is."""
        logic = SlicerSynthLogic()
        try:
            if not self._has_engine(logic):
                self.skipTest("no engine is installed; install it in the panel of the module")
            source = a_t1()
            order = Order("mr-to-ct", {"T1": source}, model="mr-to-ct-bulk-density")
            job = logic.synthesize(order)
            self._until(logic, lambda: job.ended)
            self.assertEqual(job.state, "done", job.message)
            self.assertTrue(is_synthetic(job.node) and record_of(job.node))
            self.assertEqual(sources_of(job.node), {"T1": source})
            self.assertEqual(grid_of(job.node)[0].shape, grid_of(source)[0].shape)
        finally:
            logic.close()

    def _has_engine(self, logic: SlicerSynthLogic) -> bool:
        answers: list[Message] = []
        logic.hello(answers.append)
        self._until(logic, lambda: bool(answers))
        return answers[0].type == "result"

    def _until(self, logic: SlicerSynthLogic, reached: Any) -> None:
        end = time.monotonic() + ENGINE_SECONDS
        while not reached():
            self.assertLess(time.monotonic(), end, "the engine does not answer")
            logic.poll()
            time.sleep(0.01)
