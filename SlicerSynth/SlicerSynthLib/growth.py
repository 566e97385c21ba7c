"""Growth of a lesion: the dates it is seen at, and how large it is then."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from SynthCore.errors import InputError

_MOST_DOUBLINGS = 1000


@dataclass(frozen=True)
class Growth:
    """Of a lesion that doubles in so many days.

    Attributes
    ----------
    first : date
        Of the first images.
    count : int
        Of dates, 2 or more.
    interval_days : int
        From one to the next.
    doubling_days : float
        In which its volume doubles.
    """

    first: date
    count: int
    interval_days: int
    doubling_days: float

    @property
    def dates(self) -> tuple[date, ...]:
        """All of them, rising.

        Raises
        ------
        InputError
            If the last of them is beyond any calendar.
        """
        try:
            steps = (timedelta(days=n * self.interval_days) for n in range(self.count))
            return tuple(self.first + step for step in steps)
        except OverflowError:
            raise InputError("The dates of the growth lie too far in the future.") from None

    def volumes_ml(self, first_ml: float) -> tuple[float, ...]:
        """Volumes at the dates; infinite where they are beyond any number."""
        step = self.interval_days / self.doubling_days
        return tuple(
            first_ml * 2 ** (n * step) if n * step < _MOST_DOUBLINGS else math.inf
            for n in range(self.count)
        )

    def to_body(self) -> dict[str, Any]:
        """Of a ``lesion`` request."""
        dates = [day.isoformat() for day in self.dates]
        return {"dates": dates, "doubling_days": self.doubling_days}


def date_of(text: str) -> date | None:
    """The date of a text YYYY-MM-DD, None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
