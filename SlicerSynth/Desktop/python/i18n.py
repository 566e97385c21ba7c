"""`slicer.i18n`: user-facing words, untranslated here."""

from __future__ import annotations


def translate(context: str, text: str) -> str:
    """The text itself: this window speaks English."""
    return text


def tr(text: str) -> str:
    """The text itself: this window speaks English."""
    return text


def getContext(sourceFile: str) -> str:
    """The name under which a file's words would be translated."""
    return sourceFile
