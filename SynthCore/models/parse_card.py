"""From a bundle's metadata to a card.

A model folder is untrusted input, so every field that anything reads is checked here, once, before
anything is computed from it; the rest only has to be harmless to print.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, cast

from SynthCore.errors import InputError, ModelError
from SynthCore.models import card_fields as fields
from SynthCore.models.brightest import Brightest
from SynthCore.models.card import MIRRORS, OPEN_TARGETS, Card, Output, Prepare
from SynthCore.models.normalize import Normalization
from SynthCore.models.uncertainty import LOOKS, Calibration, parse_uncertainty
from SynthCore.tasks import CT_ROLES, FINER_TASK, ROLES, get_task

LONGEST_ID = 64
_ID = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{LONGEST_ID - 1}}}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,31}")
_LONGEST = 300
"""Of a reason, in characters: values of a card appear in it."""


def parse_card(metadata: Any, where: str) -> Card:
    """The card in a bundle's metadata.

    Parameters
    ----------
    metadata : object
        The parsed ``metadata.json``.
    where : str
        Name of the model folder, for messages.

    Raises
    ------
    ModelError
        If a field is missing, of a wrong type or out of range.
    """
    try:
        return _card(fields.mapping(metadata, "the file"))
    except KeyError as error:
        reason = f"the field {error} is missing"
    except (InputError, LookupError, TypeError, ValueError, ArithmeticError) as error:
        reason = str(error).rstrip(".")
    raise ModelError(f"The card of the model folder {where} is wrong: {reason[:_LONGEST]}.")


def _card(metadata: Mapping[str, Any]) -> Card:
    block = fields.mapping(metadata["synthcore"], "synthcore")
    fields.harmless(block)
    kind = block["kind"]
    if kind not in ("network", "classical"):
        raise ModelError(f"kind is 'network' or 'classical', not {kind!r}")
    sha = block.get("weights_sha256", "")
    if not isinstance(sha, str) or (kind == "network" and not _SHA256.fullmatch(sha)):
        raise ModelError("weights_sha256 is not a SHA-256")
    identity = fields.text(block, "id")
    if not _ID.fullmatch(identity):
        raise ModelError("id may hold only a to z, 0 to 9 and '-'")
    version = fields.text(metadata, "version")
    if not _VERSION.fullmatch(version):
        raise ModelError("version is not one, such as 1.0.0")
    target = fields.text(block, "target")
    inputs = _inputs(block, kind, target)
    fields.spacing_range(block.get("spacing_range_mm"))
    anatomy = block.get("anatomy", "")
    if not isinstance(anatomy, str):
        raise ModelError("anatomy is not a text")
    card = Card(
        id=identity,
        version=version,
        task=get_task(fields.text(block, "task")).name,
        inputs=inputs,
        target=target,
        unit=fields.text(block, "unit"),
        kind=cast(Literal["network", "classical"], kind),
        anatomy=anatomy,
        weights_sha256=sha,
        prepare=_prepare(block.get("prepare", {}), block["task"]),
        output=_output(block.get("output", {}), inputs, target, kind),
        input_statistics=fields.statistics(block.get("input_statistics", {}), inputs),
        takes=_takes(block, kind, target),
        block=block,
    )
    if card.output.mean_over and (kind == "classical" or card.task == FINER_TASK):
        raise ModelError("mean_over is for networks that make slices as they were acquired")
    return replace(card, uncertainty=_uncertainty(block.get("uncertainty"), card))


def _uncertainty(block: Any, card: Card) -> Calibration | None:
    found = parse_uncertainty(block, card.weights_sha256)
    if found is None:
        return None
    if card.kind != "network" or card.unit != "HU" or card.target not in (*CT_ROLES, "same"):
        raise ModelError("uncertainty is for networks that make CT numbers")
    if card.task == FINER_TASK or card.prepare.mask_channel:
        raise ModelError("uncertainty is for networks that make each slice whole")
    linear = any(how.kind == "linear" for how in card.prepare.normalization.values())
    if linear and set(found.changes) & set(LOOKS):
        raise ModelError("uncertainty: changes of intensity are for images in arbitrary units")
    return found


def _inputs(block: Mapping[str, Any], kind: str, target: str) -> tuple[str, ...]:
    inputs = tuple(fields.listed(block["inputs"], None, "inputs"))
    unknown = [r for r in inputs if r not in ROLES]
    unknown += [] if target in (*ROLES, *OPEN_TARGETS) else [target]
    if not inputs or unknown:
        raise ModelError(f"unknown role in inputs or target: {unknown or 'none given'}")
    if len(set(inputs)) < len(inputs):
        raise ModelError("inputs names a role twice")
    return inputs


_TAKES = {"network": ("all", "any", "one"), "classical": ("any", "first")}


def _takes(
    block: Mapping[str, Any], kind: str, target: str
) -> Literal["all", "any", "one", "same", "first"]:
    if target == "same":
        if "takes" in block:
            raise ModelError("takes is for models that make another role than they are given")
        return "same"
    takes = block.get("takes", "all" if kind == "network" else "any")
    if takes not in _TAKES[kind]:
        raise ModelError(f"takes is not one of {', '.join(_TAKES[kind])} for a {kind} model")
    return cast(Literal["all", "any", "one", "same", "first"], takes)


def _prepare(block: Any, task: str) -> Prepare:
    block = fields.mapping(block, "prepare")
    spacing = tuple(
        None if v is None else fields.number(v, 0.05, 50, "spacing_mm")
        for v in fields.listed(block.get("spacing_mm", [None] * 3), 3, "spacing_mm")
    )
    tile = tuple(
        fields.whole(v, 16, 4096, "tile")
        for v in fields.listed(block.get("tile", [256, 256]), 2, "tile")
    )
    slices = fields.whole(block.get("slices", 1), 1, 31, "slices")
    if slices % 2 == 0:
        raise ModelError("slices is not odd")
    multiple_of = fields.whole(block.get("multiple_of", 16), 1, 256, "multiple_of")
    if any(side % multiple_of for side in tile):
        raise ModelError("the tile is not a multiple of multiple_of")
    if block.get("orientation") not in (None, "LPS"):
        raise ModelError("orientation is neither null nor 'LPS'")
    planes = block.get("planes", "slices")
    if planes not in ("slices", "through"):
        raise ModelError("planes is neither 'slices' nor 'through'")
    if planes == "through" and task != FINER_TASK:
        raise ModelError(f"planes is 'through' only for {FINER_TASK}")
    normalization = {
        role: _normalization(value, f"normalization of {role}")
        for role, value in fields.mapping(block.get("normalization", {}), "normalization").items()
    }
    return Prepare(
        (spacing[0], spacing[1], spacing[2]),
        slices,
        multiple_of,
        (tile[0], tile[1]),
        normalization,
        absent=fields.number(block.get("absent", -1.0), -100, 100, "absent"),
        mask_channel=fields.truth(block.get("mask_channel", False), "mask_channel"),
        hole=fields.number(block.get("hole", 0.0), -100, 100, "hole"),
        planes=planes,
        first_guess=_first_guess(block),
    )


def _first_guess(block: Mapping[str, Any]) -> bool:
    wanted = fields.truth(block.get("first_guess", False), "first_guess")
    if wanted and not block.get("mask_channel", False):
        raise ModelError("first_guess is for models that fill a region: mask_channel is not set")
    return wanted


def _normalization(block: Any, what: str) -> Normalization:
    block = fields.mapping(block, what)
    for name, value in block.items():
        if name == "percentile":
            fields.number(value, 0.01, 100, f"{what}: percentile")
        elif name == "scale":
            fields.number(value, 1e-9, 1e9, f"{what}: scale")
        elif name != "kind":
            fields.number(value, -1e9, 1e9, f"{what}: {name}")
    made = Normalization.from_card(block)
    if made.low >= made.high:
        raise ModelError(f"{what}: low is not below high")
    return made


def _output(block: Any, inputs: tuple[str, ...], target: str, kind: str) -> Output:
    block = fields.mapping(block, "output")
    residual_of = block.get("residual_of")
    # one image of several roles goes in: only "same" says which is meant
    own = ("same",) if target == "same" else ()
    allowed = own if own and len(inputs) > 1 else (*inputs, *own)
    if residual_of is not None and residual_of not in allowed:
        raise ModelError("residual_of is not among the inputs")
    channels = tuple(fields.listed(block.get("channels", []), None, "output channels"))
    if len(set(map(str, channels))) < len(channels) or any(c not in ROLES for c in channels):
        raise ModelError("output channels are not different roles")
    if kind == "network" and target == "any" and not channels:
        raise ModelError("a network that makes any role names its output channels")
    if channels and target not in (*channels, "any"):
        raise ModelError("the target is not among the output channels")
    denormalize = fields.truth(block.get("denormalize", False), "denormalize")
    if denormalize and target != "same":
        raise ModelError("denormalize is for models that change the image they are given")
    clip, outside = block.get("clip"), block.get("outside")
    full_dose = block.get("full_dose_hu")
    if full_dose is not None and residual_of not in CT_ROLES:
        raise ModelError("full_dose_hu is for models that change a CT")
    return Output(
        scale=fields.number(block.get("scale", 1.0), -1e6, 1e6, "scale"),
        offset=fields.number(block.get("offset", 0.0), -1e6, 1e6, "offset"),
        residual_of=residual_of,
        clip=None if clip is None else fields.interval(clip, -1e9, 1e9, "clip"),
        outside=None if outside is None else fields.number(outside, -1e6, 1e6, "outside"),
        channels=channels,
        denormalize=denormalize,
        full_dose_hu=None
        if full_dose is None
        else fields.number(full_dose, 0.1, 1000, "full_dose_hu"),
        brightest=_brightest(block.get("brightest"), target),
        mean_over=_mirrors(block.get("mean_over", [])),
    )


def _mirrors(block: Any) -> tuple[str, ...]:
    found = tuple(fields.listed(block, None, "mean_over"))
    if any(one not in MIRRORS for one in found) or len(set(found)) < len(found):
        raise ModelError(f"mean_over is not a list of different mirrors ({', '.join(MIRRORS)})")
    return found


def _outer(block: Mapping[str, Any]) -> dict[str, float]:
    if unknown := sorted(set(block) - set(ROLES)):
        raise ModelError(f"brightest: outer_mm names {str(unknown[0])[:40]!r}, which is no role")
    return {role: fields.number(mm, 0.1, 1000, "brightest: outer_mm") for role, mm in block.items()}


def _brightest(block: Any, target: str) -> Brightest | None:
    if block is None:
        return None
    if target == "same":
        raise ModelError("brightest is for models that make another role than they are given")
    block = fields.mapping(block, "brightest")
    made = Brightest(
        percentile=fields.number(block.get("percentile", 99.5), 50, 100, "brightest: percentile"),
        value=fields.number(block.get("value"), 1e-6, 1e6, "brightest: value"),
        above=fields.number(block.get("above", 98.0), 50, 100, "brightest: above"),
        outer_mm=_outer(fields.mapping(block.get("outer_mm", {}), "brightest: outer_mm")),
    )
    if made.above >= made.percentile:
        raise ModelError("brightest: above is not below percentile")
    return made
