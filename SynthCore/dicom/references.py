"""From which source objects a synthetic slice was made, as DICOM states it."""

from __future__ import annotations

from collections.abc import Sequence

from pydicom.dataset import Dataset

from SynthCore.dicom.marks import SOURCE_IMAGE, code_item
from SynthCore.dicom.source_slices import SourceSlice, unique_headers
from SynthCore.image import Image


def references(
    sources: Sequence[Image], matched: Sequence[tuple[SourceSlice, ...] | None], k: int, study: str
) -> Dataset:
    """Source images, their series and studies for slice `k`.

    Parameters
    ----------
    sources
        Images read from DICOM.
    matched
        For each the source slices in the order of the result's k, None where it lies on another
        grid: then all its objects are named, and spatial locations are not preserved.
    k
        The result's slice.
    study
        StudyInstanceUID of the result.
    """
    used: list[Dataset] = []
    images: list[Dataset] = []
    for source, slices in zip(sources, matched, strict=True):
        if slices is not None:
            chosen = [(slices[k].header, slices[k].frames)]
        else:
            chosen = [(header, ()) for header in unique_headers(source)]
        for header, frames in chosen:
            if header.get("SOPInstanceUID") and header.get("SOPClassUID"):
                used.append(header)
                images.append(_image_item(header, frames, preserved=slices is not None))
    target = Dataset()
    if not images:
        return target
    target.SourceImageSequence = images
    here = [header for header in used if header.get("StudyInstanceUID") == study]
    elsewhere = [header for header in used if header.get("StudyInstanceUID") != study]
    if here:
        target.ReferencedSeriesSequence = _series_items(here)
    if elsewhere:
        target.StudiesContainingOtherReferencedInstancesSequence = _study_items(elsewhere)
    return target


def _image_item(header: Dataset, frames: tuple[int, ...], *, preserved: bool) -> Dataset:
    item = _instance_item(header)
    if frames:
        item.ReferencedFrameNumber = list(frames)
    item.SpatialLocationsPreserved = "YES" if preserved else "NO"
    item.PurposeOfReferenceCodeSequence = [code_item(SOURCE_IMAGE)]
    return item


def _instance_item(header: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = header.SOPClassUID
    item.ReferencedSOPInstanceUID = header.SOPInstanceUID
    return item


def _series_items(headers: Sequence[Dataset]) -> list[Dataset]:
    items: dict[str, Dataset] = {}
    for header in headers:
        uid = str(header.get("SeriesInstanceUID", ""))
        if uid not in items:
            items[uid] = Dataset()
            items[uid].SeriesInstanceUID = uid
            items[uid].ReferencedInstanceSequence = []
        items[uid].ReferencedInstanceSequence.append(_instance_item(header))
    return list(items.values())


def _study_items(headers: Sequence[Dataset]) -> list[Dataset]:
    items = []
    for uid in dict.fromkeys(str(header.get("StudyInstanceUID", "")) for header in headers):
        item = Dataset()
        item.StudyInstanceUID = uid
        item.ReferencedSeriesSequence = _series_items(
            [header for header in headers if str(header.get("StudyInstanceUID", "")) == uid]
        )
        items.append(item)
    return items
