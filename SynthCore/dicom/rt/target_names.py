"""What a target volume is called, as in ICRU reports 50, 62 and 83."""

from __future__ import annotations

_TARGETS = ("ptv", "ctv", "gtv", "itv")


def is_target(name: str, kind: str = "") -> bool:
    """Whether a structure is a target, by its interpreted type or by how its name begins."""
    return kind.lower() in _TARGETS or name.lower().startswith(_TARGETS)
