"""`slicer.dicomDatabase`: which file holds which DICOM instance, of what was opened here."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class DicomDatabase:
    """The answers of ctkDICOMDatabase that a module asks for, kept in memory alone."""

    def __init__(self) -> None:
        self._file_of: dict[str, str] = {}
        self._series_of: dict[str, str] = {}

    @property
    def isOpen(self) -> bool:
        return True

    def fileForInstance(self, sopInstanceUID: str) -> str:
        return self._file_of.get(sopInstanceUID, "")

    def instanceForFile(self, fileName: str) -> str:
        return next((uid for uid, file in self._file_of.items() if file == fileName), "")

    def instancesForSeries(self, seriesUID: str, hits: int = -1) -> list[str]:
        found = [uid for uid, series in self._series_of.items() if series == seriesUID]
        return found if hits < 0 else found[:hits]

    def filesForSeries(self, seriesUID: str, hits: int = -1) -> list[str]:
        return [self._file_of[uid] for uid in self.instancesForSeries(seriesUID, hits)]

    def _remember(self, series_uid: str, files: Iterable[tuple[str, Path]]) -> None:
        for uid, path in files:
            self._file_of[uid] = str(path)
            self._series_of[uid] = series_uid
