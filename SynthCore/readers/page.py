"""The page a reader sees, served or as one file."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from SynthCore.errors import InputError
from SynthCore.quality.pages import environment, source_hash
from SynthCore.readers.answers import (
    CONFIDENCE,
    FIELDS,
    LIKERT,
    LIKERT_ENDS,
    LIKERT_QUESTIONS,
    LONGEST_COMMENT,
    MOST_POINTS,
    SYNTHETIC_FROM,
)
from SynthCore.readers.pictures import NOTICE
from SynthCore.readers.study import Study, Truths
from SynthCore.staging import new_files

TEMPLATES = Path(__file__).parent / "templates"
MOST_PAGE_BYTES = 200_000_000


def items_of(study: Study, key: Mapping[str, Truths] | None) -> tuple[str, ...]:
    """The items a reader goes through; the teaching mode, which has the key, repeats none."""
    if key is None:
        return study.items
    return tuple(item for item in study.items if not key[item].repeats)


def told(truth: Truths) -> dict[str, Any]:
    """What the teaching mode tells after an answer."""
    at = truth.place
    place = None if at is None else [at.slice, at.row, at.column]
    return {"truth": truth.truth, "clue": truth.clue, "place": place}


def policy(*, served: bool) -> str:
    """Content-Security-Policy of the page: its own script and style, and nothing else."""
    parts = [
        "default-src 'none'",
        f"script-src '{source_hash(_text('study.js'))}'",
        f"style-src '{source_hash(_text('study.css'))}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join([*parts, "connect-src 'self'"] if served else parts)


def render_page(
    study: Study, *, key: Mapping[str, Truths] | None = None, served: bool = False
) -> str:
    """Make the page.

    Parameters
    ----------
    study : Study
        What is read.
    key : mapping, optional
        The truth: given, the page teaches. A page that is not served then holds it, covered so
        that it is not read by accident; one that does not teach never holds it.
    served : bool
        Whether pictures and answers go to and fro one by one; else the page holds all pictures
        and keeps the answers in the browser.

    Raises
    ------
    InputError
        If pictures are damaged, or too many for one page.
    """
    items = items_of(study, key)
    data: dict[str, Any] = {
        "study": study.id,
        "items": items,
        "pixels": study.pixels,
        "served": served,
        "teach": key is not None,
        "confidence": CONFIDENCE,
        "syntheticFrom": SYNTHETIC_FROM,
        "fields": FIELDS,
    }
    if not served:
        data["pictures"] = _pictures(study, items)
        if key is not None:
            data["reveals"] = {i: covered(json.dumps(told(key[i])), study.id + i) for i in items}
    ends = [LIKERT_ENDS[0], *[""] * (MOST_POINTS - 2), LIKERT_ENDS[1]]
    questions = [
        {"name": "confidence", "text": "Is this image real or synthetic?", "answers": CONFIDENCE},
        *({"name": name, "text": LIKERT_QUESTIONS[name], "answers": ends} for name in LIKERT),
    ]
    templates = environment(TEMPLATES)
    return templates.get_template("study.html.j2").render(
        title=study.title,
        notice=NOTICE,
        count=len(items),
        teach=key is not None,
        served=served,
        questions=questions,
        longest=LONGEST_COMMENT,
        policy=policy(served=served),
        style=Markup(_text("study.css")),  # noqa: S704 (our own files)
        script=Markup(_text("study.js")),  # noqa: S704
        data=Markup(_in_script(data)),  # noqa: S704 (no < is left in it)
    )


def write_page(path: Path, study: Study, *, key: Mapping[str, Truths] | None = None) -> Path:
    """Write a study as one HTML file that needs nothing else.

    Raises
    ------
    InputError
        If the file exists or cannot be written, or the study cannot be shown on one page.
    """
    if path.exists():
        raise InputError(f"{path.name} is there already; nothing is written over.")
    page = render_page(study, key=key)
    with new_files(path) as (part,):
        part.write_text(page, encoding="utf-8", newline="\n")
    return path


def covered(text: str, name: str) -> str:
    """A text not to be read by accident: xor with a stream that `name` begins, in base64.

    It is no encryption: whoever reads the page's script can undo it.
    """
    x = 2166136261  # FNV-1a, then xorshift32; the page's script does the same
    for letter in name.encode("ascii"):
        x = ((x ^ letter) * 16777619) & 0xFFFFFFFF
    x |= 1
    out = bytearray()
    for byte in text.encode("utf-8"):
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        out.append(byte ^ (x & 255))
    return base64.b64encode(bytes(out)).decode("ascii")


def _pictures(study: Study, items: tuple[str, ...]) -> dict[str, list[str]]:
    found, size = {}, 0
    for item in items:
        found[item] = study.slices(item)
        size += sum(map(len, found[item]))
        if size > MOST_PAGE_BYTES:
            raise InputError(
                f"The pictures of {study.title} are over {MOST_PAGE_BYTES // 1_000_000} MB, too "
                "many for one page: serve the study, or make it with fewer or smaller slices."
            )
    return found


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _in_script(data: Mapping[str, Any]) -> str:
    """JSON that ends no script element."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
