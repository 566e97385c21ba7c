"""The DICOM teaching file: de-identified, valid, linked, marked, and its arrows in their place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from SynthCore.cli.main import main
from SynthCore.errors import InputError
from SynthCore.files.read import read
from SynthCore.teaching.case import Arrow, KeyImage
from SynthCore.teaching.dicom_file import TeachingFile, write_teaching_file
from SynthCore.teaching.study import Study, read_study
from Testing.dicom.validators import acquired_errors, entity_errors, require_dicom3tools
from Testing.dicom.validators import object_errors as errors_of_marked
from Testing.teaching.a_head import LESION, lesion

NAME, PATIENT = b"Phantom^Digital", b"PHANTOM-3"


@pytest.fixture(scope="module")
def dicom_study(a_study: Study) -> Study:
    """The case without the series that is no DICOM."""
    case = replace(
        a_study.case,
        series=(a_study.case.series[0], a_study.case.series[2]),
        author="Zoë Teacher",
        history="Größe 5 µm.",
    )
    return read_study(case)


@pytest.fixture(scope="module")
def made(dicom_study: Study, tmp_path_factory: pytest.TempPathFactory) -> TeachingFile:
    return write_teaching_file(
        tmp_path_factory.mktemp("dicom") / "file", dicom_study, pseudonym="CASE01"
    )


def everything(made: TeachingFile) -> list[Path]:
    return sorted(made.folder.rglob("*.dcm"))


def an_object(made: TeachingFile, name: str) -> Dataset:
    return pydicom.dcmread(made.folder / name)


def references(data: Dataset) -> Iterator[tuple[str, str]]:
    """Every keyword that ends with UID and its value, of a data set and of what is in it."""
    for element in data.iterall():
        if element.VR == "UI" and element.keyword.startswith("Referenced") and element.value:
            yield element.keyword, str(element.value)


def contents(data: Dataset, code: str) -> list[Dataset]:
    return [
        item for item in data.ContentSequence if item.ConceptNameCodeSequence[0].CodeValue == code
    ]


def test_it_holds_what_the_profile_asks_for(made: TeachingFile) -> None:
    assert made.images == 40  # two series of twenty; the sagittal one is the first cut otherwise
    assert set(made.objects) == {
        "segmentation.dcm", "key-image-1.dcm", "key-image-2.dcm", "information.dcm",
        "selection.dcm",
    }  # fmt: skip
    selection = an_object(made, "selection.dcm")
    title = selection.ConceptNameCodeSequence[0]
    assert (title.CodeValue, title.CodingSchemeDesignator, title.CodeMeaning) == (
        "TCE001", "IHERADTF", "For Teaching File Export",
    )  # fmt: skip
    named = {
        item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        for item in contents(selection, "260753009")
    }
    others = [path for path in everything(made) if path.name != "selection.dcm"]
    assert named == {str(pydicom.dcmread(path).SOPInstanceUID) for path in others}


def test_the_words_are_in_it_under_the_codes_of_the_profile(made: TeachingFile) -> None:
    report = an_object(made, "information.dcm")
    assert report.SOPClassUID.name == "Basic Text SR Storage"
    assert report.file_meta.MediaStorageSOPClassUID == report.SOPClassUID
    title = report.ConceptNameCodeSequence[0]
    assert (title.CodeValue, title.CodingSchemeDesignator) == ("TCE006", "IHERADTF")
    said = {code: [item.TextValue for item in contents(report, code)] for code in (
        "TCE101", "TCE104", "TCE105", "TCE106", "TCE107", "121060")}  # fmt: skip
    assert said == {
        "TCE101": ["Zoë Teacher"],
        "TCE104": ["A man with headache"],
        "TCE105": ["ring sign", "necrosis"],
        "TCE106": ["The ring is thick.\n\nIt is a tumor."],
        "TCE107": ["Glioma"],
        "121060": ["Größe 5 µm."],
    }
    (category,) = contents(report, "TCE109")
    assert category.ConceptCodeSequence[0].CodeValue == "TCE306"
    assert category.ConceptCodeSequence[0].CodeMeaning == "Neuro"


def test_nothing_of_the_patient_is_left(made: TeachingFile, dicom_study: Study) -> None:
    uids = {
        uid
        for one in dicom_study.series
        for image in (one.image, one.compare)
        if image is not None
        for uid in (*image.source.instance_uids, image.source.series_uid)
    }
    uids.add(str(dicom_study.series[0].image.source.headers[0].StudyInstanceUID))
    for path in everything(made):
        raw = path.read_bytes()
        assert NAME not in raw and PATIENT not in raw and b"20240506" not in raw
        assert not any(uid.encode() in raw for uid in uids)
        header = pydicom.dcmread(path, stop_before_pixels=True)
        assert header.PatientID == "CASE01" and header.PatientIdentityRemoved == "YES"


def test_every_link_leads_to_an_object_that_is_there(made: TeachingFile) -> None:
    files = [pydicom.dcmread(path, stop_before_pixels=True) for path in everything(made)]
    there = {str(one.SOPInstanceUID): one for one in files}
    assert len({one.StudyInstanceUID for one in files}) == 1
    seen = 0
    for one in files:
        if one.Modality in ("MR", "CT"):
            continue
        for keyword, uid in references(one):
            if keyword == "ReferencedSOPInstanceUID":
                seen += 1
                assert uid in there, (one.Modality, uid)
    assert seen > 45
    for item in an_object(made, "selection.dcm").CurrentRequestedProcedureEvidenceSequence:
        for series in item.ReferencedSeriesSequence:
            for instance in series.ReferencedSOPSequence:
                found = there[instance.ReferencedSOPInstanceUID]
                assert found.SeriesInstanceUID == series.SeriesInstanceUID
                assert found.SOPClassUID == instance.ReferencedSOPClassUID


def test_independent_judges_find_no_error(made: TeachingFile, tmp_path: Path) -> None:
    require_dicom3tools()
    own = [made.folder / name for name in made.objects]
    image = next(path for path in everything(made) if path.parent.parent.name == "images")
    assert errors_of_marked([*own, image], tmp_path) == []
    assert entity_errors(everything(made)) == []


def test_what_shows_synthetic_images_says_so(made: TeachingFile) -> None:
    for path in everything(made):
        header = pydicom.dcmread(path, stop_before_pixels=True)
        assert header.SyntheticData == "YES" and header.SeriesDescription.startswith("SYNTHETIC")


def test_the_mask_is_the_lesion_on_the_images(made: TeachingFile) -> None:
    seg = an_object(made, "segmentation.dcm")
    assert seg.SegmentSequence[0].SegmentLabel == "Tumor"
    assert int(np.count_nonzero(seg.pixel_array)) == int(lesion().sum())


def test_a_key_image_shows_its_window_and_points_at_the_lesion(made: TeachingFile) -> None:
    for name, arrows in (("key-image-1.dcm", 1), ("key-image-2.dcm", 0)):
        state = an_object(made, name)
        referred = state.ReferencedSeriesSequence[0].ReferencedImageSequence[0]
        image = pydicom.dcmread(
            next(p for p in everything(made) if p.stem == referred.ReferencedSOPInstanceUID)
        )
        x, y, z = (float(v) for v in image.ImagePositionPatient)
        assert z == LESION[2]
        if not arrows:
            assert "GraphicAnnotationSequence" not in state
            continue
        window = state.SoftcopyVOILUTSequence[0]
        assert (window.WindowCenter, window.WindowWidth) == (700, 900)
        drawn = state.GraphicAnnotationSequence[0]
        line = np.array(drawn.GraphicObjectSequence[0].GraphicData).reshape(-1, 2)
        rows, columns = (float(v) for v in image.PixelSpacing)
        tip = ((LESION[0] - x) / columns + 0.5, (LESION[1] - y) / rows + 0.5)
        assert np.hypot(*(line[1] - tip)) < 1.0 < np.hypot(*(line[0] - tip))
        assert drawn.TextObjectSequence[0].UnformattedTextValue == "Thick ring"


def test_a_mask_drawn_by_hand_on_acquired_images_is_not_marked(
    a_folder: Path, dicom_study: Study, tmp_path: Path
) -> None:
    acquired = tmp_path / "acquired"
    acquired.mkdir()
    for path in (a_folder / "T1c").iterdir():
        header = pydicom.dcmread(path)
        del header.SyntheticData
        header.ImageType = ["ORIGINAL", "PRIMARY", "M"]
        header.SeriesDescription, header.ImageComments = "T1", ""
        del header.ContributingEquipmentSequence
        del header.DerivationDescription, header.DerivationCodeSequence
        header.save_as(acquired / path.name)
    first = replace(dicom_study.case.series[0], path=str(acquired), compare="")
    study = read_study(
        replace(dicom_study.case, series=(first,), key_images=dicom_study.case.key_images[:1])
    )
    assert not study.synthetic
    made = write_teaching_file(tmp_path / "file", study, pseudonym="CASE02")
    for name in made.objects:
        data = an_object(made, name)
        assert "SyntheticData" not in data
        assert "SYNTHETIC" not in data.get("SeriesDescription", "")
    seg = an_object(made, "segmentation.dcm")
    assert seg.SegmentSequence[0].SegmentAlgorithmType == "MANUAL"
    assert b"SYNTHETIC" not in (made.folder / "segmentation.dcm").read_bytes()
    require_dicom3tools()
    assert acquired_errors(made.folder / name for name in made.objects) == []


def test_a_window_has_one_name(made: TeachingFile) -> None:
    """Not one of each of its letters."""
    states = [an_object(made, name) for name in made.objects if name.startswith("key-image")]
    windows = [state.SoftcopyVOILUTSequence[0] for state in states]
    names = [w.get("WindowCenterWidthExplanation") for w in windows]
    assert all(isinstance(w.WindowCenter, float) for w in windows)
    assert any(names) and all(name is None or isinstance(name, str) for name in names), names


def test_a_truth_says_what_drew_it(dicom_study: Study, made: TeachingFile, tmp_path: Path) -> None:
    from SynthCore.dicom.seg.read import algorithm_of
    from SynthCore.teaching.dicom_file import _made_by

    case = dicom_study.case
    assert _made_by(case) == ("MANUAL", "")
    assert _made_by(replace(case, truth_algorithm="NetSeg 2")) == ("AUTOMATIC", "NetSeg 2")
    by_a_net = an_object(made, "segmentation.dcm")
    by_a_net.SegmentSequence[0].SegmentAlgorithmType = "SEMIAUTOMATIC"
    by_a_net.SegmentSequence[0].SegmentAlgorithmName = "NetSeg 3"
    by_a_net.save_as(tmp_path / "net.dcm")
    assert algorithm_of(tmp_path / "net.dcm") == ("SEMIAUTOMATIC", "NetSeg 3")
    assert _made_by(replace(case, truth=str(tmp_path / "net.dcm"))) == (
        "SEMIAUTOMATIC", "NetSeg 3",
    )  # fmt: skip


def test_the_voxels_are_the_same(made: TeachingFile, dicom_study: Study) -> None:
    series = {p.parent for p in everything(made) if p.parent.parent.name == "images"}
    clean = [read(folder, modality="T1c").voxels for folder in sorted(series)]
    first = dicom_study.series[0].image.voxels
    assert any(np.array_equal(one, first) for one in clean)


def test_images_that_only_the_case_calls_synthetic_do_not_leave_unmarked(
    dicom_study: Study, tmp_path: Path
) -> None:
    first, *others = dicom_study.series
    unmarked = replace(first, image=replace(first.image, synthetic=""), synthetic=True)
    said = replace(dicom_study, series=(unmarked, *others))
    with pytest.raises(InputError, match="their files do not say so"):
        write_teaching_file(tmp_path / "file", said, pseudonym="CASE01")
    assert not (tmp_path / "file").exists()


def test_a_series_that_is_no_dicom_is_refused(a_study: Study, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="FLAIR are not DICOM"):
        write_teaching_file(tmp_path / "file", a_study, pseudonym="CASE01")
    assert not (tmp_path / "file").exists()


def test_what_cannot_be_drawn_is_told(dicom_study: Study, tmp_path: Path) -> None:
    x, y, z = LESION
    keys = (
        KeyImage("T1c sagittal", slice=25),
        KeyImage("T1c sagittal", arrows=(Arrow(LESION), Arrow((x, y, z - 24)))),
    )
    study = replace(dicom_study, case=replace(dicom_study.case, key_images=keys))
    made = write_teaching_file(tmp_path / "file", study, pseudonym="CASE01")
    assert any("Key image 1 is a reformatted slice" in note for note in made.notes)
    assert any("1 arrows of key image 2" in note for note in made.notes)


def test_the_command_writes_both(
    a_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (a_folder / "case.toml").read_text(encoding="utf-8").replace("FLAIR.nii.gz", "before")
    case = a_folder / "dicom-case.toml"
    case.write_text(text.replace('role = "FLAIR"', 'role = "T2"'), encoding="utf-8")
    out = tmp_path / "out"
    arguments = ["teach", str(case), "--out", str(out), "--dicom", "--html"]
    assert main([*arguments, "--pseudonym", "PHANTOM-3"]) == 2
    assert "identifier of the patient" in capsys.readouterr().err and not out.exists()
    assert main(arguments) == 0
    assert (out / "class-page.html").is_file()
    assert (out / "teaching-file" / "selection.dcm").is_file()
    assert "40 images" in capsys.readouterr().out
