"""Names and tables of a BIDS-like folder (Brain Imaging Data Structure 1.9).

BIDS has no suffix for CT and DIR; theirs stand in ``.bidsignore``, so that a validator passes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from SynthCore import __version__
from SynthCore.staging import renewed

VERSION = "1.9.0"
SUFFIXES: Mapping[str, str] = {
    "T1": "T1w", "T1c": "ce-gadolinium_T1w", "T2": "T2w", "FLAIR": "FLAIR", "PD": "PDw",
    "DIR": "DIR", "CT": "ct",
}  # fmt: skip
"""What follows the subject in the name of an image."""

DERIVATIVES = Path("derivatives") / "lesions"
PLAN = Path("code") / "plan.json"
MANIFEST = Path("manifest.json")
IGNORED = "*_ct.*\n*_DIR.*\nmanifest.json\n"


def image_name(subject: str, role: str) -> str:
    """``sub-0001_T1w.nii.gz``."""
    return f"{subject}_{SUFFIXES[role]}.nii.gz"


def mask_name(subject: str) -> str:
    """Every lesion that is known in the image: 1 inside."""
    return f"{subject}_label-lesion_mask.nii.gz"


def instances_name(subject: str) -> str:
    """Placed lesions: 1, 2, ... in the order of the subject's list."""
    return f"{subject}_desc-placed_dseg.nii.gz"


def lesions_name(subject: str) -> str:
    """What is known of each placed lesion."""
    return f"{subject}_desc-placed_lesions.json"


def dataset_description(*, derivative: bool) -> str:
    """The text of ``dataset_description.json``."""
    made: dict[str, Any] = {
        "Name": "Masks of placed lesions" if derivative else "SYNTHETIC lesions in real studies",
        "BIDSVersion": VERSION,
        "DatasetType": "derivative",
        "SyntheticData": "YES",
        "GeneratedBy": [
            {
                "Name": "SynthCore",
                "Version": __version__,
                "Description": "Lesions placed by synthcore augment. Research software: not "
                "cleared for clinical use.",
            }
        ],
    }
    return json.dumps(made, indent=1) + "\n"


def tsv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A table as BIDS has it: tabs, ``n/a`` for what is unknown."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        values = (row.get(column) for column in columns)
        writer.writerow("n/a" if value in (None, "") else value for value in values)
    return text.getvalue()


def replace_text(path: Path, text: str) -> None:
    """Write a table anew, so that a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with renewed(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
