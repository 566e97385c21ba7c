"""A mask on an image's grid, from a segment or a label map in any geometry."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk

from SlicerSynthLib.geometry import RAS_TO_LPS, array_of, local_to_world, matrix_of
from SlicerSynthLib.sampling import nearest, on_one_lattice, part_outside
from SlicerSynthLib.scalars import array_of_data
from SynthCore.errors import InputError
from SynthCore.image import Affine, Array, Image, Source

RESAMPLED = "The mask was resampled to the image's grid by nearest neighbor."


class EmptyMaskError(InputError):
    """A mask that nobody drew."""


class OutsideMaskError(InputError):
    """A mask of which no voxel of the image is a part."""


def mask_image(
    node: Any, segment_id: str | None, onto: Image, *, most_outside: float = 1.0
) -> Image:
    """The mask as boolean voxels on the grid of `onto`.

    Exact where the mask's voxels are among those of `onto`; the nearest voxel where they are not.
    Linear transforms over the node are applied, the node itself stays as it is.

    Parameters
    ----------
    node : vtkMRMLSegmentationNode or vtkMRMLLabelMapVolumeNode
        Every label of a label map but 0 is inside.
    segment_id : str or None
        Which segment; None for a label map, or where the segmentation has one only.
    onto : Image
        The image that the mask belongs to.
    most_outside : float
        Share of the mask that may lie outside of it.

    Raises
    ------
    EmptyMaskError
        If nobody drew it.
    OutsideMaskError
        If it lies outside the image, or between the centers of its voxels.
    InputError
        If there is no such mask, or it is under a transform that is not linear.
    """
    if node is None:
        raise InputError("No mask is chosen; choose a segment or a label map.")
    if node.IsA("vtkMRMLSegmentationNode"):
        identity = _segment(node, segment_id)
        name = node.GetSegmentation().GetSegment(identity).GetName()
        inside, affine = _of_segment(node, identity, onto)
    elif node.IsA("vtkMRMLLabelMapVolumeNode"):
        name = node.GetName()
        inside, affine = _of_label_map(node)
    else:
        raise InputError(f"{node.GetName()} is not a mask; choose a segment or a label map.")
    if not inside.any():
        raise _empty(name)
    lost = part_outside(inside, affine, onto)
    if lost == 1.0 or lost > most_outside:
        raise OutsideMaskError(
            f"The mask {name} lies {'' if lost == 1.0 else 'partly '}outside the image; choose the "
            "mask drawn on this image."
        )
    moved = nearest(inside, affine, onto)
    if not moved.any():
        raise OutsideMaskError(
            f"The mask {name} is too small for the image's voxels: none of them lies in it; "
            "draw a larger one."
        )
    notes: tuple[str, ...] = ()
    if not on_one_lattice(affine, onto, inside.shape):
        notes = (RESAMPLED,)
    if lost > 0:
        notes += (f"{lost:.0%} of the mask lie outside the image and were left out.",)
    return Image(moved, onto.affine, source=Source(), notes=notes)


def _empty(name: str) -> EmptyMaskError:
    return EmptyMaskError(f"The mask {name} is empty; draw at least one voxel.")


def _segment(node: Any, segment_id: str | None) -> str:
    segmentation = node.GetSegmentation()
    count = segmentation.GetNumberOfSegments() if segmentation is not None else 0
    if count == 0:
        raise InputError(f"{node.GetName()} has no segment; draw one in the Segment Editor.")
    if not segment_id and count > 1:
        raise InputError(f"{node.GetName()} has {count} segments; choose one of them.")
    found: str = segment_id or segmentation.GetNthSegmentID(0)
    if segmentation.GetSegment(found) is None:
        raise InputError(f"The segment is no longer in {node.GetName()}; choose another one.")
    return found


def _of_label_map(node: Any) -> tuple[Array, Affine]:
    data = node.GetImageData()
    to_ras = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(to_ras)
    labels = array_of_data(data)
    if labels is None:
        raise InputError(f"{node.GetName()} holds no image; choose a mask with voxels.")
    return labels != 0, _placed(node, data, array_of(to_ras))


def _of_segment(node: Any, identity: str, onto: Image) -> tuple[Array, Affine]:
    segmentation = node.GetSegmentation()
    name = slicer.vtkSegmentationConverter.GetBinaryLabelmapRepresentationName()
    source = segmentation.GetSourceRepresentationName()
    if source != name:
        outline = segmentation.GetSegment(identity).GetRepresentation(source)
        if outline is None or (outline.IsA("vtkPointSet") and not outline.GetNumberOfPoints()):
            raise _empty(segmentation.GetSegment(identity).GetName())
        segmentation = _drawn_on(node, identity, onto, name)
    segment = segmentation.GetSegment(identity)
    data = segment.GetRepresentation(name)
    labels = array_of_data(data)
    if labels is None:
        raise _empty(segment.GetName())
    to_local = vtk.vtkMatrix4x4()
    data.GetImageToWorldMatrix(to_local)
    # several segments may share one label map
    return labels == segment.GetLabelValue(), _placed(node, data, array_of(to_local))


def _drawn_on(node: Any, identity: str, onto: Image, name: str) -> Any:
    """A segmentation of its own whose one surface or contour is drawn on the grid of `onto`."""
    whole = node.GetSegmentation()
    drawn = slicer.vtkSegmentation()
    drawn.SetSourceRepresentationName(whole.GetSourceRepresentationName())
    drawn.CopySegmentFromSegmentation(whole, identity)
    converter = slicer.vtkSegmentationConverter
    place = np.linalg.inv(local_to_world(node)) @ RAS_TO_LPS @ onto.affine
    ends = [end for n in onto.shape[::-1] for end in (0, n - 1)]
    drawn.SetConversionParameter(
        converter.GetReferenceImageGeometryParameterName(),
        converter.SerializeImageGeometry(matrix_of(place), ends),
    )
    if not drawn.CreateRepresentation(name):
        raise InputError(
            f"The segment {whole.GetSegment(identity).GetName()} cannot be turned into voxels; "
            "create its binary label map in the Segmentations module."
        )
    return drawn


def _placed(node: Any, data: Any, to_local: Affine) -> Affine:
    """LPS world affine of the array, whose first voxel is the first of the extent."""
    affine: Affine = RAS_TO_LPS @ local_to_world(node) @ to_local
    affine[:3, 3] += affine[:3, :3] @ data.GetExtent()[::2]
    return affine
