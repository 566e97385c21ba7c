"""A site's pairs, checked and registered: all that a person has to accept before training."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.models.bundle import Bundle, load_network
from SynthCore.models.card import Card
from SynthCore.models.library import find_bundle
from SynthCore.models.networks import SliceUNet
from SynthCore.request import Progress
from SynthCore.training.finetune.card import model_id
from SynthCore.training.finetune.checked import SitePair, open_pair, require_one_name_each
from SynthCore.training.finetune.doubt import doubts
from SynthCore.training.finetune.place import How, Placed, place_pairs
from SynthCore.training.finetune.registration_page import PAGE, last_shown, shown, write_page
from SynthCore.training.finetune.rows import PairPaths
from SynthCore.training.finetune.split import number_patients, split_patients
from SynthCore.training.finetune.table import read_pairs
from SynthCore.training.finetune.wanted import Wanted, wanted

LONGEST = 100
"""Characters of a site's name and of a licence line."""


@dataclass(frozen=True)
class Ready:
    """Pairs ready to be accepted.

    Attributes
    ----------
    bundle : Bundle
        The parent.
    network : SliceUNet
        With its weights.
    kind : Wanted
        Roles and target.
    site, licence : str
        As the site says them.
    how : str
        How the pairs were registered.
    placed : list of Placed
        In the order of the table.
    rows : sequence of PairPaths
        The table.
    folder : Path
        Of the run; `page` lies in it.
    goal : Path
        The model folder to be made.
    left_out : tuple of str
        Sessions of a BIDS folder that make no pair.
    doubts : mapping
        Sentences on registrations that look wrong, by the number of the pair.
    seen : bool
        Whether the page of an earlier run showed the same pairs under the same numbers.
    """

    bundle: Bundle
    network: SliceUNet
    kind: Wanted
    site: str
    licence: str
    how: How
    placed: list[Placed]
    rows: Sequence[PairPaths]
    folder: Path
    goal: Path
    left_out: tuple[str, ...] = ()
    doubts: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    seen: bool = False

    @property
    def page(self) -> Path:
        """Pictures of the registrations, for a browser."""
        return self.folder / PAGE

    def show(self, judges: Sequence[Placed] = ()) -> None:
        """Write the page, with the pairs that the model is judged by as well."""
        write_page(self.folder, self.placed, self.doubts, judges)


def make_ready(
    model: str,
    pairs: Path,
    out: Path,
    *,
    site: str,
    licence: str,
    target: str | None = None,
    how: How = "rigid",
    seed: int = 0,
    progress: Progress | None = None,
) -> Ready:
    """Read the table, check every pair, register it and draw it.

    Parameters
    ----------
    model : str
        Id or folder of the parent.
    pairs : Path
        A CSV table or a BIDS folder.
    out : Path
        For the model folder, and ``finetune-run`` with registrations, checkpoint and log.
    site, licence : str
        For the card: where the pairs come from, and what may be done with the model.
    target : str, optional
        Role to learn, for models that make several.
    how : str
        ``none``, ``rigid`` or ``deformable``.
    seed : int
        Of the split.
    progress : callable, optional
        See `SynthCore.request`.

    Raises
    ------
    InputError
        If the table, a pair, or the model cannot be used, or the patients are too few.
    """
    bundle = find_bundle(model)
    kind = wanted(bundle.card, target)
    for name, text in (("--site", site), ("--licence", licence)):
        if not text.strip() or len(text) > LONGEST or any(map(_controls, text)):
            raise InputError(f"{name} is one line of at most {LONGEST} characters; shorten it.")
    goal = out / model_id(bundle.card.id, site)
    if goal.exists():
        raise InputError(f"There is a {goal.name} already; give another --out or --site.")
    network = load_network(bundle)
    if not isinstance(network, SliceUNet):
        raise InputError(
            f"The network of {bundle.name} is of another kind and is not trained here."
        )
    table = read_pairs(pairs, kind)
    rows = table.pairs
    split_patients(number_patients([row.patient for row in rows]), seed)  # are there enough
    opened = _open(rows, bundle.card, kind, progress)
    require_one_name_each(opened)
    split_patients([one.patient for one in opened], seed, known_to(bundle.card, rows, opened))
    folder = out / "finetune-run"
    placed = place_pairs(opened, how, folder, progress)
    ready = Ready(
        bundle,
        network,
        kind,
        site.strip(),
        licence.strip(),
        how,
        placed,
        rows,
        folder,
        goal,
        table.left_out,
        doubts(placed),
        last_shown(folder) == shown(placed),
    )
    ready.show()
    return ready


def known_to(card: Card, rows: Sequence[PairPaths], pairs: Sequence[SitePair]) -> frozenset[int]:
    """Patients that the parent has learned from: by their name in its data, or by an image."""
    names: set[str] = set()
    images: set[str] = set()
    for data in card.block.get("training", {}).get("data", []):
        names |= {str(one) for one in data.get("patients", [])}
        images |= {str(one) for one in data.get("images", [])}
    return frozenset(
        one.patient
        for one in pairs
        if {one.image, *one.images} & images or rows[one.number - 1].patient in names
    )


def _controls(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs")


def _open(
    rows: Sequence[PairPaths], card: Card, kind: Wanted, progress: Progress | None
) -> list[SitePair]:
    numbers = number_patients([row.patient for row in rows])
    found = []
    for n, (row, patient) in enumerate(zip(rows, numbers, strict=True), start=1):
        found.append(open_pair(row, n, patient, card, kind))
        if progress is not None:
            progress(n / len(rows), "check")
    return found
