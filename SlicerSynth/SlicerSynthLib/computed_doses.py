"""Doses that a plan check computed, as volume nodes; and which doses there are to look at.

One pair of nodes serves every check of one kind of radiation: a new one takes the place of the
last. Each refers to the CT it was computed on, and is shown over that one alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from SlicerSynthLib.attributes import mark_derived
from SlicerSynthLib.doses import DOSE, show_as_dose
from SlicerSynthLib.hierarchy import place_beside
from SlicerSynthLib.nodes import node_from_image, remove_volume, update_node
from SlicerSynthLib.plot_nodes import kept_nodes, says
from SlicerSynthLib.results import is_in
from SynthCore.image import Image
from SynthCore.protocol import Message, unpack

COMPUTED = "SynthCore.ComputedDose"
"""Attribute of a dose that a check computed: its radiation and side, ``photons synthetic``."""
LIES_OVER = "SynthCore.LiesOver"
"""Reference from a dose that a check computed to the CT it lies over."""
_KIND = "vtkMRMLScalarVolumeNode"
_ON = {"reference": "on the real CT", "synthetic": "on the synthetic CT"}


@dataclass(frozen=True)
class ShownDose:
    """A dose to look at, the CT it lies over, and the dose whose colors it shares.

    `of` is the comparison it belongs to: its radiation, or empty for doses that were given.
    """

    words: str
    of: str
    dose: Any
    below: Any
    like: Any


def deliver_doses(scene: Any, message: Message, synthetic: Any, reference: Any = None) -> None:
    """Put the doses of a ``plan-check`` result into the scene, in place of those of the last.

    Parameters
    ----------
    scene : vtkMRMLScene
        Where.
    message : Message
        The ``result``; nothing happens if nothing was computed.
    synthetic : vtkMRMLScalarVolumeNode
        The CT that was checked: what was computed on it is marked as it is, also where it was
        removed meanwhile.
    reference : vtkMRMLScalarVolumeNode, optional
        The CT that the dose on the real CT lies over.
    """
    volumes = unpack(message)
    made: dict[str, Any] = {}
    for volume, image in volumes.items():
        _, radiation, side = volume.split("-")
        made[f"{radiation} {side}"] = _node(scene, radiation, side, image)
    for node in list(kept_nodes(scene, _KIND, COMPUTED)):
        if node.GetAttribute(COMPUTED) not in made:
            remove_volume(scene, node)
    for part, node in made.items():
        radiation, side = part.split()
        show_as_dose(node, like=made.get(f"{radiation} reference"))
        _lay_over(scene, node, synthetic if side == "synthetic" else reference)
        if side == "synthetic":
            mark_derived(node, synthetic)
        if is_in(scene, synthetic):
            place_beside(scene, node, synthetic)


def doses_to_show(scene: Any, parameters: Any) -> list[ShownDose]:
    """Doses that were given and doses that were computed, those on the synthetic CT first.

    A computed one is left out where its CT is gone, or is none of those that are chosen now.
    """
    p, found = parameters, []
    if p.doseSynthetic is not None:
        found.append(
            ShownDose(_ON["synthetic"], "", p.doseSynthetic, p.checkSynthetic, p.doseReference)
        )
    if p.doseReference is not None:
        below = p.checkReference if p.checkReference is not None else p.checkSynthetic
        found.append(ShownDose(_ON["reference"], "", p.doseReference, below, p.doseSynthetic))
    nodes = {node.GetAttribute(COMPUTED): node for node in kept_nodes(scene, _KIND, COMPUTED)}
    chosen = [one for one in (p.checkSynthetic, p.checkReference) if one is not None]
    for radiation in dict.fromkeys(part.split()[0] for part in nodes):
        for side, other in (("synthetic", "reference"), ("reference", "synthetic")):
            dose = nodes.get(f"{radiation} {side}")
            below = None if dose is None else dose.GetNodeReference(LIES_OVER)
            if below is not None and below in chosen:
                like = nodes.get(f"{radiation} {other}")
                found.append(ShownDose(f"{radiation}, {_ON[side]}", radiation, dose, below, like))
    return found


def _lay_over(scene: Any, dose: Any, ct: Any) -> None:
    dose.RemoveNodeReferenceIDs(LIES_OVER)  # of the last check
    if is_in(scene, ct):
        dose.SetNodeReferenceID(LIES_OVER, ct.GetID())


def _node(scene: Any, radiation: str, side: str, image: Image) -> Any:
    part = f"{radiation} {side}"
    for node in kept_nodes(scene, _KIND, COMPUTED):
        if says(node, COMPUTED, part):
            update_node(node, image, take_over=True)
            return node
    name = scene.GenerateUniqueName(f"Dose of {radiation} {_ON[side]}")
    node = node_from_image(scene, image, name, take_over=True)
    node.SetAttribute(DOSE, "1")
    node.SetAttribute(COMPUTED, part)
    return node
