"""May a synthetic CT be planned on? The checks of ``synthcore plan-check``, on images sent here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from SynthCore.protocol import Message, pack
from SynthCore.request import Cancelled, Progress, or_stop, part_of, stop_if
from SynthCore.worker.answer import Answer

DVH_POINTS = 240
MOST_REPORT = 1 << 23
"""Bytes of a page that travels in a message's header, which holds twice as many."""
REGISTERED = 0.3
"""Fraction of the check after which the images lie together."""
CHECKED = 0.9
"""Fraction of the work after which the page is drawn."""


def plan_checking(message: Message, progress: Progress, cancelled: Cancelled) -> Answer:
    """Answer a ``plan-check`` message.

    The answer's body is what ``synthcore plan-check --json`` prints, each finding with its value
    as ``text``; ``dvh`` (curves of every comparison of doses), ``report`` (the page), and as
    ``volumes`` the doses that were computed here, ``dose-photons-reference`` and the like, in Gy.

    Raises
    ------
    InputError, CancelledError
        As `SynthCore.worker.plan_bodies.asked_in` and `SynthCore.planning.plan_check.check`.
    """
    progress(0.0, "read")
    from SynthCore.planning.plan_check import check
    from SynthCore.planning.report import as_json, render
    from SynthCore.worker.plan_bodies import asked_in

    tell = _onward(or_stop(progress, cancelled))
    asked = asked_in(message, part_of(tell, 0.0, REGISTERED))
    found = check(
        asked.study,
        acceptance=asked.acceptance,
        curve=asked.curve,
        beams=asked.beams,
        prescription_gy=asked.prescription_gy,
        dose=asked.dose,
        progress=part_of(tell, REGISTERED, 1.0),
        cancelled=cancelled,
    )
    stop_if(cancelled)
    progress(CHECKED, "report")
    page = render(asked.study, found, asked.model)
    told = as_json(found)
    for row, finding in zip(told["findings"], found.findings, strict=True):
        row["text"] = finding.text
    body = {
        **told,
        "dvh": [_curves(doses, asked.study.targets) for doses in found.doses],
        "report": page if len(page.encode()) <= MOST_REPORT else "",
    }
    # what the client gave it has; what was computed here is new to it
    computed = {
        f"dose-{doses.name}-{side}": image
        for doses in found.doses
        if doses.name
        for side, image in (("reference", doses.reference), ("synthetic", doses.synthetic))
    }
    entries, payload = pack(computed)
    return Answer({**body, "volumes": entries}, payload)


def _onward(progress: Progress) -> Progress:
    """A part of the check may begin where another has not ended: a bar never goes back."""
    reached = 0.0

    def tell(fraction: float, stage: str) -> None:
        nonlocal reached
        reached = max(reached, CHECKED * min(fraction, 1.0))
        progress(reached, stage)

    return tell


def _curves(doses: Any, targets: Sequence[str]) -> dict[str, Any]:
    """Percent of the volume over Gy, real and synthetic, by structure on one axis."""
    top = max((float(real.dose[-1]) for real, _ in doses.histograms.values()), default=1.0)
    at = np.linspace(0.0, 1.1 * top, DVH_POINTS)
    return {
        "name": doses.name,
        "source": doses.source,
        "prescription_gy": doses.prescription_gy,
        "dose_gy": at.tolist(),
        "structures": [
            {
                "name": name,
                "target": name in targets,
                "reference": real.curve(at).tolist(),
                "synthetic": made.curve(at).tolist(),
            }
            for name, (real, made) in doses.histograms.items()
        ],
    }
