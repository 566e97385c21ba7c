"""A small study of every kind of object, legal and linked, to make awkward."""

from __future__ import annotations

import copy
from datetime import datetime
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pydicom.data
from highdicom.sr.coding import CodedConcept
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from SynthCore.dicom.phantom import PhantomStudy, ct_header, write_series
from SynthCore.image import Image

PACKAGED = Path(pydicom.data.__file__).parent / "test_files"
"""Files that come with pydicom; asking pydicom for them by name would go to the network."""


def base_study(scratch: Path) -> list[Dataset]:
    """Three CT slices and what refers to them, two MR, an RT plan and two synthetic slices."""
    slices = [_ct(k) for k in range(3)]
    evidence = [_segmentation(slices), _key_object(slices), _presentation(slices), _report(slices)]
    mr = _read("MR_small.dcm")
    mr.PatientPosition = "HFS"
    return [*slices, *evidence, mr, _read("rtplan.dcm"), _synthetic(scratch)]


def with_new_uids(study: list[Dataset], seed: int) -> list[Dataset]:
    """A copy of the study with other UIDs, its links as they were."""
    made: dict[str, str] = {}

    def renew(_: Dataset, element: pydicom.DataElement) -> None:
        if element.VR == "UI" and not str(element.value).startswith("1.2.840.10008."):
            old = str(element.value)
            element.value = made.setdefault(old, generate_uid(entropy_srcs=[old, str(seed)]))

    copies = []
    for header in study:
        other = copy.deepcopy(header)
        other.walk(renew)
        other.file_meta.MediaStorageSOPInstanceUID = other.SOPInstanceUID
        copies.append(other)
    return copies


def _read(name: str) -> Dataset:
    header = pydicom.dcmread(PACKAGED / name)
    header.remove_private_tags()
    return header


def _ct(k: int) -> Dataset:
    header = _read("CT_small.dcm")
    header.SOPInstanceUID = generate_uid(entropy_srcs=[f"slice {k}"])
    header.InstanceNumber = k + 1
    header.StudyDate, header.StudyTime = "20040119", "072730"
    x, y, z = map(float, header.ImagePositionPatient)
    header.ImagePositionPatient = [x, y, z + 5.0 * k]
    del header[0xFFFCFFFC]
    return header


def _equipment() -> dict[str, str]:
    return {
        "manufacturer": "Maker",
        "manufacturer_model_name": "Model",
        "software_versions": "1",
        "device_serial_number": "SN-778812",
    }


def _finish(header: Dataset) -> Dataset:
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return header


def _segmentation(slices: list[Dataset]) -> Dataset:
    algorithm = hd.AlgorithmIdentificationSequence(
        name="threshold", family=CodedConcept("123109", "DCM", "Manual Processing"), version="1"
    )
    brain = CodedConcept("12738006", "SCT", "Brain")
    described = hd.seg.SegmentDescription(
        1, "Lesion of Jane Doe", CodedConcept("49755003", "SCT", "Morphologically abnormal"),
        brain, hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC, algorithm,
    )  # fmt: skip
    mask = np.zeros((len(slices), 128, 128), np.uint8)
    mask[:, 40:60, 50:70] = 1
    return _finish(
        hd.seg.Segmentation(
            slices, mask, hd.seg.SegmentationTypeValues.BINARY, [described], generate_uid(), 30,
            generate_uid(), 1, **_equipment(), content_creator_name="Drawer^Dora",
        )
    )  # fmt: skip


def _key_object(slices: list[Dataset]) -> Dataset:
    title = CodedConcept("113004", "DCM", "For Teaching")
    content = hd.ko.KeyObjectSelection(title, slices[:2], description="best of Jane Doe")
    return _finish(
        hd.ko.KeyObjectSelectionDocument(
            slices, content, generate_uid(), 31, generate_uid(), 1, manufacturer="Maker",
            institution_name="Saint Elsewhere Hospital",
        )
    )  # fmt: skip


def _presentation(slices: list[Dataset]) -> Dataset:
    text = hd.pr.TextObject(
        "Jane Doe 1970", units=hd.pr.AnnotationUnitsValues.PIXEL, anchor_point=(30, 30)
    )
    arrow = hd.pr.GraphicObject(
        hd.pr.GraphicTypeValues.POLYLINE, np.array([[10, 10], [30, 30]]),
        hd.pr.AnnotationUnitsValues.PIXEL,
    )  # fmt: skip
    layer = hd.pr.GraphicLayer("ARROWS", 1, description="arrows by Dora Drawer")
    annotation = hd.pr.GraphicAnnotation(
        slices, layer, graphic_objects=[arrow], text_objects=[text]
    )
    return _finish(
        hd.pr.GrayscaleSoftcopyPresentationState(
            slices, generate_uid(), 32, generate_uid(), 1, **_equipment(), content_label="ARROWS",
            graphic_annotations=[annotation], graphic_layers=[layer],
            content_creator_name="Drawer^Dora",
        )
    )  # fmt: skip


def _report(slices: list[Dataset]) -> Dataset:
    author = hd.sr.PersonObserverIdentifyingAttributes("Drawer^Dora")
    context = hd.sr.ObservationContext(
        hd.sr.ObserverContext(CodedConcept("121006", "DCM", "Person"), author)
    )
    source = hd.sr.SourceImageForMeasurementGroup(slices[0].SOPClassUID, slices[0].SOPInstanceUID)
    group = hd.sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(generate_uid(), "lesion of Jane Doe"),
        source_images=[source],
        measurements=[
            hd.sr.Measurement(
                CodedConcept("118565006", "SCT", "Volume"), 3.5, CodedConcept("mm3", "UCUM", "mm3")
            )
        ],
    )
    content = hd.sr.MeasurementReport(
        context, CodedConcept("77477000", "SCT", "CT"), imaging_measurements=[group]
    )
    return _finish(
        hd.sr.Comprehensive3DSR(
            slices, content, generate_uid(), 33, generate_uid(), 1, manufacturer="Maker",
            institution_name="Saint Elsewhere Hospital", is_complete=True, is_verified=True,
            verifying_observer_name="Drawer^Dora", verifying_organization="Saint Elsewhere",
        )
    )  # fmt: skip


def _synthetic(scratch: Path) -> Dataset:
    voxels = np.random.default_rng(0).integers(-100, 100, (1, 16, 16)).astype(np.float32)
    image = Image(voxels, np.diag((1.0, 1.0, 2.0, 1.0)), modality="CT")
    study = PhantomStudy(1, generate_uid(), generate_uid(), datetime(2024, 5, 6, 7, 8, 9))
    write_series(scratch / "phantom", image, ct_header("CT of Jane Doe", 1.0), study, 1)
    return pydicom.dcmread(scratch / "phantom" / "0001.dcm")
