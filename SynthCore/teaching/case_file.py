"""Read a case file: TOML or JSON, written by a teacher, checked field by field."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, cast

from SynthCore.dicom.guard import guarded
from SynthCore.errors import InputError
from SynthCore.quality.orientation import PLANES, PlaneName
from SynthCore.tasks import parse_role
from SynthCore.teaching.case import (
    Arrow,
    CaseSeries,
    KeyImage,
    Point,
    Shown,
    TeachingCase,
    WindowWish,
)
from SynthCore.teaching.fields import Fields, numbers_in
from SynthCore.teaching.windows import NAMES

LARGEST = 1_000_000
"""Bytes of a case file."""

_CASE = (
    "title", "history", "question", "choices", "answer", "discussion", "author", "category",
    "abstract", "keywords", "language", "coordinates", "series", "key", "truth",
)  # fmt: skip
_SERIES = (
    "name", "role", "path", "plane", "windows", "synthetic",
    "compare", "compare_name", "compare_shown", "compare_synthetic",
)  # fmt: skip
_KEY = ("series", "point", "slice", "window", "caption", "arrows", "shown")
_SHOWN = ("answer", "question")
_POINT = "[12.0, -30.5, 40.0]"


def read_case(path: Path) -> TeachingCase:
    """Read a case.

    Parameters
    ----------
    path : Path
        TOML, or JSON where the name ends with ``.json``; UTF-8.

    Raises
    ------
    InputError
        With the field that is wrong and what belongs there.
    """
    return parse_case(_load(path), path.absolute().parent)


def parse_case(table: Any, folder: Path) -> TeachingCase:
    """The case that a table of fields describes; paths start from `folder`.

    Raises
    ------
    InputError
        As `read_case`.
    """
    fields = Fields(table, "The case", _CASE)
    ras = fields.one_of("coordinates", ("LPS", "RAS"), "LPS") == "RAS"
    series = tuple(
        _series(Fields(one, f"Series {n}", _SERIES))
        for n, one in enumerate(fields.entries("series"), 1)
    )
    if not series:
        raise InputError("The case shows no images; add a [[series]] with role and path.")
    names = [one.name for one in series]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise InputError(f"Two series are called {twice}; give one of them another name.")
    keys = tuple(
        _key(Fields(one, f"Key image {n}", _KEY), names, ras)
        for n, one in enumerate(fields.entries("key"), 1)
    )
    truth = Fields(fields.raw("truth") or {}, "truth", ("path", "name", "algorithm"))
    choices, answer = fields.texts("choices"), fields.text("answer", None)
    _check_choices(choices, answer)
    return TeachingCase(
        title=fields.text("title", None, line=True),
        question=fields.text("question", None),
        answer=answer,
        series=series,
        history=fields.text("history"),
        choices=choices,
        discussion=fields.text("discussion"),
        author=fields.text("author", line=True),
        category=fields.text("category", line=True),
        abstract=fields.text("abstract", line=True),
        keywords=fields.texts("keywords"),
        language=_language(fields),
        key_images=keys,
        truth=truth.text("path", None) if fields.has("truth") else "",
        truth_name=truth.text("name", "Finding", line=True),
        truth_algorithm=truth.text("algorithm", line=True),
        folder=folder,
    )


def _load(path: Path) -> Any:
    with guarded(path.name, "cannot be read; check the path"):
        if not path.is_file():
            raise InputError(f"The case {path.name} is not there; check the path.")
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path.name} is too long for a case; it is text of a few kilobytes.")
        raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
        return json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not UTF-8 text; save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name} is not TOML: {_plain(error)}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path.name} is not JSON: {_plain(error)}.") from error


def _plain(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")[:200] if str(error) else "it cannot be read"


def _series(fields: Fields) -> CaseSeries:
    role = parse_role(fields.text("role", None))
    compare = fields.text("compare")
    return CaseSeries(
        name=fields.text("name", role, line=True) or role,
        role=role,
        path=fields.text("path", None),
        plane=cast(PlaneName, fields.one_of("plane", PLANES, "axial")),
        windows=tuple(_window(one, fields.where) for one in fields.entries("windows")),
        compare=compare,
        compare_name=fields.text("compare_name", "Before", line=True) or "Before",
        compare_shown=cast(Shown, fields.one_of("compare_shown", _SHOWN, "answer")),
        synthetic=fields.yes("synthetic"),
        compare_synthetic=fields.yes("compare_synthetic"),
    )


def _key(fields: Fields, names: list[str], ras: bool) -> KeyImage:
    series = fields.text("series", names[0] if len(names) == 1 else None, line=True)
    if series not in names:
        raise InputError(
            f"{fields.where} is of a series {series!r} that the case does not have; its series "
            f"are {', '.join(names)}."
        )
    arrows = tuple(
        _arrow(Fields(one, f"Arrow {n} of {fields.where.lower()}", ("point", "label")), ras)
        for n, one in enumerate(fields.entries("arrows"), 1)
    )
    given = fields.numbers("point", 3, _POINT)
    number = fields.count("slice")
    if given is not None and number is not None:
        raise InputError(f"{fields.where} has a point and a slice; give one of them.")
    if given is None and number is None and not arrows:
        raise InputError(f"{fields.where} has neither point nor slice nor arrow; give one.")
    window = fields.raw("window")
    return KeyImage(
        series=series,
        point=None if given is None else _lps(given, ras),
        slice=number,
        window=None if window is None else _window(window, fields.where),
        caption=fields.text("caption", line=True),
        arrows=arrows,
        shown=cast(Shown, fields.one_of("shown", _SHOWN, "answer")),
    )


def _arrow(fields: Fields, ras: bool) -> Arrow:
    point = fields.numbers("point", 3, _POINT)
    if point is None:
        raise InputError(f"{fields.where} has no point; give the place of its tip in millimeters.")
    return Arrow(_lps(point, ras), fields.text("label", line=True))


def _lps(point: tuple[float, ...], ras: bool) -> Point:
    x, y, z = point
    return (-x, -y, z) if ras else (x, y, z)


def _window(value: Any, where: str) -> WindowWish:
    if isinstance(value, str):
        if value not in NAMES:
            raise InputError(
                f"The window {value!r} of {where} is not known; it is one of {', '.join(NAMES)}, "
                "or [center, width]."
            )
        return WindowWish(value)
    center, width = numbers_in(value, 2, f"A window of {where}", "[40, 80] (center and width)")
    if width <= 0:
        raise InputError(f"The window of {where} has no width; give [center, width].")
    return WindowWish("", center, width)


def _check_choices(choices: tuple[str, ...], answer: str) -> None:
    if not choices:
        return
    if len(choices) < 2 or len(set(choices)) < len(choices):
        raise InputError("choices are two or more different texts; or leave them out.")
    if " ".join(answer.split()) not in choices:
        raise InputError("The answer is not one of the choices; write one of them word by word.")


def _language(fields: Fields) -> str:
    language = fields.text("language", "en", line=True)
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", language):
        raise InputError("language is a short code such as en, de or pt-BR.")
    return language
