"""A region to fill leaves enough around it, and lies in the patient."""

from __future__ import annotations

import numpy as np
import pytest

from SynthCore.engine.mask_check import mask_check
from SynthCore.engine.synthesize import synthesize
from SynthCore.errors import RefusedError
from SynthCore.image import Image, make_affine, notes_of
from SynthCore.lesions.remove import remove

SHAPE = (8, 40, 40)


def brain() -> Image:
    k, j, i = np.ogrid[:8, :40, :40]
    inside = (j - 20) ** 2 + (i - 20) ** 2 + 9 * (k - 4) ** 2 < 300
    texture = np.random.default_rng(0).normal(0, 5, SHAPE)
    return Image(
        np.where(inside, 100 + texture, 0).astype(np.float32), make_affine((1.0, 1.0, 3.0)), "T1"
    )


def mask_of(region: np.ndarray) -> Image:
    return Image(region.astype(np.uint8), brain().affine)


def lesion() -> np.ndarray:
    region = np.zeros(SHAPE, dtype=bool)
    region[3:5, 16:22, 16:22] = True
    return region


@pytest.mark.parametrize("model", ["inpaint-biharmonic", None])
@pytest.mark.parametrize("region", [np.ones(SHAPE, dtype=bool), ~lesion()])
def test_a_full_and_an_inverted_mask_are_refused(model: str | None, region: np.ndarray) -> None:
    with pytest.raises(RefusedError, match=r"was it inverted\? Nothing was made"):
        synthesize("inpaint", {"T1": brain()}, mask=mask_of(region), model=model)


def test_a_removal_says_in_which_image() -> None:
    with pytest.raises(RefusedError, match=r"T1: The mask holds .* was it inverted\?"):
        remove({"T1": brain()}, mask_of(~lesion()), model="inpaint-biharmonic")


def test_the_size_of_a_mask_is_among_the_checks() -> None:
    result = synthesize(
        "inpaint", {"T1": brain()}, mask=mask_of(lesion()), model="inpaint-biharmonic"
    )
    (check,) = (one for one in result.checks if one.name == "mask")
    assert check.outcome == "pass" and "0.216 ml" in check.message
    assert check in result.record.checks


def test_a_large_mask_warns_and_one_in_the_air_is_refused() -> None:
    body = brain().voxels > 0
    large = np.zeros(SHAPE, dtype=bool)
    large[:, :, :16] = True
    assert mask_check(brain(), large, body).outcome == "warn"
    air = np.zeros(SHAPE, dtype=bool)
    air[0, :2, :2] = True
    found = mask_check(brain(), air, body)
    assert found.outcome == "refuse" and "outside of the patient" in found.message


def test_how_a_mask_was_read_is_among_the_warnings() -> None:
    told = "The mask was resampled to the image's grid by nearest neighbor."
    mask = Image(lesion().astype(np.uint8), brain().affine, notes=(told,))
    result = synthesize("inpaint", {"T1": brain()}, mask=mask, model="inpaint-biharmonic")
    assert told in result.warnings


def test_notes_name_their_role_where_there_are_several() -> None:
    noted = Image(brain().voxels, brain().affine, "T1", notes=("Read as asked.",))
    assert notes_of({"T1": noted}) == ["Read as asked."]
    assert notes_of({"T1": noted, "T2": brain()}) == ["T1: Read as asked."]
