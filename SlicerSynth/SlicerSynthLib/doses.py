"""Doses as volume nodes in Gy: an RTDOSE that is opened, and how a dose is shown.

A dose is told by the attribute that SlicerRT gives those it imports, so both know each other's. A
dose that a plain DICOM reader loaded has no Gy, and no such attribute.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import slicer

from SlicerSynthLib.dicom_headers import identity_of
from SlicerSynthLib.nodes import image_from_node, node_from_image
from SynthCore.dicom.rt.dose import read_dose
from SynthCore.dicom.stated import header_of
from SynthCore.errors import InputError
from SynthCore.image import Array, Image, Source

DOSE = "DicomRtImport.DoseVolume"
"""Attribute of every dose volume; ``1``."""
FRAME = "SynthCore.FrameOfReference"
PLAN = "SynthCore.DosePlan"
KIND = "SynthCore.DoseKind"
"""Attributes of a dose that was opened here: UIDs, and type with summation."""

LEAST_SHARE = 0.1
"""Of the highest dose; what has less is not shown, as it is not compared by gamma."""

_TAG = "SynthCoreDoseColors"
_ANCHORS = (
    (0.0, (0.10, 0.15, 0.65)), (0.3, (0.0, 0.60, 0.90)), (0.5, (0.0, 0.70, 0.25)),
    (0.75, (0.95, 0.85, 0.0)), (0.95, (0.90, 0.35, 0.0)), (1.0, (0.75, 0.0, 0.0)),
)  # fmt: skip
"""Share of the highest dose, and its color: blue is little, red is most, as planning systems."""


def is_dose(node: Any) -> bool:
    """Whether a node says that it is a dose in Gy."""
    return node is not None and node.GetAttribute(DOSE) == "1"


def open_dose(scene: Any, path: Path, patient_id: str = "") -> Any:
    """The dose of an RTDOSE file as a new volume node.

    Parameters
    ----------
    scene : vtkMRMLScene
        Where.
    path : Path
        The file.
    patient_id : str
        Of the synthetic CT, where it is known.

    Raises
    ------
    InputError
        If the file is no dose in Gy, or of another patient.
    """
    found = read_dose(path)
    if patient_id and found.patient_id and patient_id != found.patient_id:
        raise InputError("The dose is of another patient than the synthetic CT.")
    node = node_from_image(scene, found.image, scene.GenerateUniqueName(path.stem))
    node.SetAttribute(DOSE, "1")
    for name, value in (
        (FRAME, found.frame_of_reference),
        (PLAN, found.plan_uid),
        (KIND, f"{found.kind} {found.summation}".strip()),
    ):
        if value:
            node.SetAttribute(name, value)
    show_as_dose(node)
    return node


def image_of_dose(node: Any, database: Any) -> Image:
    """The dose in Gy in the world, with the frame of reference that it was made in, if known.

    Raises
    ------
    InputError
        If the node is no dose, or cannot be given to the engine.
    """
    if not is_dose(node):
        raise InputError(
            f"{node.GetName()} does not say that it is a dose in Gy; open the RTDOSE here, or "
            "import it with SlicerRT."
        )
    source = identity_of(node, database)
    frame = node.GetAttribute(FRAME)
    if not source.headers and frame:
        source = Source(headers=(header_of({"FrameOfReferenceUID": frame}),))
    image = image_from_node(node, "", source)
    return image.with_voxels(image.voxels, unit="Gy")


def show_as_dose(node: Any, like: Any = None) -> None:
    """Give a dose its colors, from nothing to its highest dose, or to that of another one."""
    if node.GetDisplayNode() is None:
        node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    most = max(highest(one) for one in (node, like) if one is not None)
    modifying = display.StartModify()
    display.AutoWindowLevelOff()
    display.SetAndObserveColorNodeID(dose_colors(node.GetScene()).GetID())
    display.SetWindowLevel(most, most / 2)
    display.SetThreshold(LEAST_SHARE * most, 10 * most)
    display.ApplyThresholdOn()
    display.SetInterpolate(True)
    display.EndModify(modifying)


def highest(node: Any) -> float:
    """The highest dose of a node, Gy; never 0."""
    low, high = node.GetImageData().GetScalarRange()
    return float(max(high, low, 1e-6))


def dose_colors(scene: Any) -> Any:
    """The color table of doses, made in the scene if there is none."""
    found = scene.GetSingletonNode(_TAG, "vtkMRMLColorTableNode")
    if found is not None:
        return found
    node = slicer.vtkMRMLColorTableNode()
    node.SetName("Dose")
    node.SetSingletonTag(_TAG)
    node.SetTypeToUser()
    colors = _colors(256)
    node.SetNumberOfColors(len(colors))
    for index, (red, green, blue) in enumerate(colors):
        node.SetColor(index, f"{100 * index / 255:.0f}%", red, green, blue, 1.0)
    node.SetHideFromEditors(True)
    return scene.AddNode(node)


def _colors(count: int) -> Array:
    """Shape (count, 3)."""
    shares, anchors = zip(*_ANCHORS, strict=True)
    at = np.linspace(0.0, 1.0, count)
    return np.stack([np.interp(at, shares, band) for band in zip(*anchors, strict=True)], axis=1)
