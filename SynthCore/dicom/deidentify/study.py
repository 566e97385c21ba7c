"""De-identify everything of one patient together, so that every link between objects holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import UID, PositronEmissionTomographyImageStorage

from SynthCore.dicom.deidentify import told
from SynthCore.dicom.deidentify.clean import Cleaner
from SynthCore.dicom.deidentify.codestream import clear_comments
from SynthCore.dicom.deidentify.encode import check_bytes, encode, swap_bytes
from SynthCore.dicom.deidentify.faces import FacesFound, find_faces
from SynthCore.dicom.deidentify.finish import identify, mark_again, written_texts
from SynthCore.dicom.deidentify.identifiers import Identifiers
from SynthCore.dicom.deidentify.options import (
    Deidentified,
    DeidentifyOptions,
    Finding,
    check_pseudonym,
)
from SynthCore.dicom.deidentify.pixels import (
    TextFound,
    apply_edits,
    blank,
    check_whole,
    hides_in_compressed,
    look_for_text,
    tidy,
)
from SynthCore.dicom.deidentify.repair import drop_injection_times, repair
from SynthCore.dicom.deidentify.seal import Seals
from SynthCore.dicom.deidentify.sources import (
    SourceObject,
    find_files,
    read_object,
    read_sources,
    syntax_of,
)
from SynthCore.dicom.deidentify.uids import UidMap
from SynthCore.dicom.guard import quiet
from SynthCore.dicom.headers import is_synthetic, text
from SynthCore.errors import InputError
from SynthCore.request import Progress
from SynthCore.staging import new_folder, refuse_filled


def _silent(fraction: float, stage: str) -> None:
    pass


@quiet()
def deidentify(
    paths: Sequence[Path],
    out: Path,
    *,
    pseudonym: str,
    options: DeidentifyOptions | None = None,
    progress: Progress = _silent,
) -> Deidentified:
    """Write de-identified copies of DICOM objects of one patient.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders. Objects that refer to each other have to be given together: the map
        of UIDs is made anew in every call.
    out : Path
        New folder outside the sources; it appears once every file in it is complete. A file is
        ``<new series UID>/<new SOP instance UID>.dcm``.
    pseudonym : str
        What stands in PatientName and PatientID: 1 to 16 letters, digits, ``-`` and ``_``.
    options : DeidentifyOptions
        The profile's options; without any, the basic profile.
    progress : callable
        Told the fraction done and the stage.

    Returns
    -------
    Deidentified
        The files, what a person has to look at, and the map of UIDs (in memory only).

    Raises
    ------
    InputError
        If a source is damaged, of a kind that cannot be de-identified or of another patient; if
        the pseudonym is one of the patient's own identifiers; if `out` holds something or lies
        in a source.
    ComputationError
        If an identifier was still found in the bytes, or the disk is full. Nothing is kept.
    """
    options = options or DeidentifyOptions()
    check_pseudonym(pseudonym)
    refuse_filled(out)
    _refuse_inside(paths, out)
    progress(0.0, "reading headers")
    files, others = find_files(paths)
    sources = read_sources(files)
    identifiers = Identifiers()
    for source in sources:
        identifiers.learn(source.header)
    identifiers.check_pseudonym(pseudonym)
    progress(0.05, "looking for burned-in text")
    uids = UidMap(identifiers.uids)
    cleaner = Cleaner(options, uids, identifiers)
    found = look_for_text(sources)
    faces = FacesFound()
    if options.faces != "keep":
        progress(0.08, "looking for faces")
        faces = find_faces(sources, options.faces)
    written = _Writer(cleaner, pseudonym, found, faces)
    with new_folder(out) as partial:
        names = []
        for done, source in enumerate(sources):
            progress(0.1 + 0.9 * done / len(sources), "de-identifying")
            names.append(written.write(source, partial))
        written.seal(partial)
    progress(1.0, "done")
    findings = [*written.findings(), *told.of_others(others)]
    return Deidentified(
        out, tuple(out / name for name in names), tuple(findings), _counted(cleaner.counts),
        uids.made,
    )  # fmt: skip


class _Writer:
    """Writes one object after the other."""

    def __init__(
        self, cleaner: Cleaner, pseudonym: str, found: TextFound, faces: FacesFound
    ) -> None:
        self._cleaner = cleaner
        self._pseudonym = pseudonym
        options = cleaner.options
        self._terms = cleaner.identifiers.search_terms(
            (*written_texts(), pseudonym), dates=options.dates == "remove"
        )
        self._found = found
        self._faces = faces
        self._repaired: list[str] = []
        self._cleared: list[str] = []
        self._seals = Seals(cleaner.uids.new)

    def write(self, source: SourceObject, folder: Path) -> Path:
        """Write the object under `folder`; its path in it.

        Raises
        ------
        InputError
            If another object with the same SOP Instance UID was written, or this one cannot be
            de-identified.
        ComputationError
            If an identifier was still found in its bytes.
        """
        header = read_object(source.path, source.number)
        target, data = self._object(header, source.number)
        path = Path(str(target.SeriesInstanceUID), f"{target.SOPInstanceUID}.dcm")
        place = folder / path
        place.parent.mkdir(exist_ok=True)
        if place.exists() and place.read_bytes() != data:
            raise InputError(
                f"DICOM file {source.number} in the order of the paths has the SOP Instance UID of "
                "another one and differs from it; take one of them out."
            )
        place.write_bytes(data)
        self._seals.add(source.path, source.header, path, target.get("PixelData"))
        return path

    def seal(self, folder: Path) -> None:
        """Write records and digests for the synthetic objects; all of them are under `folder`."""
        self._cleaner.counts["digests written anew"] += self._seals.write(folder)

    def findings(self) -> list[Finding]:
        """What a person has to know of all objects so far."""
        new, options = self._cleaner.uids.new, self._cleaner.options
        return [
            *told.of_text(self._found, new, blanked=options.blank_text),
            *told.of_pixels(self._cleared, new),
            *told.of_faces(self._faces, new),
            *told.of_repairs(self._repaired),
            *told.of_records(self._seals.broken, new),
        ]

    def _object(self, header: FileDataset, number: int) -> tuple[Dataset, bytes]:
        """The cleaned object and its file."""
        cleaner = self._cleaner
        syntax = syntax_of(header, number)
        target = cleaner.clean(header, synthetic=is_synthetic(header))
        is_pet = str(header.SOPClassUID) == PositronEmissionTomographyImageStorage
        if is_pet and cleaner.options.dates == "remove":
            drop_injection_times(target)
        if not syntax.is_little_endian:
            swap_bytes(target)
        syntax = self._pixels(header, target, syntax, number)
        mark_again(header, target, cleaner.identifiers)
        filled = repair(target, str(header.SOPClassUID), cleaner.uids)
        face_done = text(header, "SOPInstanceUID") in self._faces.done
        identify(header, target, self._pseudonym, cleaner.options, face_done=face_done)
        data = encode(target, syntax)
        native = not syntax.is_encapsulated
        written = " ".join(sorted(cleaner.codes.published)).lower()
        check_bytes(data, target, native, self._terms, cleaner.identifiers.uids, number, written)
        if filled:
            self._repaired.append(str(target.SOPInstanceUID))
        return target, data

    def _pixels(self, header: FileDataset, target: Dataset, syntax: UID, number: int) -> UID:
        """Change the pixels where that was asked for; the transfer syntax they then have."""
        old = text(header, "SOPInstanceUID")
        native = not syntax.is_encapsulated
        check_whole(header, number, native=native)
        cleared = tidy(header, target) if native else hides_in_compressed(header, number)
        if cleared:
            self._cleared.append(old)
        regions = self._found.regions.get(old, ())
        edits = [self._faces.edits[old]] if old in self._faces.edits else []
        if regions and self._cleaner.options.blank_text:
            edits.append(blank(regions))
        elif regions:
            target.BurnedInAnnotation = "YES"
        if edits or (cleared and not native):
            return apply_edits(header, target, edits)
        if not native and "PixelData" in target:
            target.PixelData = clear_comments(target.PixelData, syntax, number)
            target["PixelData"].is_undefined_length = True
        return syntax


def _refuse_inside(paths: Sequence[Path], out: Path) -> None:
    target = out.resolve()
    for path in paths:
        source = path.resolve()
        if source.is_dir() and (target == source or source in target.parents):
            raise InputError("The output folder lies in the source; name a folder elsewhere.")


def _counted(counts: Counter[str]) -> dict[str, int]:
    return {name: number for name, number in sorted(counts.items()) if number}
