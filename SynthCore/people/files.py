"""The files of one person: images, truth, picture and draws, in a folder that is whole or not."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

import numpy as np
from pydicom.uid import generate_uid

from SynthCore.dicom.generated import ct_scan_header, mr_scan_header
from SynthCore.dicom.marks import PREFIX
from SynthCore.dicom.seg.build import Segment, build_seg, write_object
from SynthCore.dicom.simulated import SimulatedStudy, write_simulated
from SynthCore.files.read import read
from SynthCore.files.write import write_nifti
from SynthCore.image import Image
from SynthCore.people.draws import Draws
from SynthCore.people.person_file import NOTICE, Kept, who
from SynthCore.people.records import record_of
from SynthCore.people.wish import CT, Format, dashed
from SynthCore.physics.generator.lesions import KINDS
from SynthCore.physics.generator.tissue_values import NAMES

TRUTH = "truth"
SEGMENTATION = "lesions-segmentation.dcm"
TABLE = "tissues.txt"


class PersonWriter:
    """Writes what is made of a person, one image after the other, into a folder that is there.

    Parameters
    ----------
    folder : Path
        Of the person, empty.
    name : str
        Of the person.
    draws : Draws
        Of the person.
    output : {'dicom', 'nifti'}
        Format of the images; the truth is NIfTI in both.
    """

    def __init__(self, folder: Path, name: str, draws: Draws, output: Format) -> None:
        self._folder, self._name, self._draws, self._output = folder, name, draws, output
        self._when = datetime.now().astimezone()
        label = f"generated person {draws.number}, seed {draws.seed}"
        mine = who(draws)
        self._study = SimulatedStudy(
            uid=generate_uid(None),
            frame_of_reference=generate_uid(None),
            when=self._when,
            patient_name=f"{PREFIX}^Person {draws.number} {mine}",
            patient_id=f"{PREFIX}-{mine}",
            description=f"{PREFIX} generated person",
            serial=f"generator-{draws.seed}-{draws.number}",
            comment=f"{PREFIX}: this person does not exist; not for clinical use",
            derivation=f"Simulated scan of {label}",
        )
        self._origin = f"truth of {label}"
        self._count = 0

    def image(self, image: Image) -> None:
        """One image: a DICOM series in a folder of its role's name, or a NIfTI file."""
        role = image.modality
        record = record_of(self._draws, self._name, image, self._when)
        self._count += 1
        if self._output == "nifti":
            path = self._folder / f"{role}.nii.gz"
            write_nifti(image, path, record_json=record.to_json())
            return
        if role == CT and self._draws.ct is not None:
            header = ct_scan_header(self._draws.ct, image, self._name)
        else:
            scan = next(one for one in self._draws.scans if one.role == role)
            header = mr_scan_header(scan, image, self._name)
        write_simulated(self._folder / role, image, header, self._study, self._count, record)

    def truth(self, tissues: Image, lesions: dict[str, Image]) -> tuple[Kept, ...]:
        """Label map of tissues, masks of lesions; in DICOM also a Segmentation on the first image.

        Meant to be called after all images. Gives what was written.
        """
        folder = self._folder / TRUTH
        folder.mkdir()
        lines = [f"# {NOTICE}", *(f"{number}\t{name}" for number, name in enumerate(NAMES))]
        table = "\n".join([*lines, ""]).encode("utf-8")
        (folder / TABLE).write_bytes(table)
        kept = [
            self._label(folder / "tissues-label.nii.gz", tissues),
            Kept(TABLE, hashlib.sha256(table).hexdigest()),
        ]
        if not lesions:
            return tuple(kept)
        for kind, mask in lesions.items():
            kept.append(self._label(folder / f"{dashed(kind)}-label.nii.gz", mask))
        kinds = sum(mask.voxels * KINDS[kind] for kind, mask in lesions.items())
        marked = tissues.with_voxels(np.asarray(kinds, dtype=np.uint8))
        union = marked.with_voxels(np.minimum(marked.voxels, 1))
        kept.append(self._label(folder / "lesion-label.nii.gz", union))
        if self._output == "dicom":
            series = read(self._folder / self._draws.images[0])
            segments = [Segment(KINDS[kind], kind, kind, "brain") for kind in lesions]
            made = build_seg(
                marked, segments, series, description="lesions", contribution=self._origin
            )
            write_object(folder / SEGMENTATION, made)
            # of its pixels: its UIDs and times are others in a replay
            kept.append(Kept(SEGMENTATION, hashlib.sha256(made.PixelData).hexdigest()))
        return tuple(kept)

    def _label(self, path: Path, image: Image) -> Kept:
        record = record_of(self._draws, self._name, image, self._when)
        write_nifti(image, path, record_json=record.to_json(), origin=self._origin)
        return Kept(path.name, image.sha256())
