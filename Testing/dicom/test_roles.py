"""Roles from headers as scanners write them."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from SynthCore.dicom.roles import suggest_role
from SynthCore.tasks import ROLES
from Testing.dicom.odd_series import CLASSES, NAME, series, voxels


def mr(description: str, tr=None, te=None, ti=None, flip=None, seq="SE", **more) -> Dataset:
    variant = more.pop("variant", "SK")
    given = {"RepetitionTime": tr, "EchoTime": te, "InversionTime": ti, "FlipAngle": flip}
    timing = {keyword: number for keyword, number in given.items() if number is not None}
    return header(
        "MR",
        SeriesDescription=description,
        ScanningSequence=seq.split("+"),
        SequenceVariant=variant.split("+"),
        **timing,
        **more,
    )


def header(modality: str, **attributes) -> Dataset:
    ds = Dataset()
    ds.Modality, ds.PatientName = modality, NAME
    ds.SOPClassUID = CLASSES.get(modality, "")
    ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


GR = {"seq": "GR", "variant": "SP"}
MPR = {"seq": "GR+IR", "variant": "SP+MP"}
EP = {"seq": "EP"}

# header, role, certain
TABLE = [
    # spin echo and its kin
    (mr("AX T1 SE", 550, 12), "T1", True),
    (mr("SAG T1W_TSE", 620, 9.4), "T1", True),
    (mr("t1_se_tra", 480, 14, ContrastBolusAgent=""), "T1", True),
    (mr("AX T2 FSE", 4200, 98), "T2", True),
    (mr("T2W_TSE_FS", 3800, 80), "T2", True),
    (mr("t2_tse_tra_512", 6100, 101), "T2", True),
    (mr("COR PD TSE FS", 2600, 31), "PD", True),
    (mr("PDW_TSE", 3000, 20), "PD", True),
    (mr("HASTE cor", 1900, 92), "T2", True),
    (mr("", 520, 11), "T1", False),
    (mr("", 4000, 105), "T2", False),
    (mr("brain", None, None), None, False),
    # inversion
    (mr("AX FLAIR", 9000, 120, 2500, seq="SE+IR"), "FLAIR", True),
    (mr("t2_tirm_tra_dark-fluid", 9000, 89, 2500, seq="SE+IR"), "FLAIR", True),
    (mr("3D Sag CUBE T2 FLAIR", 6000, 112, 1850, seq="SE+IR"), "FLAIR", True),
    (mr("FLAIR_longTR", 11000, 125, seq="SE"), "FLAIR", True),
    (mr("T1 FLAIR SAG", 2200, 12, 860, seq="SE+IR"), "T1", True),
    (mr("3D DIR", 7500, 318, 3000, seq="SE+IR"), "DIR", True),
    (mr("", 9000, 120, 2500, seq="SE+IR"), None, False),
    (mr("COR STIR", 4500, 45, 160, seq="SE+IR"), None, True),
    (mr("t2 tirm knee", 4000, 40, 150, seq="SE+IR"), None, True),
    # gradient echo
    (mr("t1_mprage_sag_p2_iso", 1900, 2.5, 900, 9, **MPR), "T1", True),
    (mr("Ax BRAVO", 8.2, 3.2, 450, 12, **MPR), "T1", True),
    (mr("3D SPGR", 7.0, 2.9, None, 13, **GR), "T1", True),
    (mr("t1_fl2d_tra", 250, 2.5, None, 70, **GR), "T1", True),
    (mr("AX T2* GRE", 620, 20, None, 20, seq="GR"), None, True),
    (mr("", 28, 20, None, 15, **GR), None, False),
    # contrast
    (mr("AX T1 POST", 550, 12), "T1c", True),
    (mr("T1 +C", 550, 12), "T1c", True),
    (mr("T1W_SE_GD", 600, 14, ContrastBolusAgent="Gadovist 7 ml"), "T1c", True),
    (mr("t1_mprage_KM", 2000, 3.0, 900, 8, **MPR), "T1c", True),
    (mr("AX T1", 550, 12, ContrastBolusAgent="DOTAREM"), "T1c", True),
    (mr("AX T1 PRE", 550, 12, ContrastBolusAgent="DOTAREM"), "T1c", False),
    (mr("AX T1 w/o contrast", 550, 12), "T1", True),
    (mr("AX T1", 550, 12, ContrastBolusAgent="NONE"), "T1", True),
    (mr("T2 post contrast", 4200, 98), "T2", True),
    (mr("t1_mpr_tra_gk_v4", 1900, 2.97, 1100, 15, **MPR), "T1", False),
    (mr("T1 FAT SAT +C", 600, 12), "T1c", True),
    # words and numbers against each other
    (mr("AX T1 SE", 4200, 98), "T2", False),
    (mr("AX T2 FSE", 500, 12), "T1", False),
    (mr("FLAIR", 500, 10), "T1", False),
    (mr("PD T2 dual", 3000, 20), "PD", True),
    (mr("PD T2 dual", None, None), None, False),
    # no weighted image at all
    (mr("ep2d_diff_3scan_trace_p2", 3600, 90, **EP), None, True),
    (mr("ADC", 3600, 90, **EP), None, True),
    (mr("DWI b1000", 5000, 80, **EP), None, True),
    (mr("SWI_Images", 28, 20, None, 15, **GR), None, True),
    (mr("TOF_3D_multi-slab", 22, 3.7, None, 18, **GR), None, True),
    (mr("localizer", 8.6, 4, None, 20, **GR), None, True),
    (mr("3-plane loc", 5, 1.5, None, 40, **GR), None, True),
    (mr("ep2d_bold_moco", 2000, 30, **EP), None, True),
    (mr("", 2000, 30, **EP), None, True),
    (mr("perfusion DSC", 1500, 30, **EP), None, True),
    (mr("T1 SUB", 550, 12), None, True),
    (mr("AX T1 SE", 550, 12, ImageType=["DERIVED", "PRIMARY", "LOCALIZER"]), None, True),
    (mr("sub-01_T1w", 550, 12), "T1", True),
    # protocol name where the description tells nothing
    (mr("series 5", 550, 12, ProtocolName="t1_se_tra"), "T1", True),
    (mr("", 9000, 120, 2500, seq="SE+IR", ProtocolName="flair"), "FLAIR", True),
    # an agent that is denied, and parts of an image
    *((mr(line, 500, 10), "T1", True) for line in (
        "T1 ohne KM", "T1 vor KM", "T1 km-frei", "T1 sans gado", "T1 -Gd", "T1 CE-",
        "T1 before contrast", "T1 zonder contrast", "T1 POST OP")),
    (mr("T1 nach KM", 500, 10), "T1c", True),
    (mr("T1 post", 500, 10), "T1c", True),
    (mr("AX T1 -C+", 500, 10), "T1c", True),
    (mr("t1_vibe_dixon_tra_F", 500, 10, ImageType=["DERIVED", "PRIMARY", "DIXON", "FAT"]),
     "T1", False),
    (mr("T1 TSE", 500, 10, ImageType=["ORIGINAL", "PRIMARY", "R_FFE"]), "T1", False),
    (header("CT", SeriesDescription="CONE DOWN T BONE 0.6"), "CT", True),
    # CT, cone beam, PET, X-ray
    (header("CT", SeriesDescription="CT ABD/PEL", Manufacturer="SIEMENS"), "CT", True),
    (header("CT", SeriesDescription="Topogram 0.6", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]),
     None, True),
    (header("CT", Manufacturer="Varian Medical Systems", ManufacturerModelName="On-Board Imager"),
     "CBCT", True),
    (header("CT", Manufacturer="ELEKTA", ManufacturerModelName="XVI"), "CBCT", True),
    (header("CT", SeriesDescription="Fx 3 CBCT", Manufacturer="Varian Medical Systems"),
     "CBCT", True),
    (header("CT", Manufacturer="Varian Medical Systems", ManufacturerModelName="ARIA RTM"),
     "CBCT", False),
    (header("CT", SeriesDescription="Iodine map"), "CT", False),
    (header("CT", SeriesDescription="MIP THIN"), None, True),
    (header("PT", SeriesDescription="WB", CorrectedImage=["ATTN", "SCAT"]), "PET", True),
    (header("PT", SeriesDescription="WB NAC", CorrectedImage=["NORM", "DTIM"]), "PET", False),
    (header("DX", SOPClassUID="1.2.840.10008.5.1.4.1.1.1.1"), "XR", True),
    (header("RTSTRUCT", SOPClassUID="1.2.840.10008.5.1.4.1.1.481.3"), None, True),
    (header("CT", SOPClassUID="1.2.840.10008.5.1.4.1.1.7", SeriesDescription="Dose report"),
     None, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ds", "role", "certain"),
    TABLE,
    ids=[f"{n}-{t[0].get('SeriesDescription', '')[:18]}" for n, t in enumerate(TABLE)],
)
def test_role(ds, role, certain):
    suggestion = suggest_role(ds)
    assert (suggestion.role, suggestion.certain) == (role, certain), suggestion.reason
    assert suggestion.role is None or suggestion.role in ROLES
    assert suggestion.reason
    assert NAME not in suggestion.reason


def test_the_table_is_long_enough_and_holds_every_role_but_those_without_rules():
    assert len(TABLE) >= 40
    assert {role for _, role, _ in TABLE} == {*ROLES, None}


def test_a_contradiction_is_named():
    reason = suggest_role(mr("AX T1 SE", 4200, 98)).reason
    assert "t1" in reason
    assert "TR 4200 ms" in reason
    assert "T2" in reason


def test_a_synthetic_series_is_never_certain():
    ds = mr("AX T1 SE", 550, 12)
    ds.add_new(0x0008001C, "CS", "YES")
    suggestion = suggest_role(ds)
    assert (suggestion.role, suggestion.certain) == ("T1", False)
    assert "synthetic" in suggestion.reason


def test_timing_of_an_enhanced_object_is_in_its_functional_groups():
    ds = header(
        "MR", SOPClassUID=CLASSES["MR+"], EchoPulseSequence="SPIN", SeriesDescription="AX T2"
    )
    shared, timing, echo = Dataset(), Dataset(), Dataset()
    timing.RepetitionTime, echo.EffectiveEchoTime = 4000, 100
    shared.MRTimingAndRelatedParametersSequence, shared.MREchoSequence = [timing], [echo]
    ds.SharedFunctionalGroupsSequence = [shared]
    suggestion = suggest_role(ds)
    assert (suggestion.role, suggestion.certain) == ("T2", True)
    assert "TE 100 ms" in suggestion.reason


def test_broken_numbers_are_no_numbers_and_are_not_logged(tmp_path: Path, caplog, recwarn):
    path = series(tmp_path, voxels((1, 4, 4)), modality="MR", RepetitionTime=4711)[0]
    path.write_bytes(path.read_bytes().replace(b"4711", b"Jane"))
    ds = pydicom.dcmread(path, stop_before_pixels=True)
    ds.SeriesDescription = "AX T1"
    assert suggest_role(ds).role == "T1"
    assert not caplog.records
    assert not recwarn.list


@pytest.mark.data
def test_real_headers(real_data: Path):
    files = real_data / "dicom" / "pydicom_test_files"
    small = pydicom.dcmread(files / "CT_small.dcm", stop_before_pixels=True)
    assert suggest_role(small).role == "CT"
    old = pydicom.dcmread(files / "MR_small.dcm", stop_before_pixels=True)
    assert suggest_role(old).role == "T2"  # TR 4000 ms, TE 240 ms, no description
