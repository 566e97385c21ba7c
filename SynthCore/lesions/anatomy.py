"""Does an image show a brain? By its likeness to what the models here were trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SynthCore.errors import RefusedError
from SynthCore.image import Image
from SynthCore.models.input_statistics import distance, features
from SynthCore.models.library import find_bundle
from SynthCore.tasks import CT_ROLES

BRAINS = "inpaint-brain"
"""Its card holds figures of heads and brains in every sequence and in CT."""

OTHERS = {"mr": ("mr-to-ct-extremity", "T1", "limb"), "ct": ("ct-denoise-body", "CT", "body")}
"""By kind of image a model of another anatomy, the role its card knows, and the anatomy. Limbs are
known on T1 alone, but differ from heads in form more than in contrast."""


def brain_doubt(role: str, image: Image) -> str:
    """Say in a sentence that an image is unlike heads and brains; empty where it is like them.

    Refused is what is like another anatomy, and more so than like a brain: a lesion of the brain
    has no place there. Of the images at hand that tells all heads and brains from all 22 thighs and
    calves, two thighs in one image too, and from CT of chest, abdomen and thigh.

    Parameters
    ----------
    role : str
        Of one that no figures are known of nothing is said.
    image : Image
        Its axes toward superior, posterior and left.

    Raises
    ------
    RefusedError
        With what to do.
    """
    brains = _statistics(BRAINS).get(role)
    if brains is None:
        return ""
    kind = "ct" if role in CT_ROLES else "mr"
    figures = features(image, (kind,))
    found = distance(figures, brains)
    model, known, anatomy = OTHERS[kind]
    others = _statistics(model)[known]
    other = distance(figures, others)
    if other < found and other <= float(str(others["refuse"])):
        raise RefusedError(
            f"The {role} image shows a {anatomy} and no brain: give an image of the head, or a "
            "mask of the brain as the organ."
        )
    if found > float(str(brains["refuse"])):
        return f"The {role} image is unlike the heads and brains known here: is it one?"
    return ""


def _statistics(model: str) -> Mapping[str, Mapping[str, Any]]:
    return find_bundle(model).card.input_statistics
