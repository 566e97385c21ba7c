"""What a ``plan-check`` message asks for, every field checked.

Volumes: ``synthetic``, and as far as they are there ``reference``, ``mr``, ``dose-reference`` and
``dose-synthetic`` (Gy), and a mask for each structure on the synthetic CT's grid. Body:
``structures`` (a list of ``volume``, ``name`` and ``target``), ``beams`` (a list of gantry and
couch angles), ``prescription_gy``, ``curve`` (``name``, ``text``,
``kind``), ``thresholds`` (``name``, ``text``), ``register`` (``rigid``
or ``deformable``), ``dose`` (a list of ``photons``, ``protons``: planned on the real CT and
computed on both), ``model``: what made the CT, for the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.planning.acceptance import DEFAULTS, Acceptance, parse_acceptance
from SynthCore.planning.density import GENERIC, Curve, parse_curve
from SynthCore.planning.engine.of_study import DoseOptions, read_options
from SynthCore.planning.path_length import LIES, Beam
from SynthCore.planning.study import Study
from SynthCore.planning.study_from_images import study_of_images
from SynthCore.protocol import Message, unpack
from SynthCore.request import Progress

if TYPE_CHECKING:  # registration loads torch, which a check without it does not need
    from SynthCore.planning.registration import Kind

IMAGES = ("synthetic", "reference", "mr", "dose-reference", "dose-synthetic")
LONGEST_NAME, LONGEST_TEXT = 200, 1_000_000
MOST_BEAMS, MOST_STRUCTURES = 100, 500


@dataclass(frozen=True)
class Asked:
    """Everything that `SynthCore.planning.plan_check.check` takes, and the model's name."""

    study: Study
    acceptance: Acceptance
    curve: Curve
    beams: tuple[Beam, ...]
    prescription_gy: float | None
    dose: DoseOptions | None
    model: str


def asked_in(message: Message, progress: Progress) -> Asked:
    """What a message asks for.

    Parameters
    ----------
    message : Message
        A ``plan-check``.
    progress : callable
        Told how far a registration is; what it raises stops it.

    Raises
    ------
    InputError
        If a field is missing or not what it should be, or the images do not belong together.
    RefusedError
        If the real CT is synthetic, or the MR no MR.
    """
    body, volumes = message.body, unpack(message)
    structures, targets = _structures(body.get("structures") or [], volumes)
    unknown = set(volumes) - set(IMAGES)
    if "synthetic" not in volumes or unknown:
        raise InputError("A plan-check message brings the synthetic CT and what belongs to it.")
    doses = [volumes.get(name) for name in IMAGES[3:]]
    if (doses[0] is None) != (doses[1] is None):
        raise InputError(
            "Two doses are compared: give the dose on the real CT and the dose on the synthetic "
            "CT, of one plan."
        )
    study = study_of_images(
        volumes["synthetic"],
        reference=volumes.get("reference"),
        mr=volumes.get("mr"),
        structures=structures,
        targets=targets,
        doses=None if doses[0] is None or doses[1] is None else (doses[0], doses[1]),
        register=_kind(body.get("register")),
        progress=progress,
    )
    curve = _curve(body.get("curve"))
    return Asked(
        study,
        _thresholds(body.get("thresholds")),
        curve,
        _beams(body.get("beams") or []),
        _prescription(body.get("prescription_gy")),
        _dose(body.get("dose") or [], study, curve),
        _text(body.get("model") or "", "model"),
    )


def _structures(given: Any, volumes: dict[str, Image]) -> tuple[dict[str, Image], tuple[str, ...]]:
    if not isinstance(given, list) or len(given) > MOST_STRUCTURES:
        raise InputError("The structures of a plan-check message are not a list of masks.")
    found: dict[str, Image] = {}
    targets = []
    for one in given:
        volume = one.get("volume") if isinstance(one, Mapping) else None
        if not isinstance(volume, str) or volume not in volumes:
            raise InputError("A structure of a plan-check message has no mask.")
        name = _text(one.get("name"), "name of a structure")
        if not name or name in found:
            raise InputError(f"Two structures are called {name!r}: rename one of them.")
        found[name] = volumes.pop(volume)
        if one.get("target") is True:
            targets.append(name)
    return found, tuple(targets)


def _beams(given: Any) -> tuple[Beam, ...]:
    def is_angle(value: Any) -> bool:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and -360 <= value <= 360  # no number that is not finite is

    if not isinstance(given, list) or len(given) > MOST_BEAMS:
        raise InputError("The beams of a plan-check message are not a list of angles.")
    found = []
    for one in given:
        if not isinstance(one, list) or len(one) not in (2, 3) or not all(map(is_angle, one[:2])):
            raise InputError("A beam is a gantry and a couch angle between -360 and 360 degrees.")
        if one[2:] not in ([], *([position] for position in LIES)):
            raise InputError(f"A patient lies {', '.join(LIES)}.")
        found.append(Beam(float(one[0]), float(one[1]), *one[2:]))
    return tuple(dict.fromkeys(found))


def _prescription(given: Any) -> float | None:
    if given is None:
        return None
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if not number or not 0 < given <= 1000:
        raise InputError("The prescription is a dose in Gy between 0 and 1000.")
    return float(given)


def _kind(given: Any) -> Kind | None:
    if not given:
        return None
    from SynthCore.planning.registration import KINDS

    for kind in KINDS:
        if given == kind:
            return kind
    raise InputError("A real CT is registered rigid or deformable.")


def _dose(given: Any, study: Study, curve: Curve) -> DoseOptions | None:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise InputError("A dose is computed for a list of photons and protons.")
    if given and study.reference is None:
        raise InputError("A dose is planned on the real CT: choose one.")
    return read_options(given, site=curve)


def _curve(given: Any) -> Curve:
    if given is None:
        return GENERIC["spr"]
    kind = given.get("kind", "spr") if isinstance(given, Mapping) else None
    if not isinstance(kind, str) or kind not in GENERIC:
        raise InputError("The kind of a curve is spr (stopping power) or red (electron density).")
    if not given.get("text"):
        return GENERIC[kind]
    name, text = _file(given, "curve")
    return parse_curve(text, name, kind)


def _thresholds(given: Any) -> Acceptance:
    if given is None:
        return DEFAULTS
    name, text = _file(given, "thresholds")
    return parse_acceptance(text.encode(), name)


def _file(given: Any, what: str) -> tuple[str, str]:
    """Name, without any folder, and text."""
    if not isinstance(given, Mapping):
        raise InputError(f"The {what} of a plan-check message are not a file.")
    name = _text(given.get("name"), f"name of the {what}")
    plain = PureWindowsPath(PurePosixPath(name).name).name or "without a name"
    text = given.get("text")
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        raise InputError(f"The {what} {plain} is too large or not a text.")
    return plain, text


def _text(given: Any, what: str) -> str:
    if not isinstance(given, str) or len(given) > LONGEST_NAME:
        raise InputError(f"The {what} of a plan-check message is not a short text.")
    return given
