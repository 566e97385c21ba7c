"""What every check that may have a threshold measures, in words."""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "mae_body": "mean absolute error in the body, HU",
    "me_air": "mean signed error in air and lung, HU",
    "me_lung": "mean signed error in aerated lung, HU",
    "me_fat": "mean signed error in fat, HU",
    "me_soft_tissue": "mean signed error in soft tissue, HU",
    "me_bone": "mean signed error in bone, HU",
    "mae_air": "mean absolute error in air and lung, HU",
    "mae_lung": "mean absolute error in aerated lung, HU",
    "mae_fat": "mean absolute error in fat, HU",
    "mae_soft_tissue": "mean absolute error in soft tissue, HU",
    "mae_bone": "mean absolute error in bone, HU",
    "me_structure": "mean signed error in every structure, HU",
    "mae_structure": "mean absolute error in every structure, HU",
    "body_dice": "overlap of the bodies",
    "bone_dice": "overlap of bone",
    "body_distance": "mean distance of the bodies' surfaces, mm",
    "body_distance_95": "95th percentile of the bodies' distance, mm",
    "body_outward": "mean displacement of the body's surface, outward, mm",
    "body_moved": "distance of the centers of the bodies, mm",
    "bone_distance": "mean distance of the bones' surfaces, mm",
    "bone_distance_95": "95th percentile of the bones' distance, mm",
    "bone_outward": "mean displacement of the bones' surface, outward, mm",
    "bone_moved": "distance of the centers of the bones, mm",
    "range_mean": "mean difference of water-equivalent path length of each beam, percent",
    "range_worst": "98th percentile of the path length's difference over the target, mm",
    "range_uncertainty": "standard deviation of a beam's path length, errors of one sign, mm",
    "target_dose": "difference of D98, D50 and D2 of targets, percent",
    "organ_dose": "difference of D2 and mean of organs, percent of the prescription",
    "gamma": "share of voxels that pass 2%/2mm, percent",
    "registration_translation": "translation of the real CT by its registration, mm",
    "registration_rotation": "rotation of the real CT by its registration, degrees",
    "registration_outline": "median distance of the outlines after registration, mm",
    "registration_folded": "share of the body where a deformable registration folds, percent",
    "registration_bone_strain": "strain of bone in a deformable registration, percent",
}
"""Every finding that may have a threshold."""

_UNITS = {"HU": "HU", "mm": "mm", "percent": "%", "degrees": "deg"}


def words_of(name: str) -> str:
    """What is measured, without its unit."""
    text = MEANINGS[name]
    return text.rpartition(", ")[0] if unit_of(name) else text


def unit_of(name: str) -> str:
    """In which the finding is given; empty where it is a number."""
    last = MEANINGS[name].rpartition(", ")[2].split()[0]
    return _UNITS.get(last, "")
