"""What the engine sent back, as nodes in the scene: complete, marked and in their place, or none.

Every function here either succeeds or leaves the scene as it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from SlicerSynthLib.attributes import TARGET, mark, mark_derived, synthetic_name
from SlicerSynthLib.display import apply_display
from SlicerSynthLib.hierarchy import place_beside
from SlicerSynthLib.nodes import node_from_image, remove_volume, update_node
from SynthCore.errors import ComputationError
from SynthCore.image import Image
from SynthCore.protocol import Message, unpack
from SynthCore.request import SynthesisRecord

PREVIEW_ATTRIBUTE = "SynthCore.Preview"
"""Attribute of the one node that shows previews."""
UNCERTAINTY_REFERENCE = "SynthCore.Uncertainty"
"""Reference from a synthetic node to the node that holds its uncertainty."""
UNCERTAINTY_ROLE = "uncertainty"


def deliver(
    scene: Any, message: Message, sources: Mapping[str, Any], names: Mapping[str, str]
) -> tuple[Any, Any]:
    """Add the volumes of a ``synthesize`` result to the scene.

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
    tuple
        The synthetic node, and the node of its uncertainty or None.

    Raises
    ------
    ComputationError
        If the message is not a whole result. The scene is unchanged.
    """
    record, volumes = _contents(message)
    used = {role: node for role, node in sources.items() if role in record.inputs}
    present = {role: node for role, node in used.items() if is_in(scene, node)}
    origin = origin_of(record, volumes["image"], tuple(used or sources))
    origin_name = names.get(origin, "a volume")
    added: list[Any] = []

    def add(image: Image, role: str) -> Any:
        name = scene.GenerateUniqueName(synthetic_name(role, origin_name))
        node = node_from_image(scene, image, name, take_over=True)
        added.append(node)
        return node

    try:
        node, uncertainty = add(volumes["image"], record.target), None
        mark(node, record=record.to_json(), card=message.body.get("card") or {}, sources=present)
        apply_display(node, record.target)
        if "uncertainty" in volumes:
            uncertainty = add(volumes["uncertainty"], f"{record.target} {UNCERTAINTY_ROLE}")
            mark_derived(uncertainty, node)
            apply_display(uncertainty, UNCERTAINTY_ROLE)
            node.SetNodeReferenceID(UNCERTAINTY_REFERENCE, uncertainty.GetID())
        if origin in present:
            for one in added:
                place_beside(scene, one, present[origin])
    except Exception:
        for one in added:
            remove_volume(scene, one)
        raise
    return node, uncertainty


def show_preview(
    scene: Any, message: Message, sources: Mapping[str, Any], names: Mapping[str, str]
) -> Any:
    """Put the slice of a ``preview`` result into the scene's one preview node.

    It is marked as synthetic, is not saved with the scene, and takes the place of the last one.

    Raises
    ------
    ComputationError
        If the message is not a whole result. The scene is unchanged.
    """
    record, volumes = _contents(message)
    present = {r: n for r, n in sources.items() if r in record.inputs and is_in(scene, n)}
    origin = next(iter(present), next(iter(names), ""))
    title = synthetic_name(f"{record.target} preview", names.get(origin, "a volume"))
    node = preview_node(scene)
    if node is None:
        node = node_from_image(scene, volumes["image"], title)
        node.SetSaveWithScene(False)
        node.SetAttribute(PREVIEW_ATTRIBUTE, "YES")
    else:
        update_node(node, volumes["image"])
        node.SetName(title)
    mark(node, record=record.to_json(), card=message.body.get("card") or {}, sources=present)
    node.RemoveAttribute(TARGET)  # it is no result: it is neither listed nor exported as one
    apply_display(node, record.target)
    return node


def preview_node(scene: Any) -> Any:
    """The node that shows previews, None if there is none."""
    for number in range(scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode")):
        node = scene.GetNthNodeByClass(number, "vtkMRMLScalarVolumeNode")
        if node.GetAttribute(PREVIEW_ATTRIBUTE):
            return node
    return None


def remove_preview(scene: Any) -> None:
    """Take the preview out of the scene, if there is one."""
    node = preview_node(scene)
    if node is not None:
        remove_volume(scene, node)


def uncertainty_of(node: Any) -> Any:
    """The node of a synthetic node's uncertainty, None if it has none."""
    return None if node is None else node.GetNodeReference(UNCERTAINTY_REFERENCE)


def origin_of(record: SynthesisRecord, image: Image, roles: tuple[str, ...]) -> str:
    """The role of the source whose grid the result has; the first one where none fits."""
    for role in roles:
        given = record.inputs.get(role, {})
        if list(given.get("shape_kji", ())) == list(image.shape) and np.allclose(
            np.asarray(given.get("affine_lps"), dtype=float), image.affine, atol=1e-3
        ):
            return role
    return roles[0] if roles else ""


def is_in(scene: Any, node: Any) -> bool:
    """Whether the node is in the scene now."""
    return node is not None and bool(scene.IsNodePresent(node))


def _contents(message: Message) -> tuple[SynthesisRecord, dict[str, Image]]:
    try:
        record = SynthesisRecord.from_json(str(message.body.get("record", "")))
        volumes = unpack(message)
    except (ValueError, json.JSONDecodeError) as error:
        raise ComputationError(
            "The engine's result has no readable record; install the same release of both."
        ) from error
    if "image" not in volumes:
        raise ComputationError("The engine's result holds no image; run it again.")
    return record, volumes
