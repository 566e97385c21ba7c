"""Put a DICOM series into the scene as Slicer's own DICOM module does."""

from __future__ import annotations

from typing import Any

import slicer

from SynthCore.dicom.headers import line, value
from SynthCore.dicom.read import image_of
from SynthCore.dicom.series import SeriesInfo
from SynthCore.image import Image


def read_series(series: SeriesInfo) -> Image:
    """The series' volume; touches no MRML, so that it may run on any thread.

    Raises
    ------
    InputError
        If its files make no volume.
    """
    folder = series.instances[0].path.parent
    return image_of(series.instances, series.description or f"#{series.number}", path=folder)


def add_series(series: SeriesInfo, image: Image) -> Any:
    """A volume node of the series, under its patient and study, and its files in the index."""
    from SlicerSynthLib.attributes import SYNTHETIC_DATA
    from SlicerSynthLib.display import apply_display
    from SlicerSynthLib.nodes import node_from_image

    scene = slicer.mrmlScene
    name = scene.GenerateUniqueName(_name(series))
    node = node_from_image(scene, image, name)
    node.SetAttribute("DICOM.instanceUIDs", " ".join(image.source.instance_uids))
    if series.synthetic:
        node.SetAttribute(SYNTHETIC_DATA, "YES")
    slicer.dicomDatabase._remember(series.uid, ((one.uid, one.path) for one in series.instances))
    _place(node, series)
    apply_display(node, series.role or image.modality)
    return node


def _name(series: SeriesInfo) -> str:
    number = line(series.instances[0].header, "SeriesNumber")
    described = series.description or "Unnamed series"
    return f"{number}: {described}" if number else described


def _place(node: Any, series: SeriesInfo) -> None:
    """Patient, study and series in the subject hierarchy, with the names Slicer gives them."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    header = series.instances[0].header
    patient_name = str(value(header, "PatientName") or "")
    study_uid = line(header, "StudyInstanceUID")
    patient_id = line(header, "PatientID") or patient_name or study_uid
    item = hierarchy.GetItemByDataNode(node)
    if not item:
        item = hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
    hierarchy.SetItemUID(item, "DICOM", series.uid)
    hierarchy.SetItemAttribute(item, "DICOM.Modality", series.modality)
    hierarchy.SetItemAttribute(item, "DICOM.SeriesNumber", line(header, "SeriesNumber"))
    logic = slicer.vtkSlicerSubjectHierarchyModuleLogic
    logic.InsertDicomSeriesInHierarchy(hierarchy, patient_id, study_uid, series.uid)
    study = hierarchy.GetItemParent(item)
    patient = hierarchy.GetItemParent(study)
    described = line(header, "StudyDescription") or "No study description"
    hierarchy.SetItemName(study, described)
    hierarchy.SetItemName(patient, patient_name or line(header, "PatientID"))
    hierarchy.SetItemAttribute(study, "DICOM.StudyInstanceUID", study_uid)
    hierarchy.SetItemAttribute(patient, "DICOM.PatientID", patient_id)
