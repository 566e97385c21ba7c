"""Images with or without a lesion, as nodes in the scene: all that belongs together, or nothing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from SlicerSynthLib.attributes import mark, mark_derived, synthetic_name
from SlicerSynthLib.display import DIFFERENCE, apply_display
from SlicerSynthLib.hierarchy import make_study_beside, place_beside, place_in
from SlicerSynthLib.lesion_answer import PARTS, LesionState, masks_of, not_whole, states_in
from SlicerSynthLib.lesion_marks import LesionMark, Study, mark_lesion, mark_outlines
from SlicerSynthLib.lesion_segments import segmentation_node
from SlicerSynthLib.nodes import node_from_image, remove_volume
from SlicerSynthLib.results import is_in
from SynthCore.image import Image
from SynthCore.protocol import MASK, Message

ANOMALY = "anomaly "
BEST_SEEN = ("FLAIR", "T1c", "T2")
"""What most lesions are seen in; the first that is there is shown."""


def deliver_lesion(
    scene: Any, message: Message, sources: Mapping[str, Any], names: Mapping[str, str]
) -> Any:
    """Add the volumes of a ``lesion`` or ``remove`` result, marked.

    Each stands beside its source in the subject hierarchy; of a lesion that grows, those of a
    date are in a study of their own.

    Parameters
    ----------
    scene : vtkMRMLScene
        Where the sources are, or were.
    message : Message
        The ``result``.
    sources : mapping of str to vtkMRMLNode
        By role; those that are no longer in the scene are left out of the references.
    names : mapping of str to str
        Names of the sources when they were sent.

    Returns
    -------
    vtkMRMLScalarVolumeNode
        The image to look at first; of the last date.

    Raises
    ------
    ComputationError
        If the message is not a whole result. The scene is unchanged.
    """
    states = states_in(message)
    group = secrets.token_hex(8)
    present = {role: node for role, node in sources.items() if is_in(scene, node)}
    into = _Delivery(scene, present, names)
    made: dict[str, Any] = {}
    try:
        for number, state in enumerate(states):
            lesion = None
            if "study" in state.body:
                study = Study.from_json(state.body["study"])
                lesion = LesionMark(group, number, state.date, study)
            made = into.add_state(state, lesion)
    except Exception as error:
        into.undo()
        if isinstance(error, ValueError | TypeError):
            raise not_whole() from error
        raise
    return next((made[role] for role in BEST_SEEN if role in made), next(iter(made.values())))


class _Delivery:
    """Adds nodes, and takes them away again if not all of them could be added."""

    def __init__(self, scene: Any, present: Mapping[str, Any], names: Mapping[str, str]) -> None:
        self._scene, self._present, self._names = scene, present, names
        self._added: list[Any] = []
        self._studies: list[tuple[Any, int]] = []

    def add_state(self, state: LesionState, lesion: LesionMark | None) -> dict[str, Any]:
        """Images by role."""
        words, volumes = (
            "with lesion" if PARTS in state.volumes else "without lesion",
            state.volumes,
        )
        words, item = f"{words} {state.date}".strip(), self._study_of(state)
        made: dict[str, Any] = {}
        for role, record in state.records.items():
            node = made[role] = self._add(volumes[role], f"{role} {words}", role)
            used = {r: n for r, n in self._present.items() if r in record.inputs}
            card = (state.body.get("cards") or {}).get(role) or state.body.get("card") or {}
            mark(node, record=record.to_json(), card=card, sources=used)
            apply_display(node, role, like=self._present.get(role))
            self._put(node, self._present.get(role), item)
            if ANOMALY + role in volumes:
                anomaly = self._add(volumes[ANOMALY + role], f"{role} anomaly", role)
                mark_derived(anomaly, node)
                apply_display(anomaly, DIFFERENCE)
                self._put(anomaly, node, item)
            if lesion is not None:
                mark_lesion(node, lesion)
        if PARTS in volumes:
            role, first = next(iter(made.items()))
            name = self._new_name(f"lesion {state.date}".strip(), role)
            masks = masks_of(state)
            outlines = segmentation_node(self._scene, name, masks, volumes[MASK].affine)
            self._added.append(outlines)
            mark_derived(outlines, first)
            self._put(outlines, first, item)
            if lesion is not None:
                mark_lesion(outlines, lesion)
                values = {str(n): str(v) for v, n in state.body["part_names"].items()}
                mark_outlines(outlines, state.body, values)
        return made

    def undo(self) -> None:
        """Leave the scene as it was."""
        for one in self._added:
            remove_volume(self._scene, one)
        for hierarchy, item in self._studies:
            hierarchy.RemoveItem(item)

    def _study_of(self, state: LesionState) -> int | None:
        if not state.date:
            return None
        source = next(iter(self._present.values()), None)
        made = make_study_beside(self._scene, source, synthetic_study(state.date))
        self._studies.append(made)
        return made[1]

    def _put(self, node: Any, beside: Any, item: int | None) -> None:
        if item is not None:
            place_in(self._scene, node, item)
        elif beside is not None:
            place_beside(self._scene, node, beside)

    def _add(self, image: Image, what: str, role: str) -> Any:
        name = self._new_name(what, role)
        self._added.append(node_from_image(self._scene, image, name, take_over=True))
        return self._added[-1]

    def _new_name(self, what: str, role: str) -> str:
        title = synthetic_name(what, self._names.get(role, "a volume"))
        return str(self._scene.GenerateUniqueName(title))


def synthetic_study(date: str) -> str:
    """What the study of a date is called."""
    return f"SYNTHETIC study {date}"
