"""What a model needs of a site's pairs: roles, target, and whether it can be trained further."""

from __future__ import annotations

from dataclasses import dataclass

from SynthCore.errors import InputError
from SynthCore.models.card import OPEN_TARGETS, Card

TASKS = ("mr-to-ct", "cbct-to-ct", "mr-sequence", "ct-denoise")
"""Tasks whose training data are pairs; the others learn from single images."""


@dataclass(frozen=True)
class Wanted:
    """The columns of a table of pairs.

    Attributes
    ----------
    roles : tuple of str
        Input roles, in the order of the card.
    every : bool
        Whether each pair must have all of them; else one is enough.
    one : bool
        Whether the network takes one of them only: the first that a pair has.
    target : str
        The role to learn.
    """

    roles: tuple[str, ...]
    every: bool
    one: bool
    target: str


def wanted(card: Card, target: str | None = None) -> Wanted:
    """What pairs for this model look like.

    Raises
    ------
    InputError
        If the model cannot learn from pairs, or the target is not clear.
    """
    if card.kind != "network":
        raise InputError(f"The model {card.id} is classical: it has no weights to train.")
    if card.task not in TASKS or card.prepare.mask_channel or card.prepare.planes != "slices":
        raise InputError(
            f"The model {card.id} ({card.task}) does not learn from pairs; "
            f"give one for {', '.join(TASKS)}."
        )
    if card.target in OPEN_TARGETS:
        made = card.output.channels or card.inputs
        if target is None:
            raise InputError(f"Name the role to learn with --target: {', '.join(made)}.")
        if target not in made:
            raise InputError(
                f"The model {card.id} does not make {target}; it makes {', '.join(made)}."
            )
        chosen = target
    else:
        chosen = card.target
        if target is not None and target != chosen:
            raise InputError(f"The model {card.id} makes {chosen} alone, not {target}.")
    roles = tuple(r for r in card.inputs if r != chosen or card.task == "ct-denoise")
    return Wanted(roles, card.takes == "all", card.takes in ("one", "same"), chosen)
