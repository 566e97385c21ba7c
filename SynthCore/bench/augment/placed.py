"""The training patient's own brain with plaques that were never there, made by `augment`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from SynthCore.augment.cohort import augment
from SynthCore.augment.samples import read_samples
from SynthCore.augment.studies import Study
from SynthCore.augment.wishes import WishRow
from SynthCore.bench.augment.cases import ROLES, Case, as_case, folder_of
from SynthCore.files.read import read
from SynthCore.lesions.appearance import STRENGTH

PLACED = 5
"""Studies made of each patient."""

PLAQUE = STRENGTH["plaque"]
"""What plaques were brought to by real lesions, those of the patients tested on here among them:
taken out again, so that contrast is 0.5 to 1.2 of what published values give."""

WISH = WishRow(
    kind="ms-plaques",
    volume_ml=(1.0, 8.0),
    sites=("periventricular", "deep-white-matter"),
    contrast=(0.5 / PLAQUE, 1.2 / PLAQUE),
    images=PLACED,
)
"""A range of plaque load as usual in MS (1 to 8 ml in 5 to 14 plaques), where FLAIR shows it: most
cortical plaques are not seen there (Filippi et al., Brain 2019;142:1858)."""


@lru_cache(maxsize=2)
def placed_cases(data: Path, out: Path, patient: str) -> tuple[Case, ...]:
    """Studies of one patient with placed plaques; real and placed ones are the truth.

    Parameters
    ----------
    data, out : Path
        Real images; where the augmented folder is kept.
    """
    folder = folder_of(data, patient)
    study = Study(
        patient, 1, 1, {role: folder / f"{role}.nii.gz" for role in ROLES},
        folder / "lesion_mask.nii.gz",
    )  # fmt: skip
    made = out / f"augmented-{patient}"
    augment([WISH], [study], made, seed=int(patient), shares=(1.0, 0.0, 0.0))
    return tuple(
        as_case(
            sample.name, patient,
            {role: read(path, modality=role) for role, path in sample.images.items()},
            read(sample.mask),
        )
        for sample in read_samples(made, ROLES)
    )  # fmt: skip
