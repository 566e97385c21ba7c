"""The files a plan check is written to: page, PDF and DICOM Structured Report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from SynthCore.errors import InputError
from SynthCore.planning.plan_check import PlanCheck
from SynthCore.planning.profiles import Line
from SynthCore.planning.report import write_page
from SynthCore.planning.report_content import make_content
from SynthCore.planning.report_pdf import write_pdf
from SynthCore.planning.report_sr import require_dicom, write_sr
from SynthCore.planning.study import Study
from SynthCore.staging import refuse_files


@dataclass(frozen=True)
class ReportFiles:
    """Where to write what; nothing where not given."""

    html: Path | None = None
    pdf: Path | None = None
    sr: Path | None = None

    def refuse_existing(self) -> None:
        """See, before anything is computed, that every file is new and can be written.

        Raises
        ------
        InputError
            If one exists, two are the same, or a folder is missing or cannot be written.
        ComputationError
            If the disk is full.
        """
        paths = [path for path in (self.html, self.pdf, self.sr) if path is not None]
        if self.html is not None and self.html.suffix.lower() == ".pdf":
            raise InputError(f"--out is a page of HTML, and {self.html.name} none: give --pdf.")
        if len({path.absolute() for path in paths}) < len(paths):
            raise InputError("Two of the reports have one name: give each its own.")
        refuse_files(*paths)

    def refuse_without_dicom(self, study: Study) -> None:
        """See that a Structured Report can be made of this study, where one is asked for.

        Raises
        ------
        InputError
            If the synthetic CT was not read from DICOM.
        """
        if self.sr is not None:
            require_dicom(study, self.sr)


def write_files(
    files: ReportFiles,
    study: Study,
    check: PlanCheck,
    *,
    checked_by: str = "",
    lines: Sequence[Line] = (),
) -> tuple[Path, ...]:
    """Write every file that is asked for, each whole or not at all.

    Parameters
    ----------
    checked_by : str
        Who ran the check, as they want to be named.
    lines : sequence of Line
        Profiles along these.

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    InputError
        If a file exists by now, or the synthetic CT came without DICOM and a Structured Report is
        asked for.
    """
    written = []
    if files.html is not None or files.pdf is not None:
        content = make_content(study, check, checked_by=checked_by, lines=lines)
        if files.html is not None:
            written.append(write_page(files.html, content))
        if files.pdf is not None:
            written.append(write_pdf(files.pdf, content))
    if files.sr is not None:
        written.append(write_sr(files.sr, study, check, checked_by=checked_by))
    return tuple(written)
