"""Images with or without a lesion, as nodes in the scene: all that belongs together, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SlicerSynthLib.attributes import mark, mark_derived, synthetic_name
from SlicerSynthLib.display import DIFFERENCE, apply_display
from SlicerSynthLib.hierarchy import place_beside
from SlicerSynthLib.lesion_segments import segmentation_node
from SlicerSynthLib.nodes import node_from_image
from SlicerSynthLib.results import is_in
from SynthCore.errors import ComputationError
from SynthCore.image import Array, Image
from SynthCore.protocol import MASK, Message, unpack
from SynthCore.request import SynthesisRecord
from SynthCore.tasks import ROLES

PARTS, ANOMALY = "parts", "anomaly "
BEST_SEEN = ("FLAIR", "T1c", "T2")
"""What most lesions are seen in; the first that is there is shown."""


def deliver_lesion(
    scene: Any, message: Message, sources: Mapping[str, Any], names: Mapping[str, str]
) -> Any:
    """Add the volumes of a ``lesion`` or ``remove`` result, marked, each beside its source.

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
        The image to look at first.

    Raises
    ------
    ComputationError
        If the message is not a whole result. The scene is unchanged.
    """
    records, volumes = _contents(message)
    words = "with lesion" if PARTS in volumes else "without lesion"
    cards = message.body.get("cards") or {}
    present = {role: node for role, node in sources.items() if is_in(scene, node)}
    made: dict[str, Any] = {}
    added: list[Any] = []

    def new_name(what: str, role: str) -> str:
        title = synthetic_name(what, names.get(role, "a volume"))
        return str(scene.GenerateUniqueName(title))

    def add(image: Image, what: str, role: str) -> Any:
        added.append(node_from_image(scene, image, new_name(what, role), take_over=True))
        return added[-1]

    try:
        for role, record in records.items():
            node = made[role] = add(volumes[role], f"{role} {words}", role)
            card = cards.get(role) or message.body.get("card") or {}
            used = {r: n for r, n in present.items() if r in record.inputs}
            mark(node, record=record.to_json(), card=card, sources=used)
            apply_display(node, role, like=present.get(role))
            if role in present:
                place_beside(scene, node, present[role])
            if ANOMALY + role in volumes:
                anomaly = add(volumes[ANOMALY + role], f"{role} anomaly", role)
                mark_derived(anomaly, node)
                apply_display(anomaly, DIFFERENCE)
                place_beside(scene, anomaly, node)
        role, first = next(iter(made.items()))
        if PARTS in volumes:
            name, masks = new_name("lesion", role), _masks(message, volumes)
            added.append(segmentation_node(scene, name, masks, volumes[MASK].affine))
            mark_derived(added[-1], first)
            place_beside(scene, added[-1], first)
    except Exception:
        for one in added:
            scene.RemoveNode(one)
        raise
    return next((made[role] for role in BEST_SEEN if role in made), first)


def _contents(message: Message) -> tuple[dict[str, SynthesisRecord], dict[str, Image]]:
    told, volumes = message.body.get("records"), unpack(message)
    roles = [name for name in volumes if name in ROLES]
    try:
        if not roles or not isinstance(told, Mapping) or (MASK in volumes) != (PARTS in volumes):
            raise ValueError
        return {role: SynthesisRecord.from_json(str(told[role])) for role in roles}, volumes
    except (ValueError, KeyError) as error:
        raise ComputationError(
            "The engine's result is not a whole one; install the same release of both."
        ) from error


def _masks(message: Message, volumes: Mapping[str, Image]) -> dict[str, Array]:
    """The whole lesion first, then its parts, if it has more than one."""
    title = str(message.body.get("title") or "Lesion")
    masks = {title: volumes[MASK].voxels > 0}
    names = message.body.get("part_names") or {}
    parts = {str(n): volumes[PARTS].voxels == int(v) for v, n in names.items()}
    parts = {name: part for name, part in parts.items() if part.any()}
    return {**masks, **(parts if len(parts) > 1 else {})}
