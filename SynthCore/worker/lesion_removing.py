"""A lesion removed as ``synthcore remove`` removes it, from images sent here."""

from __future__ import annotations

import time
from dataclasses import asdict

from SynthCore.protocol import Message, pack
from SynthCore.request import Cancelled, Progress, or_stop
from SynthCore.worker.answer import Answer

ANOMALY = "anomaly "
"""Before a role: the map of how far its real image differs from the healthy one."""


def lesion_removing(message: Message, progress: Progress, cancelled: Cancelled) -> Answer:
    """Answer a ``remove`` message.

    The answer's volumes are the pseudo-healthy images by role and an ``anomaly ROLE`` for each,
    in standard deviations of the tissue around; its body holds ``records`` and ``cards`` by role,
    beside ``checks`` and ``warnings`` of all of them, and ``model``, ``device`` and ``seconds`` as
    every synthesis has them.

    Raises
    ------
    InputError, RefusedError, CancelledError
        As `SynthCore.worker.lesion_bodies.removal_in` and `SynthCore.lesions.remove.remove`.
    """
    started = time.perf_counter()
    progress(0.0, "read")
    from SynthCore.lesions.remove import MARGIN_MM, remove
    from SynthCore.worker.lesion_bodies import removal_in

    asked = removal_in(message)
    found = remove(
        asked.images,
        asked.mask,
        margin_mm=MARGIN_MM if asked.margin_mm is None else asked.margin_mm,
        seed=asked.options.seed,
        model=asked.model,
        options=asked.options,
        progress=or_stop(progress, cancelled),
    )
    first = next(iter(found.results.values()))
    entries, payload = pack(
        {role: result.image for role, result in found.results.items()}
        | {ANOMALY + role: image for role, image in found.anomaly.items()}
    )
    body = {
        "volumes": entries,
        "records": {role: result.record.to_json() for role, result in found.results.items()},
        "cards": {role: dict(result.card) for role, result in found.results.items()},
        "checks": [asdict(check) for result in found.results.values() for check in result.checks],
        "warnings": list(found.warnings),
        "model": first.record.model,
        "device": first.record.device,
        "seconds": time.perf_counter() - started,
    }
    return Answer(body, payload)
