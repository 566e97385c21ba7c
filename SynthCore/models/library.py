"""Find model folders: those that come with the package, and those a user added."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from SynthCore.errors import InputError, ModelError
from SynthCore.models.bundle import METADATA, Bundle, open_bundle
from SynthCore.tasks import get_task

MODELS_VARIABLE = "SYNTHCORE_MODELS"
"""Environment variable: more folders of models, separated as in PATH."""

_LONGEST = 80
"""Of a name in a message."""


def model_folders() -> tuple[Path, ...]:
    """Folders that hold model folders: the package's own first.

    They lie in the source tree, or where a wheel puts its data.
    """
    return tuple(place for place in (_own(), *_named()) if _is_folder(place))


def is_built_in(name: str) -> bool:
    """Whether the package has a model folder of that name."""
    return _is_folder(_own() / name)


def _own() -> Path:
    source = Path(__file__).resolve().parents[2] / "Resources" / "Models"
    installed = Path(sysconfig.get_path("data")) / "share" / "SynthCore" / "Models"
    return source if source.is_dir() else installed


def place_problems() -> tuple[str, ...]:
    """A sentence for each place that the environment names and that holds no model."""
    found = []
    for place in _named():
        shown = str(place) if len(str(place)) <= _LONGEST else f"...{str(place)[-_LONGEST:]}"
        if not _is_folder(place):
            found.append(f"{MODELS_VARIABLE} names {shown}, which is not a folder.")
        elif not _models_in(place):
            found.append(f"{MODELS_VARIABLE} names {shown}, which holds no model folder.")
    return tuple(found)


def _named() -> tuple[Path, ...]:
    more = os.environ.get(MODELS_VARIABLE, "")
    return tuple(Path(m) for m in more.split(os.pathsep) if m)


def list_bundles(task: str | None = None) -> tuple[tuple[Bundle, ...], tuple[str, ...]]:
    """Every model that can be opened, learned ones first, and a sentence for each that cannot.

    Of several with one id it is the first: one of the package's own is never another's.

    Raises
    ------
    InputError
        If there is no such task.
    """
    if task is not None:
        get_task(task)
    found: list[Bundle] = []
    problems = list(place_problems())
    ids: set[str] = set()
    for folder in _candidates():
        try:
            bundle = open_bundle(folder)
        except ModelError as error:
            problems.append(str(error))
            continue
        if bundle.name in ids:
            problems.append(
                f"The model folder {folder.name} has the id {bundle.name}, which another has "
                "already: it is left out; give its folder to use it."
            )
            continue
        ids.add(bundle.name)
        if task is None or bundle.card.task == task:
            found.append(bundle)
    found.sort(key=lambda b: (b.card.task, b.card.kind != "network", b.name))
    return tuple(found), tuple(problems)


def find_bundle(name: str) -> Bundle:
    """The model of that id, or the model folder at that path.

    Raises
    ------
    InputError
        If there is none.
    ModelError
        If the folder is not a usable model.
    """
    for folder in _candidates():
        if folder.name == name:
            return open_bundle(folder)
    if name and _is_folder(Path(name)):
        return open_bundle(Path(name))
    bundles, _ = list_bundles()
    for bundle in bundles:
        if bundle.name == name:
            return bundle
    known = ", ".join(b.name for b in bundles) or "none"
    name = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}..."
    raise InputError(f"There is no model {name!r}; there are {known}, or give a model folder.")


def rank(task: str, roles: Iterable[str], target: str) -> tuple[Bundle, ...]:
    """Models that can make `target` from these roles.

    Learned ones before classical, then by how many of the given roles they use.
    """
    given = set(roles)
    bundles, _ = list_bundles(task)
    usable = [b for b in bundles if b.card.makes(target) and takes(b, given)]
    usable.sort(key=lambda b: (b.card.kind != "network", -len(given & set(b.card.inputs)), b.name))
    return tuple(usable)


def takes(bundle: Bundle, given: set[str]) -> bool:
    """Whether a model can work from these roles."""
    known = set(bundle.card.inputs)
    return known <= given if bundle.card.takes == "all" else bool(known & given)


def _candidates() -> list[Path]:
    found = [folder for place in model_folders() for folder in _models_in(place)]
    first: dict[Path, Path] = {}
    for folder in found:
        first.setdefault(folder.resolve(), folder)
    return list(first.values())


def _models_in(place: Path) -> list[Path]:
    """The model folders in a place, or the place itself where it is one."""
    try:
        inside = sorted(place.iterdir())
    except OSError:  # may not be looked into
        return []
    return [place] if _holds_card(place) else [folder for folder in inside if _holds_card(folder)]


def _holds_card(folder: Path) -> bool:
    try:
        return (folder / METADATA).is_file()
    except OSError:
        return True  # that it cannot be read is told when it is opened


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long, a folder above that is closed
        return False
