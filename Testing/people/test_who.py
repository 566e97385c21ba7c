"""Nobody has another's identity, random numbers or phantom."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pydicom
import pytest

from SynthCore.cli.main import main
from SynthCore.people.draws import draw
from SynthCore.people.heads import Head
from SynthCore.people.person_file import who
from SynthCore.people.streams import (
    CT_SCAN,
    LESION,
    MOST,
    MOST_SEED,
    PERSON,
    PHANTOM,
    SCAN,
    phantom_seed,
    stream,
)
from SynthCore.people.wish import Wish

SMALL = ("--spacing", "5", "--images", "CT")


def test_an_identity_is_of_one_person(spheres: Head) -> None:
    wish = Wish(("T1",), ("plaque",), 4.0)
    first = draw(wish, 1, spheres)
    finer = draw(replace(wish, images=("T2", "CT"), spacing_mm=3.0), 1, spheres)
    assert who(first) == who(finer)
    moved = replace(spheres, origin=replace(spheres.origin, sha256="0" * 64))
    others = [
        draw(replace(wish, lesions=("none",)), 1, spheres),
        draw(replace(wish, seed=1), 1, spheres),
        draw(wish, 2, spheres),
        draw(wish, 1, moved),
    ]
    names = {who(one) for one in (first, *others)}
    assert len(names) == 5
    assert all(len(name) == 10 and int(name, 16) >= 0 for name in names)


def test_first_persons_of_two_sets_are_two_patients(label_map: Path, tmp_path: Path) -> None:
    asked = ["generate", "--labels", str(label_map), *SMALL, "--seed", str(MOST_SEED)]
    for kind in ("none", "hemorrhage"):
        assert main([*asked, "--lesion", kind, "--out", str(tmp_path / kind)]) == 0
    file = tmp_path / "hemorrhage" / "person-001" / "person.json"
    again = ["generate", "--replay", str(file), "--out", str(tmp_path / "again")]
    assert main([*again, "--labels", str(label_map)]) == 0
    none, ill, replayed = (
        pydicom.dcmread(tmp_path / name / "person-001" / "CT" / "0001.dcm")
        for name in ("none", "hemorrhage", "again")
    )
    assert none.PatientID != replayed.PatientID == ill.PatientID
    assert none.PatientName != replayed.PatientName == ill.PatientName
    assert (tmp_path / "again" / "person-001" / "person.json").read_text() == file.read_text()
    assert none.PatientID.removeprefix("SYNTHETIC-") in str(none.PatientName)
    assert max(len(none.PatientID), len(str(none.PatientName))) <= 64


@pytest.mark.parametrize("seed", [0, 1, 2**32, MOST_SEED])
def test_no_two_streams_are_alike(seed: int) -> None:
    uses = [(PERSON, 0), (CT_SCAN, 0), (PHANTOM, 0)]
    uses += [*product((LESION,), range(25)), *product((SCAN,), range(7))]
    rngs = [stream(seed, n, use, part) for n in (1, 2, 3) for use, part in uses]
    rngs += [np.random.default_rng(np.random.SeedSequence(phantom_seed(seed, n))) for n in (1, 2)]
    # a seed of two words is not the seed and the number of somebody else
    rngs += [stream(seed ^ 1, 1, PERSON)]
    first = {tuple(rng.integers(2**63, size=2).tolist()) for rng in rngs}
    assert len(first) == len(rngs)


def test_every_person_of_a_set_has_a_phantom_of_their_own() -> None:
    for seed in (0, MOST_SEED):
        seeds = {phantom_seed(seed, number) for number in range(1, MOST + 1)}
        assert len(seeds) == MOST
        assert max(seeds) < MOST_SEED
