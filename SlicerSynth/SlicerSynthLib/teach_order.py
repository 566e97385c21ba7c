"""What a person wants of a class page, in nodes and words; and the same as a request.

Of a volume only its role, its voxels and whether it is synthetic are sent: the name of a node may
be a patient's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer

from SlicerSynthLib.attributes import is_synthetic
from SlicerSynthLib.dicom_headers import identity_of
from SlicerSynthLib.masks import mask_image
from SlicerSynthLib.nodes import image_from_node
from SlicerSynthLib.volumes_roles import suggest_role_of
from SynthCore.dicom.patient_study import require_one_patient
from SynthCore.errors import InputError
from SynthCore.image import Image

FINDING = "Finding"
"""What a truth is called: a segment's name may be a person's, and nobody wrote it for a class."""

FALLBACK_ROLE = "T1"
"""Of a volume whose role nothing tells: gray values without a unit, under another name."""


@dataclass(frozen=True)
class TeachOrder:
    """One case, as the panel describes it.

    Attributes
    ----------
    images : tuple of vtkMRMLScalarVolumeNode
        What is shown, the first one first.
    compare : vtkMRMLScalarVolumeNode or None
        Another state of the first.
    truth : vtkMRMLNode or None
        A segmentation (with `segment`) or a label map.
    segment : str or None
        Id of the segment.
    title, history, question, answer, discussion : str
    choices : tuple of str
        None: an open question.
    """

    images: tuple[Any, ...]
    compare: Any = None
    truth: Any = None
    segment: str | None = None
    title: str = ""
    history: str = ""
    question: str = ""
    choices: tuple[str, ...] = ()
    answer: str = ""
    discussion: str = ""


def missing_in(order: TeachOrder) -> str:
    """Why the order cannot be sent yet, as a sentence; empty if it can."""
    if not order.images:
        return "No images are chosen; choose a volume for the class to look at."
    if len({node.GetID() for node in order.images}) < len(order.images):
        return "The same images are chosen twice; choose others, or none."
    if order.compare is not None and order.compare is order.images[0]:
        return "The other state is the same volume; choose another, or none."
    for text, what in (
        (order.title, "title"), (order.question, "question"), (order.answer, "answer"),
    ):  # fmt: skip
        if not text.strip():
            return f"The case has no {what} yet; write one."
    if order.choices and " ".join(order.answer.split()) not in order.choices:
        return "The answer is not one of the choices; write one of them word by word."
    if len(order.choices) == 1 or len(set(order.choices)) < len(order.choices):
        return "Choices are two or more different lines; or leave them out."
    return ""


def request_of(order: TeachOrder) -> tuple[dict[str, Any], dict[str, Image]]:
    """Body and volumes of a ``teach`` request.

    Raises
    ------
    InputError
        If something is missing, a node cannot be given to the engine, the volumes are of several
        patients, or the truth lies on none of them.
    """
    if reason := missing_in(order):
        raise InputError(reason)
    database = getattr(slicer, "dicomDatabase", None)
    volumes: dict[str, Image] = {}
    series: list[dict[str, Any]] = []
    for number, node in enumerate(order.images):
        role = suggest_role_of(node).role
        image = image_from_node(node, role or FALLBACK_ROLE, identity_of(node, database))
        volumes[f"image {number}"] = image
        name = _new_name(role or f"Images {number + 1}", series)
        series.append({"name": name, "role": role or FALLBACK_ROLE, "path": f"image {number}",
                       "synthetic": is_synthetic(node)})  # fmt: skip
    if order.compare is not None:
        role = str(series[0]["role"])
        source = identity_of(order.compare, database)
        volumes["compare"] = image_from_node(order.compare, role, source)
        series[0] |= {
            "compare": "compare",
            "compare_name": "Other state",
            "compare_synthetic": is_synthetic(order.compare),
        }
    require_one_patient([v.source.headers[0] for v in volumes.values() if v.source.headers])
    case: dict[str, Any] = {
        "title": order.title, "history": order.history, "question": order.question,
        "choices": list(order.choices), "answer": order.answer, "discussion": order.discussion,
        "series": series,
    }  # fmt: skip
    if order.truth is not None:
        case["truth"] = {"path": "truth", "name": FINDING}
        case["key"] = [_add_truth(order, series, volumes)]
    return {"case": case}, volumes


def _new_name(wanted: str, series: list[dict[str, Any]]) -> str:
    taken = [one["name"] for one in series]
    names = (wanted, *(f"{wanted} {number}" for number in range(2, 9)))
    return next(name for name in names if name not in taken)


def _add_truth(
    order: TeachOrder, series: list[dict[str, Any]], volumes: dict[str, Image]
) -> dict[str, Any]:
    """The truth on the grid of every series that it lies in; a key image through its middle."""
    trouble: InputError | None = None
    key: dict[str, Any] | None = None
    for one in series:
        try:
            mask = mask_image(order.truth, order.segment, volumes[one["path"]])
        except InputError as error:  # it need not lie in every series
            trouble = trouble or error
            continue
        volumes[f"truth {one['name']}"] = mask
        if key is None:
            key = {"series": one["name"], "point": _middle(mask), "caption": FINDING}
    if key is None:
        raise trouble or InputError("The truth lies on none of the images; choose another.")
    return key


def _middle(mask: Image) -> list[float]:
    """LPS millimeters of the voxel of a mask that is nearest to its center."""
    inside = np.argwhere(mask.voxels)
    k, j, i = inside[np.argmin(np.sum((inside - inside.mean(axis=0)) ** 2, axis=1))]
    return [float(v) for v in (mask.affine @ (i, j, k, 1.0))[:3]]
