"""Put a calibration into a model's card: ``python -m SynthCore.bench.uncertainty.into_card``.

Two arguments: the model folder, and the file that `synthcore bench uncertainty --out` wrote.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.models.bundle import METADATA, open_bundle, read_json
from SynthCore.models.parse_card import parse_card


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
    path = folder / METADATA
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(metadata, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    into_card(Path(sys.argv[1]), Path(sys.argv[2]))
