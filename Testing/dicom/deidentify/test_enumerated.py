"""Terms of the standard stay, whoever is called so; what is no term of its attribute does not."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset

from SynthCore.dicom.deidentify.enumerated import ENUMERATED, is_enumerated
from SynthCore.dicom.deidentify.options import DeidentifyOptions
from SynthCore.dicom.deidentify.rules import TECHNICAL
from SynthCore.dicom.deidentify.study import deidentify
from SynthCore.dicom.rt.plan import read_plan
from SynthCore.dicom.rt.structures import read_structures
from Testing.dicom.deidentify.single import other_kind, save, small


def out_of(folder: Path, header: Dataset) -> Path:
    (path,) = deidentify(
        [save(folder / "source", header)], folder / "out", pseudonym="CASE01",
        options=DeidentifyOptions(),
    ).files  # fmt: skip
    return path


@pytest.mark.parametrize(
    "institution",
    ["Proton Therapy Center", "Cancer Treatment Centers of the North", "Static Dynamic Clinic"],
)
def test_a_plan_can_be_read_whatever_the_center_is_called(institution: str, tmp_path: Path) -> None:
    plan = other_kind("1.2.840.10008.5.1.4.1.1.481.5", "RTPLAN")
    plan.InstitutionName, plan.RTPlanLabel, plan.RTPlanGeometry = institution, "x", "PATIENT"
    beam, point = Dataset(), Dataset()
    beam.BeamNumber, beam.BeamName, beam.BeamType = 1, "a", "STATIC"
    beam.RadiationType, beam.TreatmentDeliveryType = "PROTON", "TREATMENT"
    point.ControlPointIndex, point.GantryAngle, point.GantryRotationDirection = 0, 0, "NONE"
    beam.ControlPointSequence, plan.BeamSequence = [point], [beam]
    path = out_of(tmp_path, plan)
    assert len(read_plan(path).beams) == 1
    assert pydicom.dcmread(path).BeamSequence[0].RadiationType == "PROTON"


@pytest.mark.parametrize("operator", ["Close^Ann", "Plana^Jo", "Organ^Eve"])
def test_contours_can_be_read_whatever_the_operator_is_called(
    operator: str, tmp_path: Path
) -> None:
    made = other_kind("1.2.840.10008.5.1.4.1.1.481.3", "RTSTRUCT")
    made.OperatorsName = operator
    roi, seen, contour, of = Dataset(), Dataset(), Dataset(), Dataset()
    roi.ROINumber, roi.ROIName = 1, "PTV"
    seen.ObservationNumber, seen.ReferencedROINumber, seen.ROIInterpreter = 1, 1, operator
    seen.RTROIInterpretedType = "ORGAN"
    contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", 3
    contour.ContourData = [0, 0, 0, 1, 0, 0, 1, 1, 0]
    of.ReferencedROINumber, of.ContourSequence = 1, [contour]
    made.StructureSetROISequence, made.RTROIObservationsSequence = [roi], [seen]
    made.ROIContourSequence = [of]
    path = out_of(tmp_path, made)
    (read,) = read_structures(path).structures
    assert read.kind == "ORGAN" and operator.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ("name", "keyword", "term"),
    [
        ("Hu^Wei", "RescaleType", "HU"),
        ("Hu^Wei", "ModalityLUTType", "HU"),
        ("Start^Jo", "DecayCorrection", "START"),
        ("Haldorsen^Eve", "RescaleType", "HALDORSEN"),
    ],
)
def test_values_mean_what_they_meant_whatever_the_patient_is_called(
    name: str, keyword: str, term: str, tmp_path: Path
) -> None:
    made = small("CT")
    made.PatientName = name
    setattr(made, keyword, term)
    kept = pydicom.dcmread(out_of(tmp_path, made))[keyword].value
    assert kept == ("REMOVED" if term == "HALDORSEN" else term)


def test_a_name_that_is_no_term_goes_from_the_same_attribute(tmp_path: Path) -> None:
    made = small("CT")
    made.OperatorsName, made.ScanOptions = "Haldorsen^Eve", ["HELICAL", "HALDORSEN", "EVE"]
    path = out_of(tmp_path, made)
    assert pydicom.dcmread(path).ScanOptions[0] == "HELICAL"
    assert b"haldorsen" not in path.read_bytes().lower()


@pytest.mark.parametrize(
    ("keyword", "term"),
    [
        ("LossyImageCompression", "00"),
        ("SequenceVariant", "MTC"),
        ("PatientOrientation", ["AF", "PH"]),
        ("ImageType", ["ORIGINAL", "PRIMARY", "AXIAL"]),
    ],
)
def test_terms_stay_that_are_a_number_of_the_study_too(
    keyword: str, term: str | list[str], tmp_path: Path
) -> None:
    made = small("MR")
    made.StudyID = term if isinstance(term, str) else term[0]
    setattr(made, keyword, term)
    assert pydicom.dcmread(out_of(tmp_path, made))[keyword].value == term


@pytest.mark.parametrize(("resource", "left"), [("DCMR", "1500"), ("LOCAL", "REMOVED")])
def test_the_template_of_a_report_stays(resource: str, left: str, tmp_path: Path) -> None:
    made, of = small("CT"), Dataset()
    made.AccessionNumber = "1500"
    of.MappingResource, of.TemplateIdentifier = resource, "1500"
    made.ContentTemplateSequence = [of]
    (item,) = pydicom.dcmread(out_of(tmp_path, made)).ContentTemplateSequence
    assert (item.MappingResource, item.TemplateIdentifier) == (resource, left)


@pytest.mark.parametrize("keyword", ENUMERATED)
def test_terms_are_of_texts_that_are_looked_through(keyword: str) -> None:
    assert dictionary_VR(keyword) == "CS" or keyword in TECHNICAL
    assert all(len(term) <= 16 and term == term.upper() for term in ENUMERATED[keyword])
    assert not is_enumerated(keyword, "HALDORSEN") and not is_enumerated(keyword, "")
