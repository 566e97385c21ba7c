"""What a folder of augmented images holds: participants, and how balanced its lesions are."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from SynthCore import __version__
from SynthCore.augment.draw import SubjectPlan

PARTICIPANT_COLUMNS = (
    "participant_id", "patient", "study", "split", "kind", "lesions", "placed_ml", "known_ml",
)  # fmt: skip


@dataclass(frozen=True)
class Finished:
    """A subject that is there, whole.

    Attributes
    ----------
    plan : SubjectPlan
        What was asked.
    lesions : tuple of mapping
        Facts of each placed lesion.
    refused : tuple of str
        Reasons of those that could not be placed.
    known_ml : float
        Of the lesions that the study had itself.
    """

    plan: SubjectPlan
    lesions: tuple[Mapping[str, Any], ...]
    refused: tuple[str, ...] = ()
    known_ml: float = 0.0


def participants(found: Sequence[Finished], parts: Mapping[int, str]) -> list[dict[str, Any]]:
    """Lines of ``participants.tsv``."""
    return [
        {
            "participant_id": one.plan.name,
            "patient": f"patient-{one.plan.study.patient:03d}",
            "study": one.plan.study.number,
            "split": parts[one.plan.study.patient],
            "kind": one.plan.wishes[0][0].kind,
            "lesions": len(one.lesions),
            "placed_ml": round(sum(f["volume_ml"] for f in one.lesions), 4),
            "known_ml": round(one.known_ml, 4),
        }
        for one in found
    ]


def manifest(
    found: Sequence[Finished],
    refused: Mapping[str, Sequence[str]],
    plans: Sequence[SubjectPlan],
    parts: Mapping[int, str],
    *,
    seed: int,
    plan_sha256: str,
) -> str:
    """The text of ``manifest.json``: balance by kind, site and split, and what was refused.

    Parameters
    ----------
    found : sequence of Finished
        Subjects that are there.
    refused : mapping
        Reasons by subject, where nothing could be placed.
    plans : sequence of SubjectPlan
        Everything that was asked.
    parts : mapping
        Train, validation or test by patient.
    """
    by_kind: dict[str, list[float]] = defaultdict(list)
    by_site: dict[str, Counter[str]] = defaultdict(Counter)
    by_split: dict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        for facts in one.lesions:
            by_kind[facts["kind"]].append(float(facts["volume_ml"]))
            by_site[facts["kind"]][facts["site"]] += 1
            by_split[parts[one.plan.study.patient]][facts["kind"]] += 1
    refusals = {one.plan.name: list(one.refused) for one in found if one.refused}
    made = {
        "SyntheticData": "YES",
        "Description": "Lesions that software placed in real studies. Research software: not "
        "cleared for clinical use.",
        "SoftwareVersions": f"SynthCore {__version__}",
        "seed": seed,
        "plan_sha256": plan_sha256,
        "subjects": {"asked": len(plans), "finished": len(found), "refused": len(refused)},
        "lesions_by_kind": {kind: _spread(ml) for kind, ml in sorted(by_kind.items())},
        "lesions_by_site": {kind: dict(sorted(c.items())) for kind, c in sorted(by_site.items())},
        "lesions_by_split": {part: dict(sorted(c.items())) for part, c in sorted(by_split.items())},
        "refused": {**{name: list(why) for name, why in refused.items()}, **refusals},
    }
    return json.dumps(made, indent=1) + "\n"


def _spread(volumes: Sequence[float]) -> dict[str, float]:
    values = np.asarray(volumes)
    quarters = np.percentile(values, (0, 25, 50, 75, 100))
    names = ("min_ml", "quarter_ml", "median_ml", "three_quarters_ml", "max_ml")
    return {"count": len(values), "total_ml": round(float(values.sum()), 4)} | {
        name: round(float(value), 4) for name, value in zip(names, quarters, strict=True)
    }
