"""Which patient is trained on, and which is kept for validation and test."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from SynthCore.errors import InputError

PARTS = ("train", "validation", "test")


def split_patients(
    patients: Collection[int], shares: tuple[float, float, float], seed: int
) -> Mapping[int, str]:
    """A part for each patient: all images of one patient lie in one part.

    Parameters
    ----------
    patients : collection of int
        Each once or more.
    shares : tuple of float
        Of the patients, for train, validation and test; they sum to 1. A share above 0 gets at
        least one patient where there are enough of them.
    seed : int
        Of the order they are dealt in.

    Raises
    ------
    InputError
        If the shares are none.
    """
    if any(not 0 <= share <= 1 for share in shares) or abs(sum(shares) - 1) > 1e-6:
        raise InputError("The shares of train, validation and test are 0 to 1 and sum to 1.")
    order = np.random.default_rng([seed, 0x5711]).permutation(sorted(set(patients)))
    count = len(order)
    wanted = [
        max(round(share * count), 1) if share > 0 else 0 for share in shares[1:]
    ]  # fmt: skip
    # training comes first where there are too few patients for all
    room = max(count - 1, 0) if shares[0] > 0 else count
    validation = min(wanted[0], room)
    test = min(wanted[1], room - validation)
    if shares[1] > 0 and shares[2] > 0 and room == 1:
        validation, test = 0, 1
    parts = ["validation"] * validation + ["test"] * test
    parts += ["train" if shares[0] > 0 else "test"] * (count - len(parts))
    return {int(patient): part for patient, part in zip(order, parts, strict=True)}
