"""A lesion placed as ``synthcore lesion`` places it, once or growing, in images sent here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from SynthCore.image import Image
from SynthCore.protocol import MASK, Message, pack
from SynthCore.request import Cancelled, Progress, or_stop
from SynthCore.worker.answer import Answer

if TYPE_CHECKING:
    from SynthCore.lesions.placed import Placed

PARTS = "parts"
"""Name of the volume that holds the parts of the lesion; ``part_names`` tells its values."""


def lesion_placing(message: Message, progress: Progress, cancelled: Cancelled) -> Answer:
    """Answer a ``lesion`` message.

    The answer's volumes are the images by role, ``mask`` and ``parts``; its body holds the
    ``records`` by role, ``part_names`` by the values of ``parts``, ``title``, ``volume_ml`` and
    ``center_lps``, ``study`` (uid, date, frame of reference and patient's ID for whoever writes
    them as DICOM), ``finding`` and ``tissues`` (of a report and segmentations), beside ``checks``,
    ``warnings``, ``card``, ``model``, ``device`` and ``seconds`` as every synthesis has them.

    Where the lesion grows, ``dates`` holds such a body for each date, with the ``date``, and the
    volumes of the first are called ``0 T1``, ``0 mask`` and so on; the body itself is that of the
    last date.

    Raises
    ------
    InputError, RefusedError, CancelledError
        As `SynthCore.worker.lesion_bodies.lesion_in`, `SynthCore.lesions.place.place` and
        `SynthCore.lesions.grow.grow`.
    """
    started = time.perf_counter()
    progress(0.0, "read")
    from pydicom.uid import generate_uid

    from SynthCore.dicom.marks import PREFIX
    from SynthCore.lesions.grow import grow
    from SynthCore.lesions.place import place
    from SynthCore.worker.lesion_bodies import lesion_in

    asked = lesion_in(message)
    images, tell = asked.images, or_stop(progress, cancelled)
    first = next(iter(images.values()))
    patient = {
        "frame_of_reference": str(generate_uid()),
        "patient_id": f"{PREFIX}-{first.sha256()[:12]}",
    }
    if asked.growth is None:
        placed = place(
            images, asked.wish, organ=asked.organ, blend=asked.blend, progress=tell
        )  # fmt: skip
        study = {"uid": str(generate_uid()), "date": "", **patient}
        told, volumes = _told(placed, images, study)
        last = told
    else:
        growth, dates, volumes = asked.growth, [], {}
        grown = grow(
            images, asked.wish, growth.dates, growth.volumes_ml,
            doubling_days=growth.doubling_days, organ=asked.organ, blend=asked.blend,
            progress=tell,
        )  # fmt: skip
        for n, (day, placed) in enumerate(grown):
            study = {"uid": str(generate_uid()), "date": day.strftime("%Y%m%d"), **patient}
            last, own = _told(placed, images, study)
            dates.append({"date": day.isoformat(), **last})
            volumes |= {f"{n} {name}": image for name, image in own.items()}
        told = {**last, "dates": dates}
    entries, payload = pack(volumes)
    return Answer(
        {**told, "volumes": entries, "seconds": time.perf_counter() - started},
        payload,
    )


def _told(
    placed: Placed, images: Mapping[str, Image], study: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Image]]:
    """Body and volumes of a lesion at one date."""
    from SynthCore.lesions.described import lesion_of, tissues_of
    from SynthCore.lesions.results import results_of

    results = results_of(placed, images)
    first = next(iter(results.values()))
    body = {
        "records": {role: result.record.to_json() for role, result in results.items()},
        "part_names": {str(value): name for value, name in placed.part_names.items()},
        "title": placed.wish.what.title,
        "volume_ml": placed.volume_ml,
        "center_lps": list(placed.center_lps),
        "study": dict(study),
        "finding": asdict(lesion_of(placed)),
        "tissues": [asdict(tissue) for tissue in tissues_of(placed)],
        "checks": [asdict(check) for check in first.checks],
        "warnings": list(placed.warnings),
        "card": dict(first.card),
        "model": first.record.model,
        "device": first.record.device,
    }
    shown = {role: result.image for role, result in results.items()}
    return body, shown | {MASK: placed.mask, PARTS: placed.parts}
