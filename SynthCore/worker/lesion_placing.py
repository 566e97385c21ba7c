"""A lesion placed as ``synthcore lesion`` places it, in images sent here."""

from __future__ import annotations

import time
from dataclasses import asdict

from SynthCore.errors import CancelledError
from SynthCore.protocol import MASK, Message, pack
from SynthCore.request import Cancelled, Progress
from SynthCore.worker.answer import Answer

PARTS = "parts"
"""Name of the volume that holds the parts of the lesion; ``part_names`` tells its values."""


def lesion_placing(message: Message, progress: Progress, cancelled: Cancelled) -> Answer:
    """Answer a ``lesion`` message.

    The answer's volumes are the images by role, ``mask`` and ``parts``; its body holds the
    ``records`` by role, ``part_names`` by the values of ``parts``, ``title``, ``volume_ml`` and
    ``center_lps``, beside ``checks``, ``warnings``, ``card``, ``model``, ``device`` and
    ``seconds`` as every synthesis has them.

    Raises
    ------
    InputError, RefusedError, CancelledError
        As `SynthCore.worker.lesion_bodies.lesion_in` and `SynthCore.lesions.place.place`.
    """
    started = time.perf_counter()
    progress(0.0, "read")
    from SynthCore.lesions.place import place
    from SynthCore.lesions.results import results_of
    from SynthCore.worker.lesion_bodies import lesion_in

    asked = lesion_in(message)
    placed = place(
        asked.images, asked.wish, organ=asked.organ, progress=or_stop(progress, cancelled)
    )
    results = results_of(placed, asked.images)
    first = next(iter(results.values()))
    entries, payload = pack(
        {role: result.image for role, result in results.items()}
        | {MASK: placed.mask, PARTS: placed.parts}
    )
    body = {
        "volumes": entries,
        "records": {role: result.record.to_json() for role, result in results.items()},
        "part_names": {str(value): name for value, name in placed.part_names.items()},
        "title": asked.wish.what.title,
        "volume_ml": placed.volume_ml,
        "center_lps": list(placed.center_lps),
        "checks": [asdict(check) for check in first.checks],
        "warnings": list(placed.warnings),
        "card": dict(first.card),
        "model": first.record.model,
        "device": first.record.device,
        "seconds": time.perf_counter() - started,
    }
    return Answer(body, payload)


def or_stop(progress: Progress, cancelled: Cancelled) -> Progress:
    """Tell how far it is, unless it was cancelled: then raise `CancelledError`."""

    def tell(fraction: float, stage: str) -> None:
        if cancelled():
            raise CancelledError("Cancelled.")
        progress(fraction, stage)

    return tell
