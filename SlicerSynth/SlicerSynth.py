"""Synthesize medical images in 3D Slicer, and know what you are looking at."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)

from SlicerSynthLib.application_marks import mark_from_start
from SlicerSynthLib.logic import SlicerSynthLogic
from SlicerSynthLib.panel import Panel
from SlicerSynthLib.sample_data import register_sample_data

__all__ = ["SlicerSynth", "SlicerSynthLogic", "SlicerSynthTest", "SlicerSynthWidget"]

TICK_MS = 25
"""How often the panel takes what the engine sent."""


class SlicerSynth(ScriptedLoadableModule):
    """What the module says of itself."""

    def __init__(self, parent: Any) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("Synth")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Image Synthesis")]
        parent.dependencies = []
        parent.contributors = ["SlicerSynth contributors"]
        parent.helpText = _(
            "Makes CT from MR, missing MR sequences, a full-dose look from low-dose CT, healthy "
            "tissue under a mask, and thin slices from thick ones. Every result lies where its "
            "input does, says that it is synthetic wherever it goes, and carries a record of how "
            "it was made. "
            "Research software. Not cleared for clinical use."
        )
        parent.acknowledgementText = _("Models and the data they were made from: see their cards.")
        register_sample_data()
        mark_from_start()


class SlicerSynthWidget(ScriptedLoadableModuleWidget):
    """The panel, as Slicer opens and closes it."""

    def __init__(self, parent: Any = None) -> None:
        self.panel: Panel | None = None
        self.timer: Any = None
        ScriptedLoadableModuleWidget.__init__(self, parent)

    def setup(self) -> None:
        """Make the widgets, once."""
        ScriptedLoadableModuleWidget.setup(self)
        widget = slicer.util.loadUI(self.resourcePath("UI/SlicerSynth.ui"))
        self.layout.addWidget(widget)
        widget.setMRMLScene(slicer.mrmlScene)
        self.panel = Panel(slicer.util.childWidgetVariables(widget))
        self.timer = qt.QTimer()
        self.timer.setInterval(TICK_MS)
        self.timer.timeout.connect(self.panel.tick)
        self.timer.start()

    def enter(self) -> None:
        """The person opened the panel."""
        if self.panel is not None:
            self.panel.enter()

    def cleanup(self) -> None:
        """The module goes, or is loaded again."""
        if self.timer is not None:
            self.timer.stop()
        if self.panel is not None:
            self.panel.close()
        self.panel = None


class SlicerSynthTest(ScriptedLoadableModuleTest):
    """The self-test of a developer's Slicer: the same tests as CTest runs."""

    def runTest(self) -> None:
        """Run every test of `SlicerSynthLib.self_test`."""
        import unittest

        from SlicerSynthLib import self_test

        suite = unittest.defaultTestLoader.loadTestsFromModule(self_test)
        outcome = unittest.TextTestRunner().run(suite)
        self.assertTrue(outcome.wasSuccessful())
