"""Names, numbers and dates in attributes that are kept, however they are written there."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from Testing.dicom.deidentify.single import cleaned, other_kind, small


@pytest.mark.parametrize(
    ("keyword", "said", "left"),
    [
        ("ConvolutionKernel", "Smithson B30 Li", "B30"),
        ("FilterType", "MRN1234567", "REMOVED"),
        ("FilterType", "FLAT 12345-67", "FLAT"),
        ("SoftwareVersions", "VA1 SN98765", "VA1"),
        ("SoftwareVersions", "VA1 JSmithson", "VA1"),
        ("SoftwareVersions", "VA1 smithson-jones's", "VA1 's"),
        ("ManufacturerModelName", "Scan Mu\u0308llerwein", "Scan"),
        ("ManufacturerModelName", "Scan MUELLERWEIN", "Scan"),
        ("ManufacturerModelName", "Scan Mullerwein", "Scan"),
        ("ManufacturerModelName", "Scan of Mercyfield", "Scan of"),
        ("SequenceName", "*fl3d1 Zoe", "*fl3d1"),
        ("ConvolutionKernel", "FLÜSSIG soft", "FLÜSSIG soft"),
    ],
)
def test_names_in_technical_text(tmp_path: Path, keyword: str, said: str, left: str) -> None:
    header = small()
    header.SpecificCharacterSet = "ISO_IR 192"
    header.PatientName, header.OtherPatientNames = "Smithson-Jones^Li", "Müllerwein^Zoë"
    header.ReferringPhysicianName = "Lü^Bo"
    header.InstitutionName, header.DeviceSerialNumber = "Mercyfield General", "98765"
    setattr(header, keyword, said)
    after, _ = cleaned(tmp_path, header)
    assert after[keyword].value == left


@pytest.mark.parametrize(
    "keyword",
    ["ReconstructionMethod", "AttenuationCorrectionMethod", "ScatterCorrectionMethod",
     "ProcessingFunction", "TransducerData"],
)  # fmt: skip
def test_text_of_free_form_is_kept_by_its_words(tmp_path: Path, keyword: str) -> None:
    header = small()
    setattr(header, keyword, "OSEM3D 4i16s for Haldorsen 5551234")
    after, data = cleaned(tmp_path, header)
    assert after[keyword].value == "OSEM3D 4i16s for"
    assert b"haldorsen" not in data and b"5551234" not in data


def test_makers_are_kept_though_a_patient_is_called_so(tmp_path: Path) -> None:
    header = small()
    header.PatientName, header.Manufacturer = "Philip^Canon", "Philips Medical Systems"
    assert cleaned(tmp_path, header)[0].Manufacturer == "Philips Medical Systems"


@pytest.mark.parametrize(
    "said",
    ["20190405", "05.04.2019", "5 Apr 2019", "5-April-2019", "Apr 5, 2019", "05/04/19", "190405",
     "2019-04-05T10:00"],
)  # fmt: skip
@pytest.mark.parametrize("day", ["20190405", "2019.04.05"])
def test_dates_in_text(tmp_path: Path, day: str, said: str) -> None:
    header = small()
    header.add_new(0x00080022, "DA", day)
    header.SoftwareVersions = f"v {said}"
    kept = cleaned(tmp_path, header)[0].SoftwareVersions
    assert kept in ("v", "v T10:00")


def test_uids_in_text(tmp_path: Path) -> None:
    header = small()
    header.FrameOfReferenceUID = "1.2.3.4"
    uids = ("1.2.276.0.7230010.3.1.4.8323329.999", "1.2.276.0.7230010.3.9", "1.2.3.4")
    header.SoftwareVersions = [f"v_{uids[0]}", f"{uids[1]}.dcm", uids[2], "4.2.1.7"]
    after, data = cleaned(tmp_path, header)
    assert not [uid for uid in uids if uid.encode() in data]
    assert after.SoftwareVersions[3] == "4.2.1.7"


def test_names_in_code_strings(tmp_path: Path) -> None:
    header = small()
    header.BodyPartExamined, header.PatientPosition = "JSMITHSON", "SMITHSON"
    header.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL", "MRN1234567"]
    header.ScanOptions = "JOHNSMITHSON"
    header.add_new(0x00041130, "CS", "HALDORSEN 1971")
    header.add_new(0x00041500, "CS", ["HALDORSE", "IM1"])
    after, data = cleaned(tmp_path, header)
    assert not [w for w in (b"smithson", b"1234567", b"haldorse") if w in data]
    assert after.ImageType[:3] == ["ORIGINAL", "PRIMARY", "AXIAL"]


def test_layers_become_numbers_and_stay_the_same(tmp_path: Path) -> None:
    header = other_kind("1.2.840.10008.5.1.4.1.1.11.1", "PR")
    header.ContentLabel = "HALDORSENJ"
    layer, annotation = Dataset(), Dataset()
    layer.GraphicLayer, layer.GraphicLayerOrder = "DRHALDORSEN", 1
    annotation.GraphicLayer = "DRHALDORSEN"
    header.GraphicLayerSequence, header.GraphicAnnotationSequence = [layer], [annotation]
    after, data = cleaned(tmp_path, header)
    assert b"haldorsen" not in data
    assert after.GraphicLayerSequence[0].GraphicLayer == "PART1"
    assert after.GraphicAnnotationSequence[0].GraphicLayer == "PART1"


def test_words_of_imaging_may_be_a_name(tmp_path: Path) -> None:
    header = small()
    header.PatientName, header.BodyPartExamined = "ABDOMEN^Test", "ABDOMEN"
    header.StationName = "CARDIAC"
    assert cleaned(tmp_path, header)[0].BodyPartExamined == "ABDOMEN"


def test_placeholders_are_no_names(tmp_path: Path) -> None:
    header = small("MR")
    header.ReferringPhysicianName, header.OperatorsName = "NONE", "UNKNOWN"
    header.PatientName, header.SequenceVariant = "OTHER^PRIMARY", "NONE"
    header.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    after, _ = cleaned(tmp_path, header)
    assert after.SequenceVariant == "NONE"
    assert after.ImageType == ["ORIGINAL", "PRIMARY", "OTHER"]


@pytest.mark.parametrize(
    ("name", "keyword", "said", "left"),
    [
        ("Doe^Jane", "SoftwareVersions", "v1 doejane", "v1"),
        ("Doe^Jane", "ConvolutionKernel", "JANEDOE_B30", "REMOVED"),
        ("Li^Wei", "ConvolutionKernel", "LIWEI_ soft", "soft"),
        ("Ng^An", "ConvolutionKernel", "NgAn soft", "soft"),
        ("Doe^Jane", "ConvolutionKernel", "Janeway soft", "Janeway soft"),
    ],
)
def test_short_names_written_together(
    tmp_path: Path, name: str, keyword: str, said: str, left: str
) -> None:
    header = small()
    header.PatientName = name
    setattr(header, keyword, said)
    after, _ = cleaned(tmp_path, header)
    assert after[keyword].value == left


def test_numbers_that_devices_count_from_the_patients_number(tmp_path: Path) -> None:
    header = small()
    header.PatientID, header.PatientBirthDate = "04711815", "19520917"
    header.AccessionNumber, header.StudyDate = "20140512", "20140512"
    header.SeriesNumber, header.InstanceNumber = 4711815, 20140512
    header.AcquisitionNumber, header.DataCollectionDiameter = 520917, 4711815
    header.XRayTubeCurrent = 471
    after, _ = cleaned(tmp_path, header)
    numbers = {after.SeriesNumber, after.InstanceNumber, after.AcquisitionNumber}
    assert numbers == {1, 2, 3}
    assert "DataCollectionDiameter" not in after
    assert after.XRayTubeCurrent == 471


def test_regions_keep_numbers_that_tell_them_apart(tmp_path: Path) -> None:
    header = other_kind("1.2.840.10008.5.1.4.1.1.481.3", "RTSTRUCT")
    header.InstanceNumber, header.StructureSetLabel = 2, "x"
    rois, seen = [], []
    for number in (1, 1234567):  # the second is the patient's
        roi, of = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName = number, "Smithson"
        of.ReferencedROINumber, of.ObservationNumber = number, number
        rois.append(roi)
        seen.append(of)
    header.StructureSetROISequence, header.RTROIObservationsSequence = rois, seen
    after, data = cleaned(tmp_path, header)
    assert b"1234567" not in data
    assert [roi.ROINumber for roi in after.StructureSetROISequence] == [1, 3]
    assert [roi.ROIName for roi in after.StructureSetROISequence] == ["ROI 1", "ROI 3"]
    assert [of.ReferencedROINumber for of in after.RTROIObservationsSequence] == [1, 3]
