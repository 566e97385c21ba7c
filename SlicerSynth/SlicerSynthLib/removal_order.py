"""Which lesion a person wants removed, in nodes; and the same as a request to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from SlicerSynthLib.lesion_order import volumes_of
from SlicerSynthLib.masks import mask_image
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.protocol import MASK


@dataclass(frozen=True)
class RemovalOrder:
    """A lesion to be removed.

    Attributes
    ----------
    images : mapping of str to vtkMRMLScalarVolumeNode
        By role.
    mask : vtkMRMLNode or None
        A segmentation (with `segment`) or a label map.
    segment : str or None
        Id of the segment.
    margin_mm : float
        Added around the mask.
    device : str
        Where it is computed.
    """

    images: Mapping[str, Any] = field(default_factory=dict)
    mask: Any = None
    segment: str | None = None
    margin_mm: float = 2.0
    device: str = "auto"


def missing_in(order: RemovalOrder) -> str:
    """Why the order cannot be sent yet, as a sentence; empty if it can."""
    if not order.images:
        return "No image is chosen to remove a lesion from; choose one above, and tick it here."
    if order.mask is None:
        return "No lesion is chosen to remove; choose a segment or a label map."
    return ""


def request_of(order: RemovalOrder) -> tuple[dict[str, Any], dict[str, Image]]:
    """Body and volumes of a ``remove`` request; the mask lies on the grid of the first image.

    Raises
    ------
    InputError
        If something is missing, a node cannot be given to the engine, the images are of several
        patients, or the mask does not lie in the first of them.
    """
    if reason := missing_in(order):
        raise InputError(reason)
    volumes = volumes_of(order.images)
    volumes[MASK] = mask_image(order.mask, order.segment, next(iter(volumes.values())))
    return {"margin_mm": order.margin_mm, "device": order.device}, volumes
