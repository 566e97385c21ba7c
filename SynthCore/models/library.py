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
    source = Path(__file__).resolve().parents[2] / "Resources" / "Models"
    installed = Path(sysconfig.get_path("data")) / "share" / "SynthCore" / "Models"
    own = source if source.is_dir() else installed
    more = os.environ.get(MODELS_VARIABLE, "")
    places = (own, *(Path(m) for m in more.split(os.pathsep) if m))
    return tuple(place for place in places if _is_folder(place))


def list_bundles(task: str | None = None) -> tuple[tuple[Bundle, ...], tuple[str, ...]]:
    """Every model that can be opened, learned ones first, and a sentence for each that cannot.

    Raises
    ------
    InputError
        If there is no such task.
    """
    if task is not None:
        get_task(task)
    found: list[Bundle] = []
    problems: list[str] = []
    for folder in _candidates():
        try:
            bundle = open_bundle(folder)
        except ModelError as error:
            problems.append(str(error))
            continue
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
    return [
        folder for place in model_folders() for folder in _folders_in(place) if _holds_card(folder)
    ]


def _folders_in(place: Path) -> list[Path]:
    try:
        return sorted(place.iterdir())
    except OSError:  # may not be looked into
        return []


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
