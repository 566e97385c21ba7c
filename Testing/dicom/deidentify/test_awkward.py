"""Two hundred awkward headers: nothing that identifies comes out, and everything still holds."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from SynthCore.dicom.deidentify import Deidentified, DeidentifyOptions, deidentify
from SynthCore.dicom.marks import missing_marks
from Testing.dicom import validators
from Testing.dicom.deidentify.awkward import Person, make_awkward
from Testing.dicom.deidentify.studies import base_study, with_new_uids

PATIENTS = 20
ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be", "iso2022_jp", "euc_kr", "iso2022_kr",
             "iso8859-5", "gb18030", "shift_jis")  # fmt: skip
SYNTAXES = (ExplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRLittleEndian,
            ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian)  # fmt: skip
GOES = ("ReferencedPatientSequence", "OriginalAttributesSequence", "RequestAttributesSequence",
        "EncryptedAttributesSequence", "OtherPatientIDsSequence")  # fmt: skip


class Case:
    """One patient's study before and after."""

    def __init__(self, folder: Path, study: list[Dataset], seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311
        who, other = Person(rng), Person(rng)
        self.headers = with_new_uids(study, seed)
        self.links = [list(links(header)) for header in self.headers]
        source = folder / f"source{seed}"
        source.mkdir()
        self.uids = {uid for each in self.links for _, uid in each}
        for number, header in enumerate(self.headers):
            make_awkward(header, who, other, rng)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                write(header, source / f"{who.family} {number:02d}.dcm", rng.choice(SYNTAXES))
        self.sources = tuple(source.iterdir())
        self.secrets = who.secrets | other.secrets
        options = DeidentifyOptions(keep_words=seed % 2 == 0)
        self.done: Deidentified = deidentify(
            [source], folder / f"out{seed}", pseudonym=f"CASE{seed:02d}", options=options
        )


def write(header: Dataset, path: Path, syntax: UID) -> None:
    header.file_meta.TransferSyntaxUID = syntax
    raw = any(isinstance(e, pydicom.dataelem.RawDataElement) for e in header._dict.values())
    if raw:  # as it came, with the value representations it came with
        header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    pydicom.dcmwrite(path, header, enforce_file_format=True)


def links(header: Dataset, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every UID of an instance with the place where it stands."""
    for element in header:
        if element.tag.is_private or element.keyword in GOES:
            continue
        place = (*path, element.keyword)
        if element.VR == "SQ":
            for number, item in enumerate(element.value):
                yield from links(item, (*place, str(number)))
        elif element.VR == "UI" and element.value:
            values = [element.value] if isinstance(element.value, str) else element.value
            for value in values:
                if not str(value).startswith("1.2.840.10008."):
                    yield place, str(value)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    folder = tmp_path_factory.mktemp("awkward")
    study = base_study(folder)
    return [Case(folder, study, seed) for seed in range(PATIENTS)]


def test_there_are_two_hundred(cases: list[Case]) -> None:
    assert sum(len(case.done.files) for case in cases) == 200


def test_the_sources_are_full_of_them(cases: list[Case]) -> None:
    for case in cases:
        data = b"".join(path.read_bytes() for path in case.sources)
        found = [secret for secret in case.secrets if secret.encode() in data]
        assert len(found) >= 10


def test_no_identifier_is_in_the_bytes(cases: list[Case]) -> None:
    for case in cases:
        forms = set()
        for secret in case.secrets:
            for text in (secret, secret.upper(), secret.lower()):
                for encoding in ENCODINGS:
                    try:
                        forms.add(text.encode(encoding))
                    except UnicodeError:
                        continue
        forms = {form for form in forms if len(form) >= 4}
        for path in case.done.files:
            data = path.read_bytes()
            assert not data[:128].strip(b"\0")
            found = [form for form in forms if form in data]
            assert not found, (path, found)
            assert not any(secret.lower() in str(path).lower() for secret in case.secrets)


def test_no_original_uid_is_in_the_bytes(cases: list[Case]) -> None:
    for case in cases:
        assert len(case.uids) > 15
        for path in case.done.files:
            data = path.read_bytes()
            assert not [uid for uid in case.uids if uid.encode() in data]


def test_links_between_objects_hold(cases: list[Case]) -> None:
    for case in cases:
        uid_map = case.done.uid_map
        for before, path in zip(case.links, case.done.files, strict=True):
            after = set(links(pydicom.dcmread(path)))
            expected = {(place, uid_map.get(uid, uid)) for place, uid in before}
            # those that were changed on purpose: emptied, and written anew
            gone = {place for place, uid in expected - after}
            assert gone <= {("FrameOfReferenceUID",), ("InstanceCreatorUID",)}, gone
        names = {path.stem for path in case.done.files}
        assert {uid_map[header.SOPInstanceUID] for header in case.headers} == names


def test_every_object_is_legal(cases: list[Case], tmp_path: Path) -> None:
    validators.require_dicom3tools()
    errors = []
    for case in cases:
        for path in case.done.files:
            header = pydicom.dcmread(path)
            header.SyntheticData = "YES"  # the judge drops it and asks that it is there
            copy = tmp_path / path.name
            pydicom.dcmwrite(copy, header)
            errors += validators.object_errors([copy], tmp_path)
    assert not errors


def test_synthetic_marks_are_still_there(cases: list[Case]) -> None:
    for case in cases:
        header = pydicom.dcmread(case.done.files[-1])
        assert missing_marks(header) == ()
        others = [pydicom.dcmread(path) for path in case.done.files[:-1]]
        assert not any("SyntheticData" in other for other in others)


def test_every_object_says_how_it_was_cleaned(cases: list[Case]) -> None:
    for case in cases:
        for path in case.done.files:
            header = pydicom.dcmread(path)
            assert header.PatientName == header.PatientID
            assert header.PatientIdentityRemoved == "YES"
            codes = [item.CodeValue for item in header.DeidentificationMethodCodeSequence]
            assert codes[0] == "113100"
            purpose = header.ContributingEquipmentSequence[-1].PurposeOfReferenceCodeSequence[0]
            assert purpose.CodeValue == "109104"
            assert not any(element.tag.is_private for element in header.iterall())
            assert "SourceApplicationEntityTitle" not in header.file_meta


def test_pixels_are_those_of_the_source(cases: list[Case]) -> None:
    for case in cases:
        for before, path in zip(case.headers, case.done.files, strict=True):
            if "PixelData" in before:
                assert pydicom.dcmread(path).PixelData == before.PixelData
