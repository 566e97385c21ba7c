"""Images that a lesion was placed in, as nodes in the scene: all of them with its mask, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SlicerSynthLib.attributes import mark, mark_derived, synthetic_name
from SlicerSynthLib.display import apply_display
from SlicerSynthLib.hierarchy import place_beside
from SlicerSynthLib.lesion_segments import segmentation_node
from SlicerSynthLib.nodes import node_from_image
from SlicerSynthLib.results import is_in
from SynthCore.errors import ComputationError
from SynthCore.image import Array, Image
from SynthCore.protocol import MASK, Message, unpack
from SynthCore.tasks import ROLES

PARTS = "parts"
BEST_SEEN = ("FLAIR", "T1c", "T2", "CT")
"""What most lesions are seen in; the first that is there is shown."""


def deliver_lesion(
    scene: Any, message: Message, sources: Mapping[str, Any], names: Mapping[str, str]
) -> Any:
    """Add the volumes of a ``lesion`` result to the scene, marked, each beside its source.

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
    present = {role: node for role, node in sources.items() if is_in(scene, node)}
    made: dict[str, Any] = {}
    added: list[Any] = []
    try:
        for role, record in records.items():
            title = synthetic_name(f"{role} with lesion", names.get(role, "a volume"))
            name = scene.GenerateUniqueName(title)
            node = made[role] = node_from_image(scene, volumes[role], name, take_over=True)
            added.append(node)
            mark(node, record=record, card=message.body.get("card") or {}, sources=present)
            apply_display(node, role, like=present.get(role))
        role, first = next(iter(made.items()))
        title = synthetic_name("lesion", names.get(role, "a volume"))
        masks = _masks(message, volumes)
        outlines = segmentation_node(
            scene, scene.GenerateUniqueName(title), masks, volumes[MASK].affine
        )
        added.append(outlines)
        mark_derived(outlines, first)
        for role, node in made.items():
            if role in present:
                place_beside(scene, node, present[role])
        place_beside(scene, outlines, first)
    except Exception:
        for one in added:
            scene.RemoveNode(one)
        raise
    return next((made[role] for role in BEST_SEEN if role in made), first)


def _contents(message: Message) -> tuple[dict[str, str], dict[str, Image]]:
    records, volumes = message.body.get("records"), unpack(message)
    roles = [name for name in volumes if name in ROLES]
    told = records if isinstance(records, Mapping) else {}
    found = {role: text for role in roles if isinstance(text := told.get(role), str)}
    if not roles or len(found) < len(roles) or not {MASK, PARTS} <= set(volumes):
        raise ComputationError(
            "The engine's result is not a whole one; install the same release of both."
        )
    return found, volumes


def _masks(message: Message, volumes: Mapping[str, Image]) -> dict[str, Array]:
    """The whole lesion first, then its parts, if it has more than one."""
    title = str(message.body.get("title") or "Lesion")
    masks = {title: volumes[MASK].voxels > 0}
    names = message.body.get("part_names") or {}
    parts = {str(n): volumes[PARTS].voxels == int(v) for v, n in names.items()}
    parts = {name: part for name, part in parts.items() if part.any()}
    return {**masks, **(parts if len(parts) > 1 else {})}
