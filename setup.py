"""Put the model folders into the wheel; everything else is in pyproject.toml."""

from pathlib import Path

from setuptools import setup

MODELS = Path("Resources/Models")
FILES = [path for path in MODELS.rglob("*") if path.is_file()]

setup(
    data_files=[
        (f"share/SynthCore/Models/{folder.relative_to(MODELS).as_posix()}", [str(p) for p in paths])
        for folder in sorted({path.parent for path in FILES})
        if (paths := sorted(p for p in FILES if p.parent == folder))
    ]
)
