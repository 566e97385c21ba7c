"""Wishes check themselves, and go to a table and back."""

from __future__ import annotations

from typing import Any

import pytest

from SynthCore.errors import InputError
from SynthCore.lesions.kinds import KINDS
from SynthCore.lesions.wish import LesionWish
from SynthCore.physics.generator.tissue_values import TABLE


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"kind": "cyst", "volume_ml": 1.0}, "no kind of lesion"),
        ({"kind": "glioma", "volume_ml": 900.0}, "0.5 to 150 ml"),
        ({"kind": "glioma", "volume_ml": float("nan")}, "not that of a glioma"),
        ({"kind": "infarct", "volume_ml": 900.0}, "not that of an infarct"),
        ({"kind": "glioma", "volume_ml": 9.0, "site": "lung"}, "has no site"),
        ({"kind": "glioma", "volume_ml": 9.0, "site": "cortical", "at": (0, 0, 0)}, "not by both"),
        ({"kind": "glioma", "volume_ml": 9.0, "at": (0, 0, float("inf"))}, "three numbers"),
        ({"kind": "glioma", "volume_ml": 9.0, "contrast": 0.0}, "contrast is 0"),
        ({"kind": "glioma", "volume_ml": 9.0, "mass_effect": 9.0}, "mass effect is 9"),
        ({"kind": "glioma", "volume_ml": 9.0, "seed": -1}, "seed"),
    ],
)
def test_an_impossible_wish_says_why(wish: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        LesionWish(**wish)


def test_a_wish_goes_to_a_table_and_back() -> None:
    wish = LesionWish("metastasis", 2.0, at=(1.0, 2.0, 3.0), seed=4)
    assert LesionWish.from_dict(wish.to_dict()) == wish
    with pytest.raises(InputError, match="not a wish"):
        LesionWish.from_dict({"kind": "glioma", "size": 3})


def test_every_part_of_the_brain_has_a_tissue_and_every_part_a_code() -> None:
    for kind in KINDS.values():
        assert kind.sites and kind.source
        assert any(part.proper for part in kind.parts)
        for part in kind.parts:
            assert part.code[1] in ("SCT", "DCM") and part.code[0].isdigit()
            assert (part.tissue in TABLE) == (kind.organ == "brain")
