"""What an archive lists in part, or cannot name, is not taken for all that there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from SynthCore.cli.main import main
from SynthCore.dicom.archive import FoundSeries, Query, connect, parse_address
from SynthCore.dicom.archive.complete import complete
from SynthCore.errors import ComputationError, InputError
from Testing.dicom.archive.orthanc import Orthanc, orthanc
from Testing.dicom.results import read_all

BOTH = pytest.mark.parametrize("protocol", ["web", "node"])

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # of such UIDs


def an_object(series: Path, **values: str) -> Dataset:
    """One of a patient, study and series of its own, unless another is named."""
    made = read_all(series)[0]
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    own = {"PatientID": "OTHER", "AccessionNumber": "O1", "StudyInstanceUID": generate_uid(),
           "SeriesInstanceUID": generate_uid()}  # fmt: skip
    given = own | values
    before = config.settings.writing_validation_mode
    config.settings.writing_validation_mode = config.IGNORE
    try:
        for keyword, value in given.items():
            setattr(made, keyword, value)
    finally:
        config.settings.writing_validation_mode = before
    return made


def search(archive: Orthanc, protocol: str, query: Query) -> tuple[FoundSeries, ...]:
    return connect(parse_address(getattr(archive, protocol))).search(query)


@pytest.mark.parametrize("choice", [[], ["--modality", "CT"]])
@BOTH
def test_a_study_that_is_listed_in_part_is_not_brought(
    protocol: str,
    choice: list[str],
    series: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    study = generate_uid()
    made = [an_object(series, StudyInstanceUID=study) for _ in range(4)]
    with orthanc(tmp_path / "orthanc", LimitFindResults=1) as limited:
        for one in made:
            limited.put(one)
        asked = ["fetch", "--from", getattr(limited, protocol), "--study", study]
        assert main([*asked, *choice]) == 4
        assert main([*asked, *choice, "--out", str(tmp_path / "back")]) == 4
        assert not (tmp_path / "back").exists()
        told = capsys.readouterr().err
        assert "of 4 series of a study" in told or "could not be searched to the end" in told
        assert study not in told
        named = [word for one in made for word in ("--series", str(one.SeriesInstanceUID))]
        assert main([*asked, *named, "--out", str(tmp_path / "back")]) == 0
    assert len(list((tmp_path / "back").rglob("*.dcm"))) == 4


def test_what_a_study_counts_is_held_against_its_series() -> None:
    def study(series: int, objects: int) -> dict[str, object]:
        return {"StudyInstanceUID": "1.2", "NumberOfStudyRelatedSeries": series,
                "NumberOfStudyRelatedInstances": objects}  # fmt: skip

    def of(*objects: int) -> list[dict[str, object]]:
        return [{"SeriesInstanceUID": f"1.2.{n}", "NumberOfSeriesRelatedInstances": count}
                for n, count in enumerate(objects)]  # fmt: skip

    def found(told: dict[str, object], answers: list[dict[str, object]]) -> int:
        return len(complete(Query(study_uid="1.2"), [told], lambda *_: answers, "here"))

    assert found(study(2, 8), of(3, 5)) == 2
    assert found(study(0, 0), of(3, 5)) == 2  # not told
    assert found(study(1, 5), of(3, 5)) == 2  # it grew meanwhile
    assert found(study(2, 9), of(3, 0)) == 2  # one does not tell
    with pytest.raises(ComputationError, match="lists 2 of 3 series"):
        found(study(3, 8), of(3, 5))
    with pytest.raises(ComputationError, match="lists 1 of 2 series"):
        found(study(2, 8), 2 * of(8))  # one of them twice
    with pytest.raises(ComputationError, match="series with 8 of 9 objects"):
        found(study(2, 9), of(3, 5))


@BOTH
def test_a_series_that_was_named_and_is_not_there(
    protocol: str, archive: Orthanc, series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = an_object(series)
    archive.put(made)
    study, there = str(made.StudyInstanceUID), str(made.SeriesInstanceUID)
    asked = ["fetch", "--from", getattr(archive, protocol), "--study", study, "--series"]
    assert main([*asked, there, "--series", there]) == 0
    assert main([*asked, there, "--series", "1.2.3"]) == 2
    assert "1 of 2 series asked for with --series not found" in capsys.readouterr().err
    assert main([*asked, there, "--modality", "MR"]) == 2
    assert "in that study and modality" in capsys.readouterr().err


@BOTH
def test_a_series_whose_uid_is_none_is_told_of(
    protocol: str, archive: Orthanc, series: Path
) -> None:
    study = generate_uid()
    good = an_object(series, StudyInstanceUID=study, Modality="MR")
    archive.put(good)
    archive.put(an_object(series, StudyInstanceUID=study, SeriesInstanceUID="1.2.3.a4"))
    with pytest.raises(ComputationError, match="1 series of what fits") as told:
        search(archive, protocol, Query(study_uid=study))
    assert "1.2.3.a4" not in str(told.value)
    one = Query(study_uid=study, series_uids=(str(good.SeriesInstanceUID),))
    assert len(search(archive, protocol, one)) == 1
    assert len(search(archive, protocol, Query(study_uid=study, modality="MR"))) == 1


@BOTH
def test_a_study_whose_uid_is_none_is_told_of(
    protocol: str, archive: Orthanc, series: Path
) -> None:
    archive.put(an_object(series, PatientID=f"LONG-{protocol}"))
    long = f"1.2.{'3' * 65}"
    archive.put(an_object(series, PatientID=f"LONG-{protocol}", StudyInstanceUID=long))
    with pytest.raises(ComputationError, match="1 study of what fits") as told:
        search(archive, protocol, Query(patient_id=f"LONG-{protocol}"))
    assert "LONG" not in str(told.value) and "333" not in str(told.value)


def test_points_alone_are_no_uid() -> None:
    for text in ("..", "1..2", ".1", "1.", "1." + 64 * "2"):
        with pytest.raises(InputError, match="no UID"):
            Query(study_uid=text)
