"""The DICOM headers of a volume node, in the order of its slices.

Slicer notes the SOPInstanceUIDs of a volume in the node's attribute ``DICOM.instanceUIDs``, in
the order it read the files; its database (`slicer.dicomDatabase`) knows where the files are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from SlicerSynthLib.first_header import described, file_of, first_header, instance_uids
from SlicerSynthLib.nodes import grid_of
from SynthCore.dicom.header_files import read_header
from SynthCore.dicom.headers import Header, items, numbers, text
from SynthCore.dicom.source_slices import match_slices
from SynthCore.errors import InputError
from SynthCore.image import Image, Source

_ORIENTATION = "ImageOrientationPatient"
_NEAR_VOXELS, _NEAR_COSINE = 0.1, 1e-3
_FRAME_OF_REFERENCE = ("FrameOfReferenceUID", "PositionReferenceIndicator")


def identity_of(node: Any, database: Any) -> Source:
    """Kind, series and instances of the node, and its first header: one file is read at most.

    A volume that does not lie where that header says has no frame of reference, as in `source_of`.
    """
    uids = instance_uids(node)
    if not uids:
        return Source()
    header = first_header(node, database)
    if header is None:
        return Source("dicom", "", "", uids)
    if not lies_as_told(header, Image(*grid_of(node))):
        _drop_frame(header)
    return Source("dicom", "", text(header, "SeriesInstanceUID"), uids, (header,))


def source_of(node: Any, database: Any) -> Source:
    """Where the node came from, with the headers that belong to its slices.

    Slices and headers are matched by their place in the patient. A volume that does not lie where
    its headers say (transformed, cropped or resampled since) keeps patient and study, but not the
    frame of reference: its coordinates are no longer those of the scanner.

    Parameters
    ----------
    node : vtkMRMLScalarVolumeNode
        As `SlicerSynthLib.nodes.image_from_node` takes it.
    database : ctkDICOMDatabase
        `slicer.dicomDatabase`; None where there is none.

    Returns
    -------
    Source
        ``headers`` holds pydicom data sets without pixels in the order of k, a single one for a
        multi-frame object, none where the database has no file of the volume.

    Raises
    ------
    InputError
        If the database has only some of the files, or one is damaged.
    """
    return read_source(files_of(node, database))


@dataclass(frozen=True)
class Files:
    """A node's DICOM files and its place, for `read_source` on any thread.

    Attributes
    ----------
    name : str
        Of the node.
    uids, paths : tuple
        SOPInstanceUIDs, and the files that the database has of them.
    place : Image
        The node's own voxels (not a copy) where they are; or, for a result's source, only the
        grid that it had when the result was made.
    """

    name: str
    uids: tuple[str, ...]
    paths: tuple[Path, ...]
    place: Image


def files_of(node: Any, database: Any, place: Image | None = None) -> Files:
    """What `read_source` needs of a node; on the main thread, and quick.

    With a `place`, it is what lay there, wherever the node lies now.

    Raises
    ------
    InputError
        As `SlicerSynthLib.nodes.grid_of`.
    """
    there = Image(*grid_of(node)) if place is None else place
    return _files(node.GetName(), instance_uids(node), there, database)


def files_of_series(uid: str, database: Any, place: Image, name: str) -> Files:
    """The same of a series that the database has, of which no node is left."""
    uids = tuple(database.instancesForSeries(uid)) if database is not None and uid else ()
    return _files(name, uids, place, database)


def _files(name: str, uids: tuple[str, ...], place: Image, database: Any) -> Files:
    paths = [path for path in (file_of(uid, database) for uid in uids) if path is not None]
    return Files(name, uids, tuple(paths), place)


def read_source(files: Files) -> Source:
    """What `source_of` gives; reads every header, on any thread.

    Raises
    ------
    InputError
        If the database has only some of the files, or one is damaged.
    """
    if not files.uids:
        return Source()
    if not files.paths:
        return Source("dicom", "", "", files.uids)
    if len(files.paths) < len(files.uids):
        raise InputError(
            f"{len(files.uids) - len(files.paths)} of the {len(files.uids)} DICOM files of "
            f"{files.name} are no longer in Slicer's DICOM database; import the study again."
        )
    headers = tuple(read_header(path, described(files.name)) for path in files.paths)
    series = text(headers[0], "SeriesInstanceUID")
    place = replace(files.place, source=Source("dicom", headers=headers))
    matched = match_slices(place, place)
    if matched is None:
        ordered = _along(headers, place.affine[:3, 2])
        for header in ordered:
            _drop_frame(header)
    else:
        ordered = tuple({id(found.header): found.header for found in matched}.values())
    ordered_uids = tuple(text(header, "SOPInstanceUID") for header in ordered)
    return Source("dicom", "", series, ordered_uids, ordered)


def lies_as_told(header: Header, place: Image) -> bool:
    """Whether the slice of a header is one of the volume's, by its first voxel and its rows.

    A multi-frame object states no position of its own, and is taken to lie as it was read.
    """
    position, rows = numbers(header, "ImagePositionPatient"), numbers(header, _ORIENTATION)
    if len(position) != 3 or len(rows) != 6:
        return True
    i, j, k, _ = np.linalg.inv(place.affine) @ (*position, 1.0)
    along = np.array(rows).reshape(2, 3) @ place.direction[:, :2]
    return bool(
        max(abs(i), abs(j), abs(k - round(k))) < _NEAR_VOXELS
        and 0 <= round(k) < place.shape[0]
        and np.allclose(along, np.eye(2), atol=_NEAR_COSINE)
    )


def _drop_frame(header: Header) -> None:
    for keyword in _FRAME_OF_REFERENCE:
        if keyword in header:
            delattr(header, keyword)


def _along(headers: tuple[Header, ...], normal: Any) -> tuple[Header, ...]:
    """By position along `normal`; a multi-frame object has none of its own and stays."""

    def place(header: Header) -> float:
        position = numbers(header, "ImagePositionPatient")
        return float(np.dot(position, normal)) if len(position) == 3 else 0.0

    if any(items(header, "PerFrameFunctionalGroupsSequence") for header in headers):
        return headers
    return tuple(sorted(headers, key=place))
