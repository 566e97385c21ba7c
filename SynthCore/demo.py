"""The demo study: a digital head phantom, scanned by simulation and written as DICOM.

Seven series of one frame of reference: T1, T1c, T2, FLAIR, PD, CT and CT at a quarter of the dose,
as classic single-frame objects. Beside them the truth, as NIfTI: the tissue of every voxel and a
mask of the tumor, named so that Slicer loads them as label maps. Every image is marked as
synthetic and carries its record, so that `synthcore verify` checks the study.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from SynthCore.dicom.phantom import (
    PhantomStudy,
    ct_header,
    mr_header,
    phantom_record,
    write_series,
)
from SynthCore.files.write import write_nifti
from SynthCore.image import Image
from SynthCore.physics.ct_scan import acquire_ct, add_dose_noise
from SynthCore.physics.mr_scan import SEQUENCES, acquire_mr
from SynthCore.physics.phantom.head import make_head
from SynthCore.physics.slices import label_image, make_texture
from SynthCore.physics.tissues import LABELS
from SynthCore.request import Progress
from SynthCore.staging import new_folder

LOW_DOSE = 0.25
LOW_DOSE_NAME = "CT_low_dose"
_LESION = ("tumor", "necrosis")
_AROUND = ("edema",)


def write_demo_study(
    folder: Path, *, seed: int = 0, progress: Progress | None = None
) -> dict[str, Path]:
    """Write the demo study.

    Parameters
    ----------
    folder : Path
        Where; made if missing, and empty if not.
    seed : int
        Another seed is another head: folding, asymmetry, roughness, noise.
    progress : callable, optional
        Told a fraction and a stage.

    Returns
    -------
    dict
        Folder of every series: ``T1``, ``T1c``, ``T2``, ``FLAIR``, ``PD``, ``CT``,
        ``CT_low_dose``; the files ``truth/tissues-label.nii.gz`` and
        ``truth/tumor-label.nii.gz`` lie beside them, and ``truth/lesion-label.nii.gz`` with the
        edema around the tumor.

    Raises
    ------
    InputError
        If the folder holds something or cannot be written.
    ComputationError
        If the disk is full.
    """
    folder = Path(folder)
    with new_folder(folder) as unfinished:
        names = _write_all(unfinished, seed, progress or (lambda fraction, stage: None))
    return {name: folder / name for name in names}


def _write_all(folder: Path, seed: int, progress: Progress) -> list[str]:
    now = datetime.now().astimezone()
    study = PhantomStudy(seed, generate_uid(None), generate_uid(None), now)
    progress(0.0, "head")
    phantom = make_head(seed)
    texture = make_texture(phantom, seed)
    progress(0.34, "truth")
    _write_truth(folder / "truth", label_image(phantom), study)
    names: list[str] = []

    def keep(name: str, image: Image, header: Dataset) -> None:
        names.append(name)
        write_series(folder / name, image, header, study, number=len(names))

    for step, role in enumerate(SEQUENCES):
        progress(0.37 + 0.04 * step, role)
        image = acquire_mr(phantom, role, seed=seed, texture=texture)
        keep(role, image, mr_header(role))
    progress(0.57, "CT")
    full = acquire_ct(phantom, seed=seed, texture=texture)
    keep("CT", full, ct_header("CT", 1.0))
    progress(0.78, "low-dose CT")
    low = add_dose_noise(full, LOW_DOSE, seed=seed)
    keep(LOW_DOSE_NAME, low, ct_header("CT low dose", LOW_DOSE))
    progress(1.0, "done")
    return names


def _write_truth(folder: Path, labels: Image, study: PhantomStudy) -> None:
    folder.mkdir()
    tumor = np.isin(labels.voxels, [LABELS[name] for name in _LESION]).astype(np.uint8)
    origin = f"truth of the digital head phantom, seed {study.seed}"
    whole = tumor | np.isin(labels.voxels, [LABELS[name] for name in _AROUND]).astype(np.uint8)
    for name, image in (
        ("tissues", labels),
        ("tumor", labels.with_voxels(tumor)),
        ("lesion", labels.with_voxels(whole)),
    ):
        record = phantom_record(study, image, "").to_json()
        write_nifti(image, folder / f"{name}-label.nii.gz", record_json=record, origin=origin)
    table = "".join(f"{number}\t{name}\n" for name, number in LABELS.items())
    (folder / "tissues.txt").write_text(table, encoding="utf-8")
