"""Put a calibration into a model's card: ``python -m SynthCore.bench.uncertainty.into_card``.

Two arguments: the model folder, and the file that `synthcore bench uncertainty --out` wrote. It
goes into the card for programs, and what was measured into the one for people.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from SynthCore.errors import InputError
from SynthCore.models.bundle import METADATA, open_bundle, read_json
from SynthCore.models.parse_card import parse_card
from SynthCore.quality.report_uncertainty import LIMITS, measured_text
from SynthCore.staging import renewed

PAGE = Path("docs/README.md")
_TITLE, _NEXT = "## Uncertainty", "## Known failures"


def into_card(folder: Path, block: Path) -> None:
    """Replace the ``uncertainty`` in the card of a model folder.

    Raises
    ------
    InputError
        If it was measured with other weights.
    ModelError
        If the folder is no model, or the block is not right.
    """
    open_bundle(folder)
    metadata = read_json(folder / METADATA)
    metadata["synthcore"]["uncertainty"] = json.loads(block.read_text(encoding="utf-8"))
    if parse_card(metadata, folder.name).uncertainty is None:
        raise InputError(
            f"{block.name} was measured with other weights than those of {folder.name}; "
            "measure again."
        )
    _replace(folder / METADATA, json.dumps(metadata, indent=1) + "\n")
    page = folder / PAGE
    if page.is_file():
        _replace(page, with_section(page.read_text(encoding="utf-8"), metadata["synthcore"]))


def with_section(page: str, card: Mapping[str, Any]) -> str:
    """The card for people with what was measured of the uncertainty, before the known failures."""
    measured = card["uncertainty"]["measured"]
    section = "\n".join([
        _TITLE, "",
        *(f"- {line}" for line in measured_text(card)),
        f"- Data: {measured['data']}; mask: {measured['mask']}.", "",
        LIMITS, "",
        f"Printed by `{measured['command']}`; asked for by `synthcore run --uncertainty`.", "", "",
    ])  # fmt: skip
    without = re.sub(rf"^{_TITLE}\n.*?(?=^## |\Z)", "", page, flags=re.MULTILINE | re.DOTALL)
    before, found, after = without.partition(_NEXT)
    if not found:
        return f"{without.rstrip()}\n\n{section.rstrip()}\n"
    return f"{before}{section}{found}{after}"


def _replace(path: Path, text: str) -> None:
    with renewed(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    into_card(Path(sys.argv[1]), Path(sys.argv[2]))
