"""What photon and proton dose say of CTs that a mean error judges wrongly, beside our own.

One plan for each case and modality, made on the real CT; its spots and weights on every other CT.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from SynthCore.bench.dose_cases import DoseCase, phantom_case, thigh_case
from SynthCore.image import Image
from SynthCore.planning.acceptance import DEFAULTS
from SynthCore.planning.averaged import averaged
from SynthCore.planning.density import GENERIC
from SynthCore.planning.dose_check import dose_check
from SynthCore.planning.engine.compute import ComputedDoses
from SynthCore.planning.engine.environment import require_engine
from SynthCore.planning.engine.of_study import REAL, DoseOptions, doses_of_study
from SynthCore.planning.finding import Finding, worst
from SynthCore.planning.image_check import image_check
from SynthCore.planning.range_check import range_check
from SynthCore.planning.verdict import verdict_of
from SynthCore.request import Progress, part_of
from SynthCore.staging import new_files

PATIENTS = ("STS_010",)
SPACING_MM = 5.0
TARGET = "target"
COLUMNS = {
    "mae_hu": "MAE HU",
    "me_soft_hu": "ME soft",
    "range_percent": "range %",
    "photon_gamma": "ph 2%/2mm",
    "photon_d98": "ph D98 %",
    "proton_gamma": "pr 2%/2mm",
    "proton_d95": "pr D95 %",
    "proton_d98": "pr D98 %",
}


def table(
    data: Path, out: Path | None, progress: Progress, patients: Sequence[str] = PATIENTS
) -> tuple[dict[str, Any], str]:
    """Rows of case and CT: errors, path length, gamma, target dose, and the lights of each.

    Parameters
    ----------
    data : Path
        Folder of real images; thighs are left out where it has none.
    out : Path or None
        Folder for ``dose.json``, written after each case.
    progress : callable
        Told the fraction done.
    patients : sequence of str
        Of the thigh pairs that no model was trained on.

    Raises
    ------
    InputError
        If the dose engine is not installed.
    """
    python = require_engine()
    there = [p for p in patients if (data / "mr_ct_pairs" / p).is_dir()]
    rows: list[dict[str, Any]] = []
    plans: list[str] = []
    for n, case in enumerate(_cases(python, data, there, progress)):
        part = part_of(progress, (n + 0.2) / (len(there) + 1), (n + 1) / (len(there) + 1))
        notes: list[str] = []
        computed = {
            modality: doses_of_study(
                {REAL: case.real, **case.others},
                {REAL: case.body("real"), **{o: case.body(o) for o in case.others}},
                case.target, DoseOptions((modality,), spacing_mm=SPACING_MM, python=python),
                beams=case.beams.get(modality, ()), notes=notes, progress=part,
            )[0]
            for modality in ("photons", "protons")
        }  # fmt: skip
        plans += [f"{case.name}: {one.source}; {one.seconds:.0f} s, {one.peak_mb or 0:.0f} MB"
                  for one in computed.values()]  # fmt: skip
        rows += [_row(case, name, computed) for name in case.others]
        if out is not None:
            _keep(out / f"dose-{n}.json", {"case": case.name, "rows": rows, "plans": plans})
    found = {"thresholds": DEFAULTS.source, "spacing_mm": SPACING_MM, "plans": plans, "rows": rows}
    return found, as_text(rows, plans)


def as_text(rows: Sequence[Mapping[str, Any]], plans: Sequence[str]) -> str:
    """The table, with the sentence of each verdict below it."""
    head = f"{'case':<24} {'CT':<27}" + "".join(f"{t:>11}" for t in COLUMNS.values())
    lines = [f"{head}  {'image':<6}{'range':<6}{'photon':<7}{'proton':<7}"]
    for row in rows:
        values = "".join(f"{row[c]:>11.2f}" for c in COLUMNS)
        lights = row["lights"]
        lines.append(
            f"{row['case']:<24} {row['ct']:<27}{values}  {lights['image']:<6}{lights['range']:<6}"
            f"{lights['photons']:<7}{lights['protons']:<7}"
        )
    lines += ["", *(f"{row['case']}, {row['ct']}: {row['proton_verdict']}" for row in rows)]
    return "\n".join([*lines, "", *plans, "TG119 has no MR, so no synthetic CT is made of it."])


def _cases(
    python: Path, data: Path, patients: Sequence[str], progress: Progress
) -> Iterator[DoseCase]:
    yield phantom_case(python)
    for n, patient in enumerate(patients):
        yield thigh_case(data, patient, partial(progress, (n + 1) / (len(patients) + 1)))


def _row(case: DoseCase, name: str, computed: Mapping[str, ComputedDoses]) -> dict[str, Any]:
    made, bodies = case.others[name], (case.body(name), case.body("real"))
    seen = np.ones(made.shape, dtype=np.bool_)
    image = image_check(made, case.real, seen, {})
    ways = computed["protons"].plan.beams + computed["photons"].plan.beams
    reach, ranges = range_check(made, case.real, case.target, ways, GENERIC["spr"], bodies=bodies)
    doses = {modality: _dose(case, name, one) for modality, one in computed.items()}
    judged = {"image": _judged(image), "range": _judged(reach),
              **{m: _judged(found) for m, found in doses.items()}}  # fmt: skip
    worst_way = max(ranges, key=lambda r: abs(r.difference_percent))
    return {
        "case": case.name,
        "ct": name,
        "mae_hu": _value(image, "mae_body"),
        "me_soft_hu": _value(image, "me_soft_tissue"),
        "range_percent": worst_way.difference_percent,
        "photon_gamma": _value(doses["photons"], "gamma"),
        "photon_d98": _titled(doses["photons"], "D98"),
        "proton_gamma": _value(doses["protons"], "gamma"),
        "proton_d95": _titled(doses["protons"], "D95"),
        "proton_d98": _titled(doses["protons"], "D98"),
        "lights": {group: worst(found) for group, found in judged.items()},
        "proton_verdict": verdict_of(judged["protons"], DEFAULTS),
    }


def _dose(case: DoseCase, name: str, computed: ComputedDoses) -> tuple[Finding, ...]:
    real = computed.doses[REAL]
    share = averaged(case.target.astype(np.float32), case.real, real)
    target: Image = real.with_voxels((share > 0.5).astype(np.uint8), unit="")
    found, _ = dose_check(
        real, computed.doses[name], {TARGET: target}, (TARGET,), computed.plan.prescription_gy,
        name=computed.plan.modality, all_criteria=False,
    )  # fmt: skip
    return found


def _judged(found: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(DEFAULTS.judge(finding) for finding in found)


def _value(found: Sequence[Finding], name: str) -> float:
    return next((f.value for f in found if f.id == name), float("nan"))


def _titled(found: Sequence[Finding], start: str) -> float:
    return next(f.value for f in found if f.title.startswith(start))


def _keep(path: Path, found: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with new_files(path) as (part,):
        part.write_text(json.dumps(found, indent=1), "utf-8")
