"""Coded entries and structured reports: what says who the subject is goes, what is public stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from Testing.dicom.deidentify.single import REPORT, cleaned, code, other_kind, small


def content(value_type: str, concept: Dataset, **values: Any) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", value_type
    item.ConceptNameCodeSequence = [concept]
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def report() -> Dataset:
    years = Dataset()
    years.NumericValue, years.MeasurementUnitsCodeSequence = "97", [code("a", "UCUM", "year")]
    header = other_kind(REPORT, "SR")
    header.StudyDate = "20240102"
    header.ValueType, header.ContinuityOfContent = "CONTAINER", "SEPARATE"
    header.ConceptNameCodeSequence = [code("126000", "DCM", "Imaging Measurement Report")]
    header.CompletionFlag, header.VerificationFlag = "COMPLETE", "UNVERIFIED"
    header.ContentSequence = [
        content("DATE", code("121031", "DCM", "Subject Birth Date"), Date="19420317"),
        content("NUM", code("121033", "DCM", "Subject Age"), MeasuredValueSequence=[years]),
        content(
            "CODE",
            code("121032", "DCM", "Subject Sex"),
            ConceptCodeSequence=[code("F", "DCM", "Female")],
        ),
        content("DATE", code("111060", "DCM", "Study Date"), Date="20240102"),
    ]
    return header


@pytest.mark.parametrize("dates", ["remove", "keep", "shift"])
def test_the_birth_date_of_a_report_goes(tmp_path: Path, dates: str) -> None:
    days = {"shift_days": -9} if dates == "shift" else {}
    after, data = cleaned(tmp_path, report(), dates=dates, **days)
    assert b"19420317" not in data and b"19420308" not in data
    assert after.ContentSequence[0].Date == "19000101"
    expected = {"remove": "19000101", "keep": "20240102", "shift": "20231224"}[dates]
    assert after.ContentSequence[3].Date == expected


def test_a_birth_date_under_an_unknown_concept_goes_too(tmp_path: Path) -> None:
    header = report()
    header.ContentSequence[0].ConceptNameCodeSequence = [code("DOB", "99LOCAL", "born")]
    after, data = cleaned(tmp_path, header, dates="keep")
    assert b"19420317" not in data and after.ContentSequence[3].Date == "20240102"


def test_age_and_sex_of_a_report_go(tmp_path: Path) -> None:
    after, _ = cleaned(tmp_path, report())
    assert not after.ContentSequence[1].MeasuredValueSequence
    assert after.ContentSequence[2].ConceptCodeSequence[0].CodeValue == "REMOVED"


def test_age_and_sex_of_a_report_are_kept_on_request(tmp_path: Path) -> None:
    after, _ = cleaned(tmp_path, report(), keep_characteristics=True)
    assert float(after.ContentSequence[1].MeasuredValueSequence[0].NumericValue) == 90
    assert after.ContentSequence[2].ConceptCodeSequence[0].CodeMeaning == "Female"


def test_codes_of_an_institution_go(tmp_path: Path) -> None:
    header = small()
    named = Dataset()
    named.URNCodeValue, named.CodeMeaning = "urn:mercyfield:5551234", "Jane Haldorsen"
    header.ProcedureCodeSequence = [code("JHALDORSEN", "99MERCYFIELD", "CT head Dr Haldorsen")]
    header.AnatomicRegionSequence = [code("T-D4000", "SRT", "Abdomen of Haldorsen 5551234")]
    header.ReasonForRequestedProcedureCodeSequence = [named]
    header.ViewCodeSequence = [code("JHALDORSEN", "DCM", "view"), named]
    after, data = cleaned(tmp_path, header)
    assert not [w for w in (b"haldorsen", b"mercyfield", b"5551234") if w in data]
    region = after.AnatomicRegionSequence[0]
    assert region.CodeValue == "T-D4000" and region.CodeMeaning.startswith("Abdom")
    assert {item.CodingSchemeDesignator for item in after.ViewCodeSequence} == {"99REMOVED"}


def test_the_same_local_code_stays_the_same(tmp_path: Path) -> None:
    header = small()
    header.ViewCodeSequence = [code(v, "99LOCAL", "x") for v in ("A1", "A1", "B2")]
    first, again, other = cleaned(tmp_path, header)[0].ViewCodeSequence
    assert first.CodeValue == again.CodeValue != other.CodeValue


def test_a_published_code_is_never_taken_for_a_name(tmp_path: Path) -> None:
    header = report()
    header.PatientName, header.InstitutionName = "Imaging^Measurement", "DCM"
    header.AccessionNumber, header.StationName = "126000", "UCUM"
    after, _ = cleaned(tmp_path, header, keep_characteristics=True)
    title = after.ConceptNameCodeSequence[0]
    assert (title.CodeValue, title.CodingSchemeDesignator, title.CodeMeaning) == (
        "126000", "DCM", "Imaging Measurement Report",
    )  # fmt: skip
    units = after.ContentSequence[1].MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0]
    assert (units.CodeValue, units.CodingSchemeDesignator) == ("a", "UCUM")


def test_the_uid_of_a_coding_scheme_of_an_institution_goes(tmp_path: Path) -> None:
    header = small()
    item = code("T-D4000", "SRT", "Abdomen")
    item.CodingSchemeUID = "1.2.276.0.99999.77.1"
    header.AnatomicRegionSequence = [item]
    assert b"1.2.276.0.99999" not in cleaned(tmp_path, header)[1]
