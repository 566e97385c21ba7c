"""``people.html``: every person of a folder on one page, to look at what was made."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import SynthCore
from SynthCore.people import picture
from SynthCore.people.person_file import PersonFile
from SynthCore.people.wish import CT
from SynthCore.physics.generator.told import ct_lines, scan_lines
from SynthCore.quality.pages import environment
from SynthCore.words import counted

NAME = "people.html"
MOST = 100
"""People on the page, some 25 MB; all are in the table."""

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Shown:
    """What the page shows of a person: texts, and the picture as a ``data:`` address."""

    id: str
    about: str
    images: tuple[str, ...]
    source: str


def page_of(people: Sequence[PersonFile], out: Path) -> str:
    """The page of the first `MOST` as HTML; pictures are taken from their folders in `out`."""
    shown = [_shown(one, out / one.id / picture.NAME) for one in people[:MOST]]
    more = len(people) - len(shown)
    seeds = sorted({one.draws.seed for one in people})
    template = environment(_TEMPLATES).get_template("people.html.j2")
    return template.render(
        people=shown,
        seeds=", ".join(map(str, seeds)),
        version=SynthCore.__version__,
        count=counted(len(people), "person").replace("persons", "people"),
        more=f" (the last {more} in people.csv alone)" if more else "",
    )


def _shown(one: PersonFile, path: Path) -> Shown:
    draws = one.draws
    lesions = ", ".join(map(str, one.lesions))
    drawn_on = draws.origin.name or f"digital phantom {draws.origin.seed}"
    about = f"{draws.person.field_t:g} T; {lesions or 'no lesion'}; drawn on {drawn_on}"
    lines = {scan.role: "; ".join(scan_lines(scan)) for scan in draws.scans}
    if draws.ct is not None:
        lines[CT] = f"CT: {'; '.join(ct_lines(draws.ct))}"
    encoded = base64.b64encode(path.read_bytes()).decode("ascii") if path.is_file() else ""
    source = f"data:image/jpeg;base64,{encoded}" if encoded else ""
    return Shown(one.id, about, tuple(lines[role] for role in draws.images), source)
