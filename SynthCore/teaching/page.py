"""The class page: cases as one HTML file that needs no server and no network.

The pictures come from the voxels. Of the headers nothing is taken: what the page says is what the
case file says, the windows and where a slice lies.

The answer is not in the text of the page before it is revealed: answer, discussion, keywords and
what is said of key images lie in it as base64. That keeps it from a glance and from a search in
the page, not from a student who wants to read the source.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from SynthCore import __version__
from SynthCore.errors import InputError
from SynthCore.quality.pages import environment, source_hash
from SynthCore.request import Progress, part_of
from SynthCore.staging import new_files
from SynthCore.teaching.stacks import DETAILS, Detail, key_image, stack
from SynthCore.teaching.study import Study

LARGEST = 25_000_000
"""Bytes of a page, at most: it is mailed, and opened on the lecture room's computer."""

_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPTS = ("stage.js", "case.js", "keys.js")


def write_page(
    path: Path,
    studies: Sequence[Study],
    *,
    largest: int = LARGEST,
    progress: Progress | None = None,
) -> Path:
    """Write the page of one case or of several, which make a quiz.

    Parameters
    ----------
    path : Path
        Of the HTML file; its folder exists, it does not.
    studies : sequence of Study
        At least one.
    largest : int
        Bytes; slices and pictures become fewer and smaller until the page is no larger.

    Raises
    ------
    InputError
        If the file exists or cannot be written, a key image lies outside its series, or the cases
        are too many.
    """
    if path.exists():
        raise InputError(f"{path.name} exists already and is not written over; give another --out.")
    text = render_page(studies, largest=largest, progress=progress)
    with new_files(path) as (part,):
        part.write_text(text, encoding="utf-8", newline="\n")
    return path


def render_page(
    studies: Sequence[Study], *, largest: int = LARGEST, progress: Progress | None = None
) -> str:
    """Make the page of `write_page`, with fewer slices where it would become too large.

    Raises
    ------
    InputError
        If it would be larger than `largest` bytes even then.
    """
    report = progress or (lambda fraction, stage: None)
    for number, detail in enumerate(DETAILS):
        # the first detail is most often the one; each that follows has a quarter of what is left
        part = part_of(report, 1 - 0.25**number, 1 - 0.25 ** (number + 1))
        cases = []
        for n, study in enumerate(studies):
            share = part_of(part, n / len(studies), (n + 1) / len(studies))
            cases.append(_case(study, detail, share))
        page = _render(cases, studies)
        if len(page.encode("utf-8")) <= largest:
            report(1.0, "done")
            return page
    raise InputError(
        f"The page would be larger than {largest / 1e6:.0f} MB even with few slices; put fewer "
        "cases or series into one page."
    )


def _case(study: Study, detail: Detail, progress: Progress) -> dict[str, Any]:
    case = study.case
    stacks = []
    for n, one in enumerate(study.series):
        part = part_of(progress, n / len(study.series), (n + 1) / len(study.series))
        stacks.append(stack(study, one, detail, part))
    keys = [(key.shown, key_image(study, key, stacks, detail)) for key in case.key_images]
    sealed = {
        "answer": case.answer,
        "right": list(case.choices).index(" ".join(case.answer.split())) if case.choices else None,
        "discussion": case.discussion,
        "keywords": list(case.keywords),
        "keys": [key for shown, key in keys if shown == "answer"],
        "truth": case.truth_name if case.truth else None,
    }
    return {
        "title": case.title,
        "language": case.language,
        "history": case.history,
        "question": case.question,
        "choices": list(case.choices),
        "author": case.author,
        "category": case.category,
        "series": stacks,
        "keys": [key for shown, key in keys if shown == "question"],
        "sealed": base64.b64encode(json.dumps(sealed).encode("utf-8")).decode("ascii"),
    }


def _render(cases: list[dict[str, Any]], studies: Sequence[Study]) -> str:
    templates = environment(_TEMPLATES)
    style = (_TEMPLATES / "class_page.css").read_text(encoding="utf-8")
    script = "\n".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    return templates.get_template("class_page.html.j2").render(
        title=cases[0]["title"] if len(cases) == 1 else f"{len(cases)} teaching cases",
        style=Markup(style),  # noqa: S704 (a file of this package)
        script=Markup(script),  # noqa: S704 (a file of this package)
        style_hash=source_hash(style),
        script_hash=source_hash(script),
        cases=cases,
        several=len(cases) > 1,
        synthetic=any(study.synthetic for study in studies),
        version=__version__,
    )
