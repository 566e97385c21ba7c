"""The Structured Report: what it says, what it points to, and what DICOM's own judge says of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from SynthCore.dicom.headers import is_synthetic
from SynthCore.dicom.marks import SCHEME
from SynthCore.dicom.rt.measurement_report import UNITS
from SynthCore.dicom.texts import LO, fit
from SynthCore.dicom.write import export_dicom
from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.files.verify import verify_folder
from SynthCore.image import Image, Source
from SynthCore.planning.acceptance import MEANINGS
from SynthCore.planning.finding import Finding
from SynthCore.planning.plan_check import PlanCheck, check
from SynthCore.planning.report_sr import code_of, structured_report, write_sr
from SynthCore.planning.study import Study
from Testing.dicom.results import NAME, headers, result_of
from Testing.dicom.validators import object_errors, require_dicom3tools
from Testing.planning.test_checks import BEAMS, leg, shifted, study


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, PlanCheck, Path]:
    """A synthetic series on disk made from an MR with headers, checked against a real CT."""
    real = leg()
    heads = headers(real.shape, real.affine)
    uids = tuple(str(h.SOPInstanceUID) for h in heads)
    source = Source("dicom", "", str(heads[0].SeriesInstanceUID), uids, tuple(heads))
    mr = Image(np.maximum(real.voxels + 1000, 0), real.affine, "T1", "1", source)
    folder = tmp_path_factory.mktemp("series")
    export_dicom(result_of(shifted(real, 20), inputs={"T1": mr}), folder, source=mr)
    made = read(folder, modality="CT")
    given = replace(study(made, real, mr), mr=mr)
    return given, check(given, beams=BEAMS), folder


def items(node: pydicom.Dataset) -> list[pydicom.Dataset]:
    """Every content item, from the root down."""
    found = [node]
    for child in node.get("ContentSequence", []):
        found += items(child)
    return found


def test_dciodvfy_finds_no_error(checked: tuple[Study, PlanCheck, Path], tmp_path: Path) -> None:
    require_dicom3tools()
    given, found, _ = checked
    undefined = Finding("image", "me_bone", "Mean signed error in bone", float("nan"), "HU", "fail",
                        "It is not defined here.", "within 20")  # fmt: skip
    some = replace(found, findings=(*found.findings, undefined))
    for observer in ("", "Jane Roe"):
        path = write_sr(tmp_path / f"report{observer[:4]}.dcm", given, some, checked_by=observer)
        assert object_errors([path], tmp_path) == []
        said = {i.get("TextValue") for i in items(pydicom.dcmread(path))}
        assert {"It is not defined here.", "within 20"} <= said, "though there is no number"


def test_every_figure_is_there_with_its_unit_and_light(
    checked: tuple[Study, PlanCheck, Path],
) -> None:
    given, found, _ = checked
    report = structured_report(given, found)
    numbers = [i for i in items(report) if i.ValueType == "NUM"]
    values = [float(i.MeasuredValueSequence[0].NumericValue) for i in numbers]
    wanted = [f for f in found.findings if np.isfinite(f.value)]
    assert values == pytest.approx([f.value for f in wanted], rel=1e-5)
    units = [i.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue for i in numbers]
    assert units == [UNITS.get(f.unit, ("1", ""))[0] for f in wanted]
    lights = [
        i.ConceptCodeSequence[0].CodeValue
        for i in items(report)
        if i.ValueType == "CODE" and i.ConceptNameCodeSequence[0].CodeValue == "result"
    ]
    # a bound of this program is told from a site's
    own = [f.light != "shown" and f.id not in found.acceptance.limits for f in found.findings]
    assert lights == [
        f"own_{f.light}" if ours else f.light for f, ours in zip(found.findings, own, strict=True)
    ]
    assert any(own) and not all(own)


def test_it_says_the_verdict_and_that_it_is_research(
    checked: tuple[Study, PlanCheck, Path],
) -> None:
    given, found, _ = checked
    report = structured_report(given, found)
    texts = [str(i.TextValue) for i in items(report) if i.ValueType == "TEXT"]
    assert found.verdict in texts
    assert any("not cleared for clinical use" in text for text in texts)
    assert any(given.synthetic.sha256() in text for text in texts)
    assert any("a-model 1.2.0" in text and "ab" * 32 in text for text in texts)
    assert not any("safe" in text.lower() for text in texts)


def test_it_belongs_to_the_synthetic_series_and_names_every_image(
    checked: tuple[Study, PlanCheck, Path],
) -> None:
    given, found, _ = checked
    report = structured_report(given, found)
    first = given.synthetic.source.headers[0]
    assert report.StudyInstanceUID == first.StudyInstanceUID
    assert report.PatientID == first.PatientID and report.PatientName == first.PatientName
    assert is_synthetic(report) and str(report.SeriesDescription).startswith("SYNTHETIC")
    evidence = {
        str(item.ReferencedSOPInstanceUID)
        for study_ in report.CurrentRequestedProcedureEvidenceSequence
        for series in study_.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }
    assert given.mr is not None
    assert evidence == {*given.synthetic.source.instance_uids, *given.mr.source.instance_uids}
    declared = [i.CodingSchemeDesignator for i in report.CodingSchemeIdentificationSequence]
    assert SCHEME in declared


def test_images_of_another_study_are_other_evidence(checked: tuple[Study, PlanCheck, Path]) -> None:
    given, found, _ = checked
    assert given.mr is not None
    heads = [pydicom.Dataset(h) for h in given.mr.source.headers]
    for head in heads:
        head.StudyInstanceUID = "1.2.3.4"
    mr = replace(given.mr, source=replace(given.mr.source, headers=tuple(heads)))
    report = structured_report(replace(given, mr=mr), found)
    assert [s.StudyInstanceUID for s in report.PertinentOtherEvidenceSequence] == ["1.2.3.4"]


def test_it_is_not_put_among_the_files_that_verify_counts(
    checked: tuple[Study, PlanCheck, Path], tmp_path: Path
) -> None:
    given, found, folder = checked
    with pytest.raises(InputError, match="beside that folder"):
        write_sr(folder / "report.dcm", given, found)
    assert verify_folder(folder).ok
    path = write_sr(tmp_path / "report.dcm", given, found)
    with pytest.raises(InputError, match="already"):
        write_sr(path, given, found)


def test_names_in_any_script_come_back(
    checked: tuple[Study, PlanCheck, Path], tmp_path: Path
) -> None:
    given, found, _ = checked
    name = "\N{GREEK SMALL LETTER MU}\N{CJK UNIFIED IDEOGRAPH-4E2D}"
    one = Finding("image", "me_bone", f"Mean signed error in {name}", 1.0, "HU", "pass", name)
    path = write_sr(tmp_path / "report.dcm", given, replace(found, findings=(one,)))
    back = pydicom.dcmread(path)
    assert str(back.PatientName) == NAME
    assert name in [str(i.TextValue) for i in items(back) if i.ValueType == "TEXT"]


def test_no_library_quotes_a_patient_in_a_warning(
    checked: tuple[Study, PlanCheck, Path], recwarn: pytest.WarningsRecorder
) -> None:
    given, found, _ = checked
    heads = [pydicom.Dataset(h) for h in given.synthetic.source.headers]
    for head in heads:
        head.PatientName = "ONEPART"
    made = replace(given.synthetic, source=replace(given.synthetic.source, headers=tuple(heads)))
    report = structured_report(replace(given, synthetic=made), found)
    assert report.PatientName == "ONEPART"
    assert not [w for w in recwarn if "ONEPART" in str(w.message)]


def test_without_dicom_it_is_refused_in_a_sentence(tmp_path: Path) -> None:
    given = study(leg(), leg())
    with pytest.raises(InputError, match="belongs to a DICOM series"):
        write_sr(tmp_path / "a.dcm", given, check(given, beams=BEAMS))


def test_no_two_checks_share_a_code() -> None:
    codes = {name: code_of(name) for name in MEANINGS}
    assert len(set(codes.values())) == len(MEANINGS)
    assert all(len(code) <= 16 for code in codes.values())
    assert len({fit(meaning, LO) for meaning in MEANINGS.values()}) == len(MEANINGS)
