"""A class page of one teaching case, as ``synthcore teach`` makes it, of images sent here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.protocol import Message, unpack
from SynthCore.request import Cancelled, Progress, or_stop, part_of
from SynthCore.tasks import unit_of
from SynthCore.worker.answer import Answer

MOST_PAGE = 10_000_000
"""Bytes of a page: it travels in a message's header."""

TRUTH = "truth "
"""Before the name of a series: the volume that is the truth on its grid."""


def teaching(message: Message, progress: Progress, cancelled: Cancelled) -> Answer:
    """Answer a ``teach`` message.

    Its body's ``case`` holds the fields of a case file; ``path`` and ``compare`` of a series are
    names of volumes, and the truth on the grid of a series is the volume ``truth NAME``. The
    answer's body holds the ``page`` (HTML), its ``bytes`` and ``synthetic``: whether it shows
    anything that is.

    Raises
    ------
    InputError, CancelledError
        As `SynthCore.teaching.case_file.parse_case` and `SynthCore.teaching.page.render_page`, or
        if a volume is missing.
    """
    progress(0.0, "read")
    from SynthCore.teaching.case import CaseSeries
    from SynthCore.teaching.case_file import parse_case
    from SynthCore.teaching.page import render_page
    from SynthCore.teaching.study import make_study

    case = parse_case(message.body.get("case"), Path())
    volumes = unpack(message)

    def image(name: str, role: str) -> Image:
        if name not in volumes:
            raise InputError(f"A teach message brings no volume {name[:40]!r}.")
        given = volumes[name]
        voxels = np.asarray(given.voxels)
        return replace(given, voxels=voxels, modality=role, unit=unit_of(role))

    def truth(series: CaseSeries, on: Image) -> Image:
        mask = volumes.get(TRUTH + series.name)
        if mask is None or not mask.same_grid(on):
            raise InputError(f"The truth does not lie on the images of {series.name}.")
        return mask.with_voxels(mask.voxels > 0)

    tell = or_stop(progress, cancelled)
    study = make_study(case, image, truth, progress=part_of(tell, 0.0, 0.4))
    page = render_page([study], largest=MOST_PAGE, progress=part_of(tell, 0.4, 1.0))
    return Answer({"page": page, "bytes": len(page.encode("utf-8")), "synthetic": study.synthetic})
