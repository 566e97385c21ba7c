"""Pictures of slices as ``data:`` addresses: gray for images, colors with gaps for a truth.

What is synthetic says so in the picture itself, so that it stays marked when it is copied out of
the page.
"""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from scipy import ndimage

from SynthCore.image import Array
from SynthCore.quality.display import Window

MARK = "SYNTHETIC"
MARK_LETTERS = 6.5
"""Heights of a letter that the word is long, with its rim."""
MARK_ROOM = 80
"""Pixels across from which a picture has room for it at a size that can be read."""
_TRUTH_COLORS = (0, 0, 0, 0, 213, 255, 0, 213, 255)
_TRUTH_OPACITY = bytes((0, 64, 255))
"""Outside, inside and rim of a truth: red, green, blue of each, and its opacity."""


def gray_picture(
    values: Array, window: Window, size: tuple[int, int], *, synthetic: bool, quality: int
) -> str:
    """A slice as a JPEG.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (rows, columns).
    window : Window
        Values shown as black and white.
    size : tuple of int
        Width and height in pixels.
    synthetic : bool
        Whether to burn in the mark.
    quality : int
        Of the JPEG, 1 to 95.
    """
    scaled = (values.astype(np.float32) - window.low) / (window.high - window.low)
    gray = np.round(255 * np.clip(np.nan_to_num(scaled), 0, 1)).astype(np.uint8)
    picture = Pillow.fromarray(gray).resize(size, Pillow.Resampling.BICUBIC)
    if synthetic:
        _burn_in(picture)
    buffer = io.BytesIO()
    picture.save(buffer, format="JPEG", quality=quality, optimize=True)
    return _address("jpeg", buffer)


def truth_picture(inside: Array, size: tuple[int, int]) -> str:
    """A slice of a mask as a PNG to lay over the picture: a faint fill and a rim.

    Parameters
    ----------
    inside : numpy.ndarray of bool
        Shape (rows, columns).
    size : tuple of int
        Width and height in pixels.
    """
    drawn = Pillow.fromarray(inside.astype(np.uint8)).resize(size, Pillow.Resampling.NEAREST)
    mask = np.asarray(drawn) > 0
    rim = mask & ~ndimage.binary_erosion(mask, iterations=2, border_value=1)
    indexed = mask.astype(np.uint8) + rim.astype(np.uint8)
    colored = Pillow.frombytes("P", size, indexed.tobytes())
    colored.putpalette(_TRUTH_COLORS)
    buffer = io.BytesIO()
    colored.save(buffer, format="PNG", transparency=_TRUTH_OPACITY, optimize=True)
    return _address("png", buffer)


def picture_size(size_mm: tuple[float, float], columns: int, longest: int) -> tuple[int, int]:
    """Pixels of a picture: square, about one a column, and none longer than `longest`.

    Small ones are drawn larger, so that the mark can be read.
    """
    width, height = size_mm
    scale = max(columns / width, 320 / max(width, height))
    scale = min(scale, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _burn_in(picture: Pillow.Image) -> None:
    """The whole word, along the longer side where the picture is narrow."""
    along = picture.width if picture.width >= MARK_ROOM else max(picture.size)
    height = min(max(12, round(0.035 * picture.height)), max(1, round(along / MARK_LETTERS)))
    font = ImageFont.load_default(size=height)
    edge = max(1, height // 10)
    left, top, right, bottom = font.getbbox(MARK, stroke_width=edge)
    word = Pillow.new("LA", (round(right - left), round(bottom - top)))
    ImageDraw.Draw(word).text(
        (-left, -top), MARK, fill=(235, 255), font=font, stroke_width=edge, stroke_fill=(0, 255)
    )
    if along != picture.width:
        word = word.transpose(Pillow.Transpose.ROTATE_90)
    if word.height > picture.height or word.width > picture.width:
        word.thumbnail(picture.size)
    space = min(round(0.5 * height), picture.height - word.height, picture.width - word.width)
    place = (space, picture.height - word.height - space)
    gray = word.getchannel("L").convert(picture.mode)
    picture.paste(gray, place, word.getchannel("A"))


def _address(kind: str, buffer: io.BytesIO) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
