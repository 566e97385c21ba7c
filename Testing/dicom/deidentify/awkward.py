"""Ways in which real headers are awkward, each hiding something that must not come out."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.tag import Tag
from pydicom.uid import generate_uid

FAMILY = ("Zweigstein", "Okonjowa", "Brathwaite", "Vasilescu", "Quintanilla", "Haldorsen")
GIVEN = ("Annelotte", "Bartolomeo", "Kwabena", "Siobhandra", "Thorvaldur", "Yevgeniya")
STREETS = ("Lindenweg", "Rue Pasteurel", "Canalstraat", "Hillcrestway")
HOSPITALS = ("Saint Elsewhere Hospital", "Klinikum Weitwegen", "Mercyfield General")


@dataclass
class Person:
    """Somebody, with everything that could betray them."""

    rng: random.Random
    secrets: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        rng = self.rng
        self.family, self.given = rng.choice(FAMILY), rng.choice(GIVEN)
        self.number = f"MRN{rng.randrange(10**6, 10**7)}"
        self.accession = f"ACC{rng.randrange(10**7, 10**8)}"
        self.birth = (
            f"19{rng.randrange(10, 99)}{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}"
        )
        self.phone = f"+49 30 {rng.randrange(10**6, 10**7)}"
        self.street = f"{rng.choice(STREETS)} {rng.randrange(100, 999)}"
        self.hospital = rng.choice(HOSPITALS)
        self.doctor = f"{rng.choice(FAMILY)}x"
        self.secrets |= {
            self.family, self.given, self.number, self.accession, self.birth, self.phone,
            self.street, self.hospital, self.doctor,
        }  # fmt: skip

    @property
    def name(self) -> str:
        """As DICOM writes it."""
        return f"{self.family}^{self.given}"

    def sentence(self) -> str:
        """What somebody typed into a field that is not for it."""
        y, m, d = self.birth[:4], self.birth[4:6], self.birth[6:]
        self.secrets |= {f"{d}.{m}.{y}", f"{y}-{m}-{d}"}
        return self.rng.choice(
            (
                f"{self.given} {self.family} born {d}.{m}.{y} no {self.number}",
                f"call Dr {self.doctor} {self.phone}",
                f"{self.family.upper()}, {self.given.upper()} ({y}-{m}-{d})",
                f"see {self.accession} of {self.hospital}",
            )
        )


Change = Callable[[Dataset, Person, Person], None]
CHANGES: list[Change] = []


def change(function: Change) -> Change:
    """Add to `CHANGES`; called with the header, its patient and somebody else."""
    CHANGES.append(function)
    return function


@change
def descriptions(ds: Dataset, who: Person, other: Person) -> None:
    ds.SeriesDescription = who.sentence()[:64]
    ds.StudyDescription = other.sentence()[:64]
    ds.ProtocolName = f"T1 {who.family}"
    ds.PatientComments = f"not to be mixed up with {other.sentence()}"
    ds.ImageComments = f"{who.street}\r\n{other.name}"


@change
def nested_private(ds: Dataset, who: Person, other: Person) -> None:
    inner = Dataset()
    inner.private_block(0x0013, f"OF {who.family}"[:64], create=True).add_new(1, "LO", who.number)
    inner.PatientName = other.name
    block = ds.private_block(0x0011, "ACME 1.0", create=True)
    block.add_new(0x01, "SQ", [inner])
    block.add_new(0x02, "UN", who.name.encode())
    block.add_new(0x03, "PN", other.name)
    item = Dataset()
    item.ReferencedSOPClassUID = ds.SOPClassUID
    item.ReferencedSOPInstanceUID = generate_uid()
    item.private_block(0x0099, "DEEP", create=True).add_new(5, "LT", who.sentence())
    ds.ReferencedStudySequence = [item]
    ds.add(DataElement(Tag(0x0017, 0x1001), "LO", who.family))  # no private creator


@change
def other_identities(ds: Dataset, who: Person, other: Person) -> None:
    item, issuer = Dataset(), Dataset()
    issuer.UniversalEntityID, issuer.UniversalEntityIDType = who.hospital, "DNS"
    item.PatientID, item.TypeOfPatientID = other.number, "TEXT"
    item.IssuerOfPatientIDQualifiersSequence = [issuer]
    ds.OtherPatientIDsSequence = [item]
    ds.OtherPatientNames = [other.name, who.name, f"{who.doctor}^^^Dr"]
    ds.PatientMotherBirthName = other.name
    ds.PatientAddress, ds.PatientTelephoneNumbers = who.street, [who.phone[:16], other.phone[:16]]
    ds.OtherPatientIDs = [other.number, who.accession]
    ds.EthnicGroup, ds.Occupation = "unknown", who.hospital[:16]


@change
def request(ds: Dataset, who: Person, other: Person) -> None:
    item, code = Dataset(), Dataset()
    item.AccessionNumber = who.accession[:16]
    item.RequestedProcedureID = who.number
    item.ReasonForTheRequestedProcedure = who.sentence()[:64]
    code.CodeValue, code.CodingSchemeDesignator = "MRB1", "99LOCAL"
    code.CodeMeaning = f"MR brain for {who.family}"
    item.RequestedProcedureCodeSequence = [code]
    ds.RequestAttributesSequence = [item]
    ds.ProcedureCodeSequence = [code]
    ds.RequestingPhysician = f"{who.doctor}^A"
    ds.AdmissionID, ds.MedicalAlerts = other.accession, [who.sentence()[:64], "none"]


@change
def charsets(ds: Dataset, who: Person, other: Person) -> None:
    charset, name = who.rng.choice(
        (
            (["", "ISO 2022 IR 87"], "Yamadera^Tarouji=山田寺^太郎次=やまだでら^たろうじ"),
            (["", "ISO 2022 IR 149"], "Hongkil^Gildongsu=洪吉^吉洞=홍길두^길동수"),
            ("ISO_IR 192", "Müllerwein^Jörgen"),
            ("ISO_IR 192", "Ωμεγαδης^Θεοδωρος"),
            ("ISO_IR 100", "Bäckström^Åsagård"),
            ("ISO_IR 144", "Люксембургов^Иван"),
            ("GB18030", "Wangxiao^Dongwei=王晓东^小东伟"),
        )
    )
    ds.SpecificCharacterSet = charset
    # both: of a name with nothing in common nobody could tell that it is the same patient
    ds.ResponsiblePerson, ds.PatientName = name, [name, who.name]
    ds.PatientComments = name.replace("^", " ").split("=")[-1]
    who.secrets |= {part for group in name.split("=") for part in group.split("^") if len(part) > 2}


@change
def unknown_representations(ds: Dataset, who: Person, other: Person) -> None:
    item = Dataset()
    item.PatientID, item.PatientName = other.number, other.name
    ds._dict[Tag(0x00101002)] = _raw(0x00101002, _implicit([item]))  # OtherPatientIDsSequence
    ds._dict[Tag(0x00080080)] = _raw(0x00080080, _even(who.hospital))  # InstitutionName
    ds._dict[Tag(0x00081010)] = _raw(0x00081010, _even(who.family))  # StationName
    # a reference that has to stay, written by a system that did not know the sequence
    ds._dict[Tag(0x00081140)] = _raw(0x00081140, _implicit([_reference(ds)]))
    ds.add(DataElement(Tag(0x0010, 0x9991), "LO", who.sentence()[:64]))  # no such attribute
    ds.add(DataElement(Tag(0x0008, 0x9992), "UN", who.name.encode()))


@change
def odd_representations(ds: Dataset, who: Person, other: Person) -> None:
    for keyword, vr, value in (
        ("PatientAddress", "LT", who.street),
        ("AdmittingDiagnosesDescription", "UT", who.sentence()),
        ("InstitutionAddress", "LO", other.street),
        ("ConvolutionKernel", "LO", f"SOFT {who.family}"),
        ("OperatorsName", "LO", who.doctor),
        ("BodyPartExamined", "LO", who.given.upper()),
    ):
        tag = Tag(keyword)
        ds.add(DataElement(tag, vr, value))


@change
def history(ds: Dataset, who: Person, other: Person) -> None:
    before, entry = Dataset(), Dataset()
    before.PatientName, before.PatientID = other.name, other.number
    entry.ModifiedAttributesSequence = [before]
    entry.AttributeModificationDateTime = "20190102030405"
    entry.ModifyingSystem, entry.SourceOfPreviousValues = who.hospital, None
    entry.ReasonForTheAttributeModification = "CORRECT"
    ds.OriginalAttributesSequence = [entry]
    encrypted = Dataset()
    encrypted.EncryptedContentTransferSyntaxUID = "1.2.840.10008.1.2.1"
    encrypted.EncryptedContent = who.name.encode() * 2
    ds.EncryptedAttributesSequence = [encrypted]
    ds.IdentifyingComments, ds.StudyComments = who.sentence(), other.sentence()


@change
def references(ds: Dataset, who: Person, other: Person) -> None:
    uid = generate_uid()
    who.secrets.add(uid)
    ds.ImageComments = f"compare with {uid} and {ds.SOPInstanceUID}"
    ds.ManufacturerModelName = f"Scanner {ds.StudyInstanceUID}"[:64]
    patient = Dataset()
    patient.ReferencedSOPClassUID = "1.2.840.10008.3.1.2.1.1"
    patient.ReferencedSOPInstanceUID = generate_uid()
    ds.ReferencedPatientSequence = [patient]
    ds.ReferencedPerformedProcedureStepSequence = [_reference(ds)]
    ds.InstanceCreatorUID = generate_uid()


@change
def dates(ds: Dataset, who: Person, other: Person) -> None:
    ds.PatientBirthDate, ds.PatientBirthTime, ds.PatientAge = who.birth, "010203", "043Y"
    day = f"20{who.rng.randrange(10, 24)}0{who.rng.randrange(1, 10)}1{who.rng.randrange(1, 10)}"
    who.secrets.add(day)
    ds.StudyDate = ds.SeriesDate = day
    ds.AcquisitionDateTime = f"{day}112233.123456+0100"
    ds.DateOfLastCalibration, ds.TimeOfLastCalibration = [day, day], ["112233", "112234"]
    ds.TimezoneOffsetFromUTC = "+0100"
    ds.ScheduledProcedureStepStartDate = day
    ds.LastMenstrualDate = day
    ds.add(DataElement(Tag("AcquisitionDate"), "LO", f"{day[:4]}.{day[4:6]}.{day[6:]}"))


@change
def places_and_people(ds: Dataset, who: Person, other: Person) -> None:
    scanner, purpose = Dataset(), Dataset()
    purpose.CodeValue, purpose.CodingSchemeDesignator = "109101", "DCM"
    purpose.CodeMeaning = "Acquisition Equipment"
    scanner.PurposeOfReferenceCodeSequence = [purpose]
    scanner.Manufacturer, scanner.InstitutionName = "Maker", who.hospital
    scanner.StationName, scanner.OperatorsName = who.family[:16], [f"{who.doctor}^B", other.name]
    scanner.ContributionDescription = who.sentence()
    scanner.DeviceSerialNumber, scanner.InstitutionAddress = who.number, who.street
    items = list(ds.get("ContributingEquipmentSequence") or ())
    ds.ContributingEquipmentSequence = [*items, scanner]
    ds.PhysiciansOfRecord = [f"{who.doctor}^C", other.name]
    ds.InstitutionName, ds.InstitutionalDepartmentName = who.hospital, who.hospital
    ds.InstitutionAddress, ds.DeviceSerialNumber = f"{who.street}\n{who.hospital}", who.number
    ds.ReferringPhysicianName = [f"{who.doctor}^D", other.name]
    ds.RetrieveAETitle = [who.family[:16]]


@change
def empty_and_plain_wrong(ds: Dataset, who: Person, other: Person) -> None:
    if ds.get("ImageType") and ds.get("Modality") in ("CT", "MR") and "SyntheticData" not in ds:
        ds.ImageType = None
    if ds.get("FrameOfReferenceUID") and ds.Modality == "MR":
        ds.FrameOfReferenceUID = ""
    if "RescaleSlope" in ds:
        ds.RescaleSlope = None
    ds.PatientSex = "male"
    ds.StudyID = f"{who.number}{who.accession}{other.number}"
    ds.AccessionNumber = f"{who.accession}{who.accession}"
    ds.PatientID = who.number
    ds.PatientName = [who.name, other.name]
    for keyword in ("PatientBirthDate", "StudyTime", "ReferringPhysicianName"):
        if keyword in ds:
            delattr(ds, keyword)


@change
def graphics(ds: Dataset, who: Person, other: Person) -> None:
    if "PixelData" not in ds:
        return
    icon = Dataset()
    icon.Rows = icon.Columns = 2
    icon.PixelData, icon["PixelData"].VR = who.given[:4].encode(), "OB"
    ds.IconImageSequence = [icon]
    ds.add_new(0x60000010, "US", 2)
    ds.add_new(0x60000022, "LO", who.sentence()[:64])
    ds.add_new(0x60001500, "LO", other.family)
    ds.add_new(0x60003000, "OW", _even(who.name))
    ds.add_new(0x50000022, "LO", other.name)
    ds.add_new(0x50003000, "OW", _even(other.name))
    ds.add_new(0xFFFCFFFC, "OB", _even(who.sentence()))


@change
def around_the_data_set(ds: Dataset, who: Person, other: Person) -> None:
    ds.preamble = _even(who.sentence()).ljust(128, b"\0")[:128]
    ds.file_meta.SourceApplicationEntityTitle = who.family[:16]
    ds.file_meta.SendingApplicationEntityTitle = other.family[:16]
    ds.file_meta.PrivateInformationCreatorUID = generate_uid()
    ds.file_meta.PrivateInformation = _even(who.name)
    ds.file_meta.ImplementationVersionName = who.given[:16]


def make_awkward(ds: Dataset, who: Person, other: Person, rng: random.Random) -> None:
    """Four to eight of the changes, on an object of `who`."""
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = who.name, who.number, who.birth
    ds.AccessionNumber = who.accession
    ds.SpecificCharacterSet = "ISO_IR 100"
    for function in rng.sample(CHANGES, rng.randrange(4, 9)):
        function(ds, who, other)


def _reference(ds: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = ds.SOPClassUID
    item.ReferencedSOPInstanceUID = ds.SOPInstanceUID
    return item


def _raw(tag: int, value: bytes) -> RawDataElement:
    return RawDataElement(Tag(tag), "UN", len(value), value, 0, False, True)


def _implicit(items: list[Dataset]) -> bytes:
    """Items as they stand within UN: Implicit VR Little Endian."""
    out = BytesIO()
    for item in items:
        body = DicomBytesIO()
        body.is_little_endian, body.is_implicit_VR = True, True
        write_dataset(body, item)
        data = body.getvalue()
        out.write(b"\xfe\xff\x00\xe0" + len(data).to_bytes(4, "little") + data)
    return out.getvalue()


def _even(text: str) -> bytes:
    data = text.encode("latin-1", "replace")
    return data + b" " * (len(data) % 2)
