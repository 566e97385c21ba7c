"""What a person wants of a lesion, in nodes; and the same as a request to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import slicer

from SlicerSynthLib.dicom_headers import identity_of
from SlicerSynthLib.growth import Growth
from SlicerSynthLib.lesion_kinds import AT_A_POINT, WHERE_YOU_LOOK
from SlicerSynthLib.lesion_marks import lesion_mark_of
from SlicerSynthLib.masks import mask_image
from SlicerSynthLib.nodes import image_from_node
from SynthCore.dicom.patient_study import require_one_patient
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.tasks import placed_before

ORGAN = "organ"
"""Name of the volume that is its mask."""

Point = tuple[float, float, float]
"""RAS millimeters."""


@dataclass(frozen=True)
class LesionPlace:
    """Where a lesion is to lie.

    Attributes
    ----------
    rule : str
        A rule of the engine, `WHERE_YOU_LOOK` or `AT_A_POINT`.
    at : tuple of float or None
        RAS millimeters, for the latter two.
    region, side : str
        Of the brain, for a rule; empty for any.
    usual : bool
        Whether the rule is the kind's usual one: in a region where it does not hold, another is
        taken.
    organ : vtkMRMLNode or None
        A segmentation (with `segment`) or a label map of the organ; None where the engine finds
        it.
    segment : str or None
        Id of the segment.
    """

    rule: str = ""
    at: Point | None = None
    region: str = ""
    side: str = ""
    usual: bool = False
    organ: Any = None
    segment: str | None = None

    def in_wish(self) -> dict[str, Any]:
        """Its fields of a wish."""
        if self.at is not None:
            x, y, z = self.at
            return {"at": [-x, -y, z]}
        asked = {"region": self.region, "side": self.side}
        if not (self.region and self.usual):
            asked["site"] = self.rule
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True)
class LesionOrder:
    """A lesion to be placed.

    Attributes
    ----------
    images : mapping of str to vtkMRMLScalarVolumeNode
        By role; the first has the grid of the lesion's mask.
    kind : str
        As the engine calls it; empty while it has not told.
    volume_ml : float
        Without the edema around it.
    place : LesionPlace
        Where it lies.
    seed : int
        Of shape, texture and place.
    growth : Growth or None
        Where it is placed as it is at several dates, the volume being that of the first.
    blend : bool
        Whether a learned model blends the border.
    """

    images: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    volume_ml: float = 0.0
    place: LesionPlace = field(default_factory=LesionPlace)
    seed: int = 0
    growth: Growth | None = None
    blend: bool = False


def missing_in(order: LesionOrder) -> str:
    """Why the order cannot be sent yet, as a sentence; empty if it can."""
    if not order.kind:
        return "The engine has not told which lesions it places; look under Engine."
    if not order.images:
        return "No image is chosen that shows such a lesion; choose one above, and tick it here."
    at, rule = order.place.at, order.place.rule
    if at is None and rule == AT_A_POINT:
        return (
            "There is no point yet; place one with the Markups toolbar of Slicer and choose it, "
            "or choose another place."
        )
    if at is None and rule == WHERE_YOU_LOOK:
        return "There is no slice view to look at; choose another place."
    return ""


def request_of(order: LesionOrder) -> tuple[dict[str, Any], dict[str, Image]]:
    """Body and volumes of a ``lesion`` request.

    Raises
    ------
    InputError
        If something is missing, a node cannot be given to the engine, the images are of several
        patients, or the organ does not lie in the first of them.
    """
    if reason := missing_in(order):
        raise InputError(reason)
    wish: dict[str, Any] = {
        "kind": order.kind,
        "volume_ml": order.volume_ml,
        "seed": order.seed,
    }
    volumes = volumes_of(order.images)
    for role, node in order.images.items():
        if lesion_mark_of(node) is not None:
            notes = (*volumes[role].notes, placed_before(role))
            volumes[role] = replace(volumes[role], notes=notes)
    if order.place.organ is not None:
        first = next(iter(volumes.values()))
        volumes[ORGAN] = mask_image(order.place.organ, order.place.segment, first)
    body: dict[str, Any] = {"wish": {**wish, **order.place.in_wish()}}
    if order.growth is not None:
        body["growth"] = order.growth.to_body()
    if order.blend:
        body["blend"] = True
    return body, volumes


def volumes_of(images: Mapping[str, Any]) -> dict[str, Image]:
    """Images of one patient by role.

    Raises
    ------
    InputError
        If a node cannot be given to the engine, or they are of several patients.
    """
    database = getattr(slicer, "dicomDatabase", None)
    volumes = {
        role: image_from_node(node, role, identity_of(node, database))
        for role, node in images.items()
    }
    require_one_patient([v.source.headers[0] for v in volumes.values() if v.source.headers])
    return volumes


def first_point(node: Any) -> Point | None:
    """RAS millimeters of the first point that was placed, in the world; None where none was."""
    if node is None:
        return None
    for number in range(node.GetNumberOfControlPoints()):
        if node.GetNthControlPointPositionStatus(number) == node.PositionDefined:
            place = [0.0, 0.0, 0.0]
            node.GetNthControlPointPositionWorld(number, place)
            return place[0], place[1], place[2]
    return None
