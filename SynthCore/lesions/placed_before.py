"""The sentence for an image in which a lesion was placed before; the module says it, too."""

from __future__ import annotations


def placed_before(role: str) -> str:
    """What is told before another lesion is placed in it."""
    return (
        f"A lesion was placed in the {role} image before: the new mask does not hold it, and mass "
        "effect of the new one may move it."
    )
