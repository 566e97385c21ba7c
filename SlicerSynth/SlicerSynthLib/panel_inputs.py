"""Task, volumes by role, target and mask: what is to be made, and from what."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from SlicerSynthLib.orders import Order
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.panel_masks import MaskChooser
from SlicerSynthLib.parameters import (
    PANEL_ROLES,
    forget_choice,
    is_chosen,
    set_volume,
    volume_of,
)
from SlicerSynthLib.suggestions import (
    Suggested,
    inputs_for,
    suggest,
    suggest_target,
    suggest_task,
    targets,
)
from SlicerSynthLib.widgets import choose_node, chosen_in, fill_combo, show_line
from SynthCore.request import Options
from SynthCore.tasks import TASKS, Task

LABEL_WIDTH = 74
"""Of every row of the panel, as in its .ui file."""
FEW = 2
"""More reasons than these are told in one line."""


class InputsSection:
    """Follows the scene until the person chooses; then keeps what was chosen."""

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self._ui = context.ui
        self._suggested: dict[str, Suggested] = {}
        self._had: set[str] = set()
        self._rows = {role: self._make_row(role) for role in PANEL_ROLES}
        self._mask = MaskChooser(
            context, self._ui.maskSelector, self._ui.segmentCombo, "mask", "segment"
        )
        self._ui.taskCombo.activated.connect(self._task_chosen)
        self._ui.targetCombo.activated.connect(self._target_chosen)

    @property
    def task(self) -> Task:
        """The task that is chosen, or suggested."""
        name = self._context.parameters.task or suggest_task(self._suggested)
        return TASKS.get(name) or next(iter(TASKS.values()))

    @property
    def given(self) -> dict[str, Any]:
        """The volumes of the task's roles that are chosen."""
        volumes = {role: volume_of(self._context.parameters, role) for role in self.task.inputs}
        return {role: node for role, node in volumes.items() if node is not None}

    @property
    def target(self) -> str:
        """The role that is to be made, empty while it is not clear."""
        chosen, given = self._context.parameters.target, self.given
        if chosen in targets(self.task, given):
            return str(chosen)
        return suggest_target(self.task, given)

    def order(self, model: str, device: str, uncertainty: bool = False) -> Order:
        """What the person asks for, as the panel stands."""
        return Order(
            self.task.name,
            inputs_for(self.task, self.target, self.given),
            self.target or None,
            model or None,
            self._mask.node if self.task.needs_mask else None,
            self._mask.segment,
            Options(device=device or "auto", uncertainty=uncertainty),
        )

    def scene_changed(self) -> None:
        """Look again at what the scene holds."""
        self._suggested = suggest(self._context.scene)
        parameters = self._context.parameters
        for role in PANEL_ROLES:
            if role in self._had and volume_of(parameters, role) is None:
                forget_choice(parameters, role)  # what was chosen was removed
            if not is_chosen(parameters, role):
                found = self._suggested.get(role)
                set_volume(parameters, role, found.node if found else None, by_person=False)
        if self.task.needs_mask:
            self._mask.suggest()
        self.refresh()

    def refresh(self) -> None:
        """Show what the parameters say."""
        task, target = self.task, self.target
        fill_combo(self._ui.taskCombo, self._task_entries(), task.name)
        self._had = {r for r in PANEL_ROLES if volume_of(self._context.parameters, r) is not None}
        shown = set(inputs_for(task, target, dict.fromkeys(task.inputs, True)))
        for role, (row, selector) in self._rows.items():
            choose_node(selector, volume_of(self._context.parameters, role))
            row.setVisible(role in shown)
            selector.setToolTip(self._reason(role) or _("The volume to use as {0}.").format(role))
        possible = targets(task, self.given)
        fill_combo(self._ui.targetCombo, [(role, role) for role in possible], target)
        self._ui.targetRow.setVisible(len(possible) > 1)
        self._ui.maskRow.setVisible(task.needs_mask)
        self._mask.refresh(task.needs_mask)
        show_line(self._ui.reasonLabel, self._reasons(list(inputs_for(task, target, self.given))))

    def tick(self) -> None:
        """Follow changes that no node tells of."""
        self._mask.tick()

    def _task_entries(self) -> list[tuple[str, str]]:
        return [(_(task.title), task.name) for task in TASKS.values()]

    def _reason(self, role: str) -> str:
        """Why a volume was put there, empty where the person chose it."""
        found = self._suggested.get(role)
        if found is None or is_chosen(self._context.parameters, role):
            return ""
        sure = "" if found.certain else _(" Please check.")
        return _("{0} suggested: {1}.{2}").format(role, found.reason, sure)

    def _reasons(self, roles: list[str]) -> str:
        """Why the volumes are where they are: a line for each, or one for many."""
        told = [role for role in roles if self._reason(role)]
        if len(told) <= FEW:
            return "\n".join(self._reason(role) for role in told)
        sure = all(self._suggested[role].certain for role in told)
        return _("{0} were suggested, for the reasons in their tooltips.{1}").format(
            ", ".join(told), "" if sure else _(" Please check.")
        )

    def _make_row(self, role: str) -> tuple[Any, Any]:
        row = qt.QWidget()
        layout = qt.QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        label = qt.QLabel(f"{role}:")
        label.setMinimumSize(LABEL_WIDTH, 0)
        selector = slicer.qMRMLNodeComboBox()
        selector.setObjectName(f"volume{role}Selector")
        selector.setProperty("nodeTypes", ["vtkMRMLScalarVolumeNode"])
        for name in ("showChildNodeTypes", "addEnabled", "removeEnabled"):
            selector.setProperty(name, False)
        for name in ("renameEnabled", "noneEnabled"):
            selector.setProperty(name, True)
        selector.setMRMLScene(slicer.mrmlScene)
        layout.addWidget(label)
        layout.addWidget(selector, 1)
        self._ui.rolesFrame.layout().addWidget(row)

        def chosen(*_args: Any) -> None:
            set_volume(self._context.parameters, role, selector.currentNode(), by_person=True)
            self._context.changed.emit()

        selector.nodeActivated.connect(chosen)
        return row, selector

    def _task_chosen(self, *_args: Any) -> None:
        self._context.parameters.task = chosen_in(self._ui.taskCombo)
        if self.task.needs_mask:
            self._mask.suggest()
        self._context.changed.emit()

    def _target_chosen(self, *_args: Any) -> None:
        self._context.parameters.target = chosen_in(self._ui.targetCombo)
        self._context.changed.emit()
