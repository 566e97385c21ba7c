"""Pictures of the page: one slice of an image as a marked PNG."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image as Pillow
from PIL import ImageDraw
from torch import Tensor

from SynthCore.quality.figures import data_uri

HIGH = 300
"""Rows of a picture, pixels."""

CT_WINDOWS = {"brain": (0.0, 80.0), "soft": (-150.0, 250.0), "bone": (-600.0, 1600.0)}
"""HU that are black and white."""


@dataclass(frozen=True)
class Picture:
    """A picture as a ``data:`` address, and what stands below it."""

    source: str
    alt: str
    lines: tuple[str, ...]


def mr_picture(
    image: Tensor,
    body: Tensor,
    lines: tuple[str, ...],
    *,
    aspect: float = 1.0,
    white: float | None = None,
) -> Picture:
    """A slice ``(j, i)`` of an MR image, white at the 99.5th percentile of the body."""
    inside = image[body > 0]
    level = white or (float(torch.quantile(inside, 0.995)) if inside.numel() else 1.0)
    return _picture(image.cpu().numpy() / max(level, 1e-6), lines, aspect)


def ct_picture(
    image: Tensor, window: str, lines: tuple[str, ...], *, aspect: float = 1.0
) -> Picture:
    """A slice ``(j, i)`` of a CT image in one of `CT_WINDOWS`."""
    low, high = CT_WINDOWS[window]
    return _picture((image.cpu().numpy() - low) / (high - low), lines, aspect)


def _picture(gray: npt.NDArray[Any], lines: tuple[str, ...], aspect: float) -> Picture:
    """`aspect` is the height of a voxel over its width."""
    bytes_ = np.clip(255 * gray, 0, 255).astype(np.uint8)
    drawn = Pillow.fromarray(bytes_)
    width = max(1, round(HIGH * gray.shape[1] / (gray.shape[0] * aspect)))
    drawn = drawn.resize((width, HIGH), Pillow.Resampling.BICUBIC)
    ImageDraw.Draw(drawn).text((3, HIGH - 12), "SYNTHETIC", fill=150)
    buffer = io.BytesIO()
    drawn.save(buffer, format="PNG")
    return Picture(data_uri(buffer.getvalue()), f"Generated image: {', '.join(lines)}", lines)
