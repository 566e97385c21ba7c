"""Many lesions over a cohort: every subject of a plan, one after the other, in a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from SynthCore.augment.bids import (
    DERIVATIVES,
    IGNORED,
    MANIFEST,
    PLAN,
    dataset_description,
    replace_text,
    tsv,
)
from SynthCore.augment.draw import SubjectPlan, draw, plan_hash
from SynthCore.augment.make import Reader, make_subject
from SynthCore.augment.manifest import PARTICIPANT_COLUMNS, Finished, manifest, participants
from SynthCore.augment.split import split_patients
from SynthCore.augment.studies import Study
from SynthCore.augment.subject_files import finished_subject, json_of, write_subject
from SynthCore.augment.wishes import WishRow
from SynthCore.errors import InputError, RefusedError
from SynthCore.request import Cancelled, Progress
from SynthCore.staging import named, refuse_filled

SHARES = (0.7, 0.15, 0.15)
_REFUSED = Path("code") / "refused.json"


@dataclass(frozen=True)
class Augmented:
    """What came of it: subjects that are there, those that could not be, and those new today."""

    finished: tuple[Finished, ...]
    refused: dict[str, list[str]]
    new: int


def augment(
    wishes: Sequence[WishRow],
    studies: Sequence[Study],
    out: Path,
    *,
    seed: int = 0,
    shares: tuple[float, float, float] = SHARES,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Augmented:
    """Make every subject that is not there yet.

    Parameters
    ----------
    wishes, studies : sequence
        The tables.
    out : Path
        Missing, empty, or of an earlier run of the same tables, seed and shares: then its finished
        subjects are kept.
    seed : int
        Of everything that is drawn.
    shares : tuple of float
        Of the patients, for train, validation and test.
    progress, cancelled : callable, optional
        Told after, and asked before each lesion.

    Returns
    -------
    Augmented
        The same whether it was made in one run or in several.

    Raises
    ------
    InputError
        If `out` holds something else, cannot be written, or a study cannot be read.
    CancelledError
        If the user asked to stop: the subjects that are there are whole.
    """
    plans = draw(wishes, studies, seed)
    parts = split_patients({plan.study.patient for plan in plans}, shares, seed)
    sha256 = plan_hash(plans)
    finished: dict[str, Finished] = {}
    new = 0

    def write_tables() -> None:
        there = [finished[name] for name in sorted(finished)]
        replace_text(out / "participants.tsv", tsv(PARTICIPANT_COLUMNS, participants(there, parts)))
        text = manifest(there, refused, plans, parts, seed=seed, plan_sha256=sha256)
        replace_text(out / MANIFEST, text)

    try:
        _open(out, plans, seed, sha256, shares)
        refused: dict[str, list[str]] = json_of(out / _REFUSED, {})
        reader = Reader()
        try:
            # subjects of one study stand together, so that it is read once
            for n, plan in enumerate(sorted(plans, key=lambda p: (p.study.number, p.name))):
                if progress is not None:
                    progress(n / len(plans), plan.name)
                if plan.name in refused:
                    continue
                found = finished_subject(out, plan)
                if found is None:
                    opened = reader.read(plan.study)
                    try:
                        made = make_subject(plan, opened, cancelled)
                    except RefusedError as error:
                        refused[plan.name] = [str(error)]
                        replace_text(out / _REFUSED, json.dumps(refused, indent=1) + "\n")
                        continue
                    found = write_subject(out, plan, made, opened.images, seed)
                    new += 1
                finished[plan.name] = found
        finally:
            write_tables()  # also of what is there when it is stopped
    except OSError as error:
        raise named(error, out) from error
    return Augmented(tuple(finished[name] for name in sorted(finished)), refused, new)


def _open(
    out: Path,
    plans: Sequence[SubjectPlan],
    seed: int,
    sha256: str,
    shares: tuple[float, float, float],
) -> None:
    """Begin the folder, or see that it is of the same plan."""
    if (out / PLAN).exists():
        before = json_of(out / PLAN, {})
        if before.get("plan_sha256") != sha256:
            raise InputError(
                f"The folder {out.name} is of other tables or another seed; name a new folder."
            )
        # who was trained on could be tested on
        split = before.get("split")
        if split is None:
            raise InputError(
                f"The folder {out.name} does not say how it was split; name a new folder."
            )
        if not np.allclose(split, shares):
            raise InputError(
                f"The folder {out.name} is split {','.join(f'{s:g}' for s in split)}; give the "
                "same --split, or name a new folder."
            )
        return
    refuse_filled(out)
    asked = {"plan_sha256": sha256, "seed": seed, "split": list(shares),
             "subjects": [plan.to_dict() for plan in plans]}  # fmt: skip
    replace_text(out / PLAN, json.dumps(asked, indent=1) + "\n")
    replace_text(out / "dataset_description.json", dataset_description(derivative=False))
    replace_text(out / ".bidsignore", IGNORED)
    replace_text(
        out / DERIVATIVES / "dataset_description.json", dataset_description(derivative=True)
    )
    replace_text(
        out / "README",
        "SYNTHETIC: lesions of these images were placed by software and are in no patient.\n"
        "Research software: not cleared for clinical use. Split by patient, as participants.tsv\n"
        "says: several subjects show one patient. What the images themselves are, and whether\n"
        "they may be passed on, is for whoever holds the studies to say.\n",
    )
