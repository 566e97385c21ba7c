"""Which registrations a person accepted; nothing is trained on the others."""

from __future__ import annotations

from SynthCore.errors import InputError


def by_number(text: str) -> bool:
    """Whether pairs are named by their numbers, which are those of one page."""
    return text.strip().lower() not in ("all", "none")


def parse_accepted(text: str, count: int) -> tuple[int, ...]:
    """Numbers of pairs from ``all``, ``none`` or a list such as ``1,3-5``.

    Raises
    ------
    InputError
        If the text is neither, or names a pair that is not there.
    """
    asked = text.strip().lower()
    if asked == "all":
        return tuple(range(1, count + 1))
    if asked == "none":
        return ()
    found: set[int] = set()
    for part in asked.replace(" ", ",").split(","):
        if not part:
            continue
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()) or len(part) > 20:
            raise InputError(f"--accept {text!r} is neither all, none nor numbers such as 1,3-5.")
        low, high = int(first), int(last or first)
        if not 1 <= low <= high <= count:
            raise InputError(f"--accept names pair {part}, but there are pairs 1 to {count}.")
        found.update(range(low, high + 1))
    if not found:
        raise InputError("--accept is empty; give all, none or numbers such as 1,3-5.")
    return tuple(sorted(found))
