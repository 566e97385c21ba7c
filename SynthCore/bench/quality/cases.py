"""Every real case there is, by task; each is read when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from SynthCore.bench.quality.case import Waiting
from SynthCore.bench.quality.cone_beam_cases import cone_beam_cases
from SynthCore.bench.quality.denoise_cases import denoise_cases
from SynthCore.bench.quality.extremity_cases import extremity_cases
from SynthCore.bench.quality.inpaint_cases import inpaint_cases
from SynthCore.bench.quality.sequence_cases import sequence_cases
from SynthCore.bench.quality.super_resolution_cases import super_resolution_cases
from SynthCore.errors import InputError

CASES: dict[str, Callable[[Path], list[Waiting]]] = {
    "mr-to-ct": extremity_cases,
    "mr-sequence": sequence_cases,
    "ct-denoise": denoise_cases,
    "cbct-to-ct": cone_beam_cases,
    "inpaint": inpaint_cases,
    "super-resolution": super_resolution_cases,
}
"""By task: what a folder of real images holds for it."""


def find_cases(data: Path, tasks: Sequence[str] = ()) -> list[Waiting]:
    """All cases of these tasks (of all, where none is named) in a folder of real images.

    Raises
    ------
    InputError
        If a task has no cases here.
    """
    for task in tasks:
        if task not in CASES:
            raise InputError(f"There are no real cases of {task!r}; there are {', '.join(CASES)}.")
    found = [case for task in tasks or CASES for case in CASES[task](data)]
    if not found:
        raise InputError(f"There are no real cases in {data.name}; give --data FOLDER.")
    return found
