"""Which lesion, how large, where, and in which images: kept in the parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import qt
from slicer.i18n import tr as _

from SlicerSynthLib.lesion_kinds import LesionKind, kinds_in
from SlicerSynthLib.lesion_order import LesionOrder
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.panel_growth import GrowthInputs
from SlicerSynthLib.panel_lesion_place import LesionPlaceInputs
from SlicerSynthLib.parameters import volume_of
from SlicerSynthLib.widgets import chosen_in, fill_combo, is_checked, number_in, show_number
from SynthCore.tasks import get_task

LESION_ROLES = get_task("inpaint").inputs
"""What a lesion is removed from; those that one is placed in are among them."""
SMALLEST_STEP_ML = 0.01
"""Of the field for the volume."""


class LesionInputs:
    """The first rows of the section; the images are those chosen by role at the top of the panel.

    `changed` is called after a person changed something.
    """

    def __init__(self, context: PanelContext, changed: Callable[[], None]) -> None:
        self._context, self._ui, self._changed = context, context.ui, changed
        self._kinds: dict[str, LesionKind] = {}
        self._place = LesionPlaceInputs(context, changed)
        self._growth = GrowthInputs(context, changed)
        self._boxes = {role: self._make_box(role) for role in LESION_ROLES}
        self._ui.lesionImagesFrame.layout().addStretch(1)
        self._ui.lesionKindCombo.activated.connect(self._kind_chosen)
        self._ui.lesionVolumeSpin.valueChanged.connect(
            self._keeper("lesionVolume", lambda: number_in(self._ui.lesionVolumeSpin))
        )
        self._ui.lesionSeedSpin.valueChanged.connect(
            self._keeper("lesionSeed", lambda: round(number_in(self._ui.lesionSeedSpin)))
        )
        self._ui.lesionBlendCheck.clicked.connect(
            self._keeper("lesionBlend", lambda: is_checked(self._ui.lesionBlendCheck))
        )

    @property
    def kind(self) -> LesionKind | None:
        """The kind that is chosen, or the first; None while the engine has told none."""
        first = next(iter(self._kinds.values()), None)
        return self._kinds.get(self._context.parameters.lesionKind, first)

    @property
    def images(self) -> dict[str, Any]:
        """The volumes that are ticked, by role."""
        without = self._context.parameters.lesionWithout.split()
        return {role: node for role, node in self._given.items() if role not in without}

    @property
    def order(self) -> LesionOrder:
        """What would be asked for now."""
        kind = self.kind
        shown = {role: n for role, n in self.images.items() if kind and role in kind.roles}
        return LesionOrder(
            shown, kind.name if kind else "", self._volume_ml, self._place.place,
            int(self._context.parameters.lesionSeed), self._growth.growth,
            bool(kind and kind.blend and self._context.parameters.lesionBlend),
        )  # fmt: skip

    def engine_answered(self, greeting: Mapping[str, Any]) -> None:
        """Offer the kinds that the engine has."""
        self._kinds = kinds_in(greeting)
        self.refresh()

    def scene_changed(self) -> None:
        """Follow the scene."""
        self._place.scene_changed()

    def tick(self) -> None:
        """Follow changes that no node tells of."""
        self._place.tick()

    def refresh(self) -> None:
        """Show what the parameters say."""
        parameters, kind, given = self._context.parameters, self.kind, self._given
        without = parameters.lesionWithout.split()
        for role, box in self._boxes.items():
            box.setVisible(role in given)
            box.setChecked(role not in without)
            box.setToolTip(given[role].GetName() if role in given else "")
        self._ui.lesionImagesRow.setVisible(bool(given))
        titles = [(_(one.title), one.name) for one in self._kinds.values()]
        fill_combo(self._ui.lesionKindCombo, titles, kind.name if kind else "")
        self._ui.lesionKindCombo.setToolTip(_(kind.title) if kind else "")
        self._place.show(kind)
        low, high = kind.volume_ml if kind else (SMALLEST_STEP_ML, 500.0)
        spin = self._ui.lesionVolumeSpin
        was = spin.blockSignals(True)
        spin.setRange(max(low, SMALLEST_STEP_ML), high)
        spin.blockSignals(was)
        show_number(spin, self._volume_ml)
        self._growth.show(self._volume_ml)
        show_number(self._ui.lesionSeedSpin, parameters.lesionSeed)
        self._ui.lesionBlendCheck.setVisible(bool(kind and kind.blend))
        self._ui.lesionBlendCheck.setChecked(bool(parameters.lesionBlend))

    @property
    def _given(self) -> dict[str, Any]:
        """Volumes at the top of the panel that a lesion can lie in."""
        volumes = {role: volume_of(self._context.parameters, role) for role in LESION_ROLES}
        return {role: node for role, node in volumes.items() if node is not None}

    @property
    def _volume_ml(self) -> float:
        chosen = float(self._context.parameters.lesionVolume)
        return chosen or (self.kind.usual_ml if self.kind else 1.0)

    def _make_box(self, role: str) -> Any:
        box = qt.QCheckBox(role)
        box.setObjectName(f"lesion{role}Box")
        self._ui.lesionImagesFrame.layout().addWidget(box)

        def ticked(*_args: Any) -> None:
            parameters = self._context.parameters
            others = [one for one in parameters.lesionWithout.split() if one != role]
            parameters.lesionWithout = " ".join(others if is_checked(box) else [*others, role])
            self._changed()

        box.clicked.connect(ticked)
        return box

    def _kind_chosen(self, *_args: Any) -> None:
        parameters = self._context.parameters
        parameters.lesionKind = chosen_in(self._ui.lesionKindCombo)
        parameters.lesionVolume = 0.0  # what is usual for it
        self._changed()

    def _keeper(self, name: str, read: Callable[[], Any]) -> Callable[..., None]:
        def keep(*_args: Any) -> None:
            setattr(self._context.parameters, name, read())
            self._changed()

        return keep
