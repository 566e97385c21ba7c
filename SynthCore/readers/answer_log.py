"""The file that one reader's answers are appended to while they read."""

from __future__ import annotations

import errno
import json
import math
import os
import threading
from typing import Any

from SynthCore.errors import InputError
from SynthCore.readers.answer_files import has_answers, parse_lines
from SynthCore.readers.answers import (
    LONGEST_SECONDS,
    Answer,
    answer_line,
    parse_answer,
    reader_name,
)
from SynthCore.readers.study import ANSWERS, Study
from SynthCore.staging import named


class AnswerLog:
    """Answers of a reader, on disk before they are acknowledged, in the order of the study.

    Beside answers the file holds lines ``{"seen": ID, "seconds": S}``: how long an item was looked
    at before the page was closed, so that its time goes on where it stopped.

    Parameters
    ----------
    study : Study
        What is read.
    reader : str
        Who reads; names the file.
    items : tuple of str
        Which items, in order: all of the study's, or those of the teaching mode.
    taught : bool
        Whether in the teaching mode, whose answers have a file of their own.

    Raises
    ------
    InputError
        If the name cannot be used, or the file there is damaged or another reader's.
    """

    def __init__(
        self, study: Study, reader: str, items: tuple[str, ...], *, taught: bool = False
    ) -> None:
        self.study, self.reader, self.items, self.taught = study, reader_name(reader), items, taught
        stem = self.reader.lower().replace(" ", "_")
        self.path = study.folder / ANSWERS / f"reader-{stem}{'.teach' if taught else ''}.jsonl"
        self._lock = threading.Lock()
        with self._lock:
            self._cut_torn_line()
            self._load()

    @property
    def taught_before(self) -> bool:
        """Whether this reader has answers of the teaching mode, and so knows the truth."""
        other = self.path.with_name(f"{self.path.stem}.teach.jsonl")
        return not self.taught and has_answers(other)

    def answered(self) -> tuple[str, ...]:
        """Items that have an answer."""
        with self._lock:
            return tuple(self._load())

    def state(self) -> dict[str, Any]:
        """For a page: what is answered with its seconds, and the seconds of what was begun."""
        with self._lock:
            done = self._load()
            return {
                "answered": {item: answer.seconds for item, answer in done.items()},
                "seen": {item: s for item, s in self._seen().items() if item not in done},
            }

    def add(self, data: Any) -> Answer:
        """Append an answer to the next item.

        Raises
        ------
        InputError
            If it is none, or another item is next (another window was faster).
        """
        if not isinstance(data, dict):
            raise InputError("An answer is a JSON object.")
        given = {**data, "study": self.study.id, "reader": self.reader, "taught": self.taught}
        answer = parse_answer(given, self.study)
        with self._lock:
            done = self._load()
            following = next((item for item in self.items if item not in done), None)
            if answer.item != following:
                raise InputError("Another item is next: load the page again.")
            self._append(answer_line(answer))
        return answer

    def note_seen(self, item: Any, seconds: Any) -> None:
        """Append how long an item without an answer has been looked at in all.

        Raises
        ------
        InputError
            If it is no item or no time.
        """
        if item not in self.items or isinstance(seconds, bool):
            raise InputError("The study has no such item.")
        if not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST_SECONDS:
            raise InputError("The seconds are not a valid duration.")
        with self._lock:
            self._append(json.dumps({"seen": item, "seconds": round(float(seconds), 3)}) + "\n")

    def _append(self, line: str) -> None:
        """One write to the end of the file: the line is there whole, or it is not."""
        try:
            self.path.parent.mkdir(exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
            handle = os.open(self.path, flags, 0o600)
            try:
                before = os.fstat(handle).st_size
                if os.write(handle, line.encode("ascii")) < len(line):
                    # a full disk takes a part, and the next line would join it
                    os.ftruncate(handle, before)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise named(error, self.path.parent) from error

    def _text(self) -> str:
        try:
            return self.path.read_text(encoding="ascii") if self.path.exists() else ""
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"The answers in {self.path.name} cannot be read.") from error

    def _cut_torn_line(self) -> None:
        """Without a last line that was cut short, the next one would join it."""
        text = self._text()
        if text and not text.endswith("\n"):
            os.truncate(self.path, text.rfind("\n") + 1)

    def _load(self) -> dict[str, Answer]:
        try:
            found = [parse_answer(one, self.study) for one in parse_lines(self._text())]
        except ValueError as error:
            raise InputError(f"The answers in {self.path.name} are damaged.") from error
        if any((one.reader, one.taught) != (self.reader, self.taught) for one in found):
            raise InputError(
                f"{self.path.name} holds answers of another reader; give another name."
            )
        done: dict[str, Answer] = {}
        for one in found:
            done.setdefault(one.item, one)
        return done

    def _seen(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for line in self._text().splitlines():
            one = json.loads(line)
            seconds = one.get("seconds") if "seen" in one else None
            if isinstance(seconds, int | float) and math.isfinite(seconds):
                found[str(one["seen"])] = float(seconds)
        return found
