"""What a plan check is given: volumes, structures, doses, a plan, a curve, thresholds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from SlicerSynthLib.attributes import TARGET, sources_of
from SlicerSynthLib.ct_identity import patient_of
from SlicerSynthLib.doses import DOSE, open_dose
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.plan_order import PlanOrder
from SlicerSynthLib.plan_structures import structures_in
from SlicerSynthLib.results import PREVIEW_ATTRIBUTE
from SlicerSynthLib.signals import Signal
from SlicerSynthLib.widgets import choose_node, chosen_in, fill_combo
from SynthCore.errors import SynthCoreError
from SynthCore.tasks import CT_ROLES

NODES = {
    "checkSynthetic": "checkSyntheticSelector",
    "checkReference": "checkReferenceSelector",
    "checkMr": "checkMrSelector",
    "checkStructures": "checkStructuresSelector",
    "doseReference": "doseReferenceSelector",
    "doseSynthetic": "doseSyntheticSelector",
}
PATHS = {
    "checkPlan": "checkPlanPath",
    "checkCurve": "checkCurvePath",
    "checkThresholds": "checkThresholdsPath",
}
LINES = {"checkBeams": "checkBeamsLine", "checkPrescription": "checkPrescriptionLine"}
"""Parameter to widget."""
CHOICES = {
    "checkRegister": (("as it lies", ""), ("register rigidly", "rigid"),
                      ("register and deform", "deformable")),
    "checkCurveKind": (("relative stopping power", "spr"), ("relative electron density", "red")),
    "checkDose": (("no dose", ""), ("photons", "photons"), ("protons", "protons"),
                  ("photons and protons", "photons protons")),
}  # fmt: skip
"""Words and values of combo boxes."""


class CheckInputs:
    """Keeps what is chosen in the parameters; the last synthetic CT and its MR come by themselves.

    Attributes
    ----------
    changed : Signal
        Emitted after something else is to be checked.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context, self._ui = context, context.ui
        self._structures: list[tuple[str, str]] = []
        self.changed = Signal()
        for name, widget in NODES.items():
            selector = getattr(self._ui, widget)
            if name.startswith("dose"):
                selector.addAttribute("vtkMRMLScalarVolumeNode", DOSE, "1")
            selector.setMRMLScene(slicer.mrmlScene)
            selector.nodeActivated.connect(self._keeper(name, selector.currentNode))
        for name, widget in PATHS.items():
            path = getattr(self._ui, widget)
            path.currentPathChanged.connect(self._keeper(name, self._reader(path, "currentPath")))
        for name, widget in LINES.items():
            line = getattr(self._ui, widget)
            line.textEdited.connect(self._keeper(name, self._reader(line, "text")))
        for name in ("checkTarget", *CHOICES):
            combo = getattr(self._ui, f"{name}Combo")
            combo.activated.connect(self._keeper(name, self._choice(combo)))
        for name in ("doseReference", "doseSynthetic"):
            getattr(self._ui, f"{name}Button").clicked.connect(self._opener(name))

    @property
    def order(self) -> PlanOrder:
        """What would be asked for now."""
        p = self._context.parameters
        return PlanOrder(
            p.checkSynthetic, p.checkReference, p.checkMr, p.checkStructures, p.checkTarget,
            p.doseReference, p.doseSynthetic, p.checkPlan, p.checkBeams, p.checkPrescription,
            p.checkCurve, p.checkCurveKind, p.checkThresholds, p.checkRegister, p.checkDose,
        )  # fmt: skip

    def follow(self, node: Any) -> None:
        """Check this synthetic CT from now on, with the MR it was made from."""
        parameters = self._context.parameters
        if node is not None and node.GetAttribute(TARGET) == "CT":
            parameters.checkSynthetic = node
            parameters.checkMr = mr_of(node)
            self.changed.emit()

    def scene_changed(self) -> None:
        """Choose the last synthetic CT of the scene where none is chosen."""
        if self._context.parameters.checkSynthetic is None:
            self.follow(last_synthetic_ct(self._context.scene))

    def refresh(self) -> None:
        """Show what the parameters say."""
        parameters = self._context.parameters
        for name, widget in NODES.items():
            choose_node(getattr(self._ui, widget), getattr(parameters, name))
        for names, prop in ((PATHS, "currentPath"), (LINES, "text")):
            for name, widget in names.items():
                _show(getattr(self._ui, widget), prop, getattr(parameters, name))
        self._structures = structures_in(parameters.checkStructures)
        named = _("target: by its name")
        entries = [(named, ""), *((_("target: {0}").format(n), i) for n, i in self._structures)]
        fill_combo(self._ui.checkTargetCombo, entries, parameters.checkTarget)
        self._ui.checkTargetCombo.setVisible(bool(self._structures))
        for name, choices in CHOICES.items():
            entries = [(_(words), value) for words, value in choices]
            fill_combo(getattr(self._ui, f"{name}Combo"), entries, getattr(parameters, name))

    def tick(self) -> None:
        """Show structures that were added, renamed or removed meanwhile."""
        if structures_in(self._context.parameters.checkStructures) != self._structures:
            self.refresh()

    def _keeper(self, name: str, read: Callable[[], Any]) -> Callable[..., None]:
        def keep(*_args: Any) -> None:
            value = read()
            setattr(self._context.parameters, name, value)
            if name == "checkSynthetic" and value is not None and mr_of(value) is not None:
                self._context.parameters.checkMr = mr_of(value)
            if name == "checkStructures":
                self._context.parameters.checkTarget = ""
            self.changed.emit()
            self.refresh()

        return keep

    @staticmethod
    def _reader(widget: Any, name: str) -> Callable[[], str]:
        return lambda: str(widget.property(name) or "")

    @staticmethod
    def _choice(combo: Any) -> Callable[[], str]:
        return lambda: chosen_in(combo)

    def _opener(self, name: str) -> Callable[..., None]:
        def ask(*_args: Any) -> None:
            title = _("Open an RTDOSE")
            path = qt.QFileDialog.getOpenFileName(
                slicer.util.mainWindow(), title, "", _("RTDOSE (*.dcm *)")
            )
            if not path:
                return
            self._context.messages.clear()
            try:
                patient = patient_of(self._context.parameters.checkSynthetic)
                node = open_dose(self._context.scene, Path(path), patient)
            except SynthCoreError as error:
                self._context.messages.show(str(error))
                return
            setattr(self._context.parameters, name, node)
            self.changed.emit()
            self.refresh()

        return ask


def last_synthetic_ct(scene: Any) -> Any:
    """The CT that was made last, None where there is none."""
    count = scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode")
    for number in reversed(range(count)):
        node = scene.GetNthNodeByClass(number, "vtkMRMLScalarVolumeNode")
        if node.GetAttribute(TARGET) == "CT" and not node.GetAttribute(PREVIEW_ATTRIBUTE):
            return node
    return None


def mr_of(node: Any) -> Any:
    """The MR that a CT was made from, None where it was none or is gone."""
    sources = sources_of(node)
    return next((one for role, one in sources.items() if role not in CT_ROLES), None)


def _show(widget: Any, name: str, text: str) -> None:
    """Give a line a text, if it has another: a cursor in it stays."""
    if str(widget.property(name) or "") != text:
        was = widget.blockSignals(True)
        widget.setProperty(name, text)
        widget.blockSignals(was)
