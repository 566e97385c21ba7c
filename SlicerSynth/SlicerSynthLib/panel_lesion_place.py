"""Where a lesion lies: by a rule, in a part of the brain, where one looks, or at a point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
from slicer.i18n import tr as _

from SlicerSynthLib.lesion_kinds import AT_A_POINT, WHERE_YOU_LOOK, LesionKind
from SlicerSynthLib.lesion_order import LesionPlace, first_point
from SlicerSynthLib.looked_at import point_looked_at
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.panel_masks import MaskChooser
from SlicerSynthLib.widgets import choose_node, chosen_in, fill_combo

NO_RULE = (WHERE_YOU_LOOK, AT_A_POINT)


class LesionPlaceInputs:
    """Its rows, and the organ's, kept in the parameters.

    `changed` is called after a person changed something; what a kind allows is told by `show`.
    """

    def __init__(self, context: PanelContext, changed: Callable[[], None]) -> None:
        self._context, self._ui, self._changed = context, context.ui, changed
        self._kind: LesionKind | None = None
        self._organ = MaskChooser(
            context, self._ui.lesionOrganSelector, self._ui.lesionOrganCombo,
            "lesionOrgan", "lesionOrganSegment",
        )  # fmt: skip
        self._ui.lesionPointSelector.setMRMLScene(slicer.mrmlScene)
        self._ui.lesionPointSelector.nodeActivated.connect(
            self._keeper("lesionPoint", self._ui.lesionPointSelector.currentNode)
        )
        for name in ("Place", "Region", "Side"):
            combo = getattr(self._ui, f"lesion{name}Combo")
            combo.activated.connect(self._keeper(f"lesion{name}", _reader(combo)))

    @property
    def place(self) -> LesionPlace:
        """What would be asked for now."""
        parameters, rule, at = self._context.parameters, self._rule, None
        if rule == WHERE_YOU_LOOK:
            at = point_looked_at(self._context.scene)
        elif rule == AT_A_POINT:
            at = first_point(parameters.lesionPoint)
        organ, kind = (self._organ.node, self._organ.segment), self._kind
        if kind is None or rule in NO_RULE:
            return LesionPlace(rule, at, organ=organ[0], segment=organ[1])
        return LesionPlace(
            rule, None, _among(parameters.lesionRegion, kind.regions),
            _among(parameters.lesionSide, kind.sides), rule == kind.sites[0], *organ,
        )  # fmt: skip

    def scene_changed(self) -> None:
        """Choose the only points of the scene, if none are chosen."""
        selector = self._ui.lesionPointSelector
        if self._context.parameters.lesionPoint is None and selector.nodeCount() == 1:
            self._context.parameters.lesionPoint = selector.nodeFromIndex(0)

    def tick(self) -> None:
        """Follow changes that no node tells of."""
        self._organ.tick()

    def show(self, kind: LesionKind | None) -> None:
        """Show what the parameters say of a kind."""
        self._kind = kind
        parameters = self._context.parameters
        self._organ.refresh()
        places = [(_in_words(place), place) for place in self._places]
        fill_combo(self._ui.lesionPlaceCombo, places, self._rule)
        self._ui.lesionPointRow.setVisible(self._rule == AT_A_POINT)
        choose_node(self._ui.lesionPointSelector, parameters.lesionPoint)
        regions = kind.regions if kind else ()
        self._ui.lesionRegionRow.setVisible(bool(regions) and self._rule not in NO_RULE)
        anywhere, either = (_("anywhere"), ""), (_("either side"), "")
        parts = [anywhere, *((_(one), one) for one in regions)]
        fill_combo(self._ui.lesionRegionCombo, parts, parameters.lesionRegion)
        sides = [either, *((_(one), one) for one in (kind.sides if kind else ()))]
        fill_combo(self._ui.lesionSideCombo, sides, parameters.lesionSide)

    @property
    def _places(self) -> tuple[str, ...]:
        return self._kind.places(self._organ.node is not None) if self._kind else ()

    @property
    def _rule(self) -> str:
        """A rule, or one of the two other ways to say where."""
        chosen, places = str(self._context.parameters.lesionPlace), self._places
        return chosen if chosen in places else next(iter(places), "")

    def _keeper(self, name: str, read: Callable[[], Any]) -> Callable[..., None]:
        def keep(*_args: Any) -> None:
            setattr(self._context.parameters, name, read())
            self._changed()

        return keep


def _reader(combo: Any) -> Callable[[], str]:
    return lambda: chosen_in(combo)


def _among(chosen: Any, offered: tuple[str, ...]) -> str:
    return str(chosen) if chosen in offered else ""


def _in_words(place: str) -> str:
    if place == WHERE_YOU_LOOK:
        return str(_("where you look"))
    return str(_("at a point") if place == AT_A_POINT else _(place.replace("-", " ")))
