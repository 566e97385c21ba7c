"""A cohort with lesions: what is in the folder, how it goes on, what training reads of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from SynthCore.augment.cohort import augment
from SynthCore.augment.samples import load, read_samples
from SynthCore.augment.studies import read_studies
from SynthCore.augment.subject_files import _unnamed
from SynthCore.augment.wishes import WishRow
from SynthCore.cli.main import main
from SynthCore.errors import CancelledError, InputError
from SynthCore.files.read import read
from SynthCore.files.verify import verify_folder
from SynthCore.image import Image, Source, summary
from SynthCore.request import SynthesisRecord
from SynthCore.staging import PREFIX
from Testing.augment.brains import brain, write_studies

WISHES = (
    WishRow("ms-plaques", (0.6, 2.0), ("periventricular", "deep-white-matter"), images=2),
    WishRow("metastasis", (1.0, 1.5), ("deep-white-matter",), images=1, lesions=2),
)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, but for the time in the records."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if name.endswith(".nii.gz"):
            found[name] = read(path).voxels.tobytes()
        elif "/anat/" not in name or name.endswith("lesions.json"):
            found[name] = path.read_bytes()
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The table of studies of two people, and the folder made of it."""
    folder = tmp_path_factory.mktemp("cohort")
    table = write_studies(folder / "studies")
    augment(WISHES, read_studies(table), folder / "out", seed=4, shares=(0.5, 0.0, 0.5))
    return table, folder / "out"


def test_the_folder_is_laid_out_as_bids_has_it(made: tuple[Path, Path]) -> None:
    _, out = made
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    for n in (1, 2, 3):
        sub = f"sub-{n:04d}"
        assert {f"{sub}/anat/{sub}_{s}" for s in ("T1w.nii.gz", "T1w.json", "FLAIR.nii.gz")} < names
        masks = f"derivatives/lesions/{sub}/anat/{sub}"
        assert {f"{masks}_label-lesion_mask.nii.gz", f"{masks}_desc-placed_dseg.nii.gz"} < names
    described = json.loads((out / "dataset_description.json").read_text())
    assert described["SyntheticData"] == "YES" and described["BIDSVersion"] == "1.9.0"
    lines = (out / "participants.tsv").read_text().splitlines()
    assert lines[0].startswith("participant_id\tpatient\t") and len(lines) == 4
    assert not [name for name in names if PREFIX in name]


def test_images_differ_from_their_source_only_around_the_lesions(made: tuple[Path, Path]) -> None:
    from scipy import ndimage

    _, out = made
    for sample in read_samples(out, ("FLAIR",)):
        images, mask = load(sample)
        number = int(sample.patient[-3:]) - 1
        changed = images[0] != brain("FLAIR", number).voxels
        assert changed[mask > 0].mean() > 0.9
        if sample.kind == "ms-plaques":  # no mass effect: nothing moves
            assert not changed[~ndimage.binary_dilation(mask, iterations=3)].any()
            near = ndimage.binary_dilation(mask, iterations=3) & (mask == 0)
            assert images[0][mask > 0].mean() > images[0][near].mean() + 10


def test_masks_agree_with_what_is_said_of_them(made: tuple[Path, Path]) -> None:
    _, out = made
    for sample in read_samples(out, ("FLAIR",)):
        folder = sample.mask.parent
        facts = json.loads((folder / f"{sample.name}_desc-placed_lesions.json").read_text())
        instances = read(folder / f"{sample.name}_desc-placed_dseg.nii.gz").voxels
        assert np.array_equal(read(sample.mask).voxels > 0, instances > 0)
        assert instances.max() == len(facts["lesions"])
        for n, lesion in enumerate(facts["lesions"], start=1):
            assert (instances == n).sum() * 0.027 == pytest.approx(lesion["volume_ml"])
            assert lesion["volume_ml"] == pytest.approx(lesion["asked_ml"], abs=0.0136)


def test_only_the_first_lesion_moves_tissue(made: tuple[Path, Path]) -> None:
    _, out = made
    path = out / "derivatives/lesions/sub-0003/anat/sub-0003_desc-placed_lesions.json"
    effects = [f["wish"]["mass_effect"] for f in json.loads(path.read_text())["lesions"]]
    assert effects[0] == 1.0 and set(effects[1:]) <= {0.0}


def test_records_say_what_it_was_made_of_and_name_nobody(made: tuple[Path, Path]) -> None:
    _, out = made
    block = json.loads((out / "sub-0001/anat/sub-0001_FLAIR.json").read_text())
    assert block["SyntheticData"] == "YES"
    record = SynthesisRecord.from_json(json.dumps(block["Record"]))
    assert record.task == "lesion" and record.options["wishes"][0]["kind"] == "ms-plaques"
    hashes = {brain(role, n).sha256() for role in ("T1", "FLAIR") for n in (0, 1)}
    assert {summary["sha256"] for summary in record.inputs.values()} <= hashes
    image = Image(np.ones((3, 4, 5)), np.eye(4), "T1", source=Source("dicom", "", "1.2.840.99"))
    assert _unnamed(image) == {**summary(image), "series_instance_uid": ""}
    for path in out.rglob("*.*"):
        assert path.is_dir() or b"Muster" not in path.read_bytes()
    found = verify_folder(out)
    assert found.ok, found.sentences()


def test_the_manifest_counts_what_is_there(made: tuple[Path, Path]) -> None:
    _, out = made
    found = json.loads((out / "manifest.json").read_text())
    assert found["subjects"] == {"asked": 3, "finished": 3, "refused": 0}
    counts = {kind: of["count"] for kind, of in found["lesions_by_kind"].items()}
    sites = {kind: sum(of.values()) for kind, of in found["lesions_by_site"].items()}
    assert counts == sites and counts["ms-plaques"] == 2
    assert set(found["lesions_by_split"]) <= {"train", "test"}


def test_stopped_and_gone_on_with_it_is_the_same(made: tuple[Path, Path], tmp_path: Path) -> None:
    table, whole = made
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1

    out = tmp_path / "out"
    args = (WISHES, read_studies(table), out)
    with pytest.raises(CancelledError):
        augment(*args, seed=4, shares=(0.5, 0.0, 0.5), cancelled=stop)
    assert len(list(out.glob("sub-*"))) == 1
    assert len((out / "participants.tsv").read_text().splitlines()) == 2
    assert not list(out.rglob(f"{PREFIX}*"))
    # an earlier process that was killed between masks and images
    shutil.copytree(whole / "derivatives/lesions/sub-0002", out / "derivatives/lesions/sub-0002",
                    dirs_exist_ok=True)  # fmt: skip
    first = next(out.glob("sub-*/anat/*FLAIR.nii.gz"))
    before = first.stat().st_mtime_ns
    found = augment(*args, seed=4, shares=(0.5, 0.0, 0.5))
    assert found.new == 2 and len(found.finished) == 3
    assert first.stat().st_mtime_ns == before
    assert contents(out) == contents(whole)


def test_another_table_or_seed_does_not_go_on(made: tuple[Path, Path], tmp_path: Path) -> None:
    table, out = made
    before = contents(out)
    for wishes, seed in ((WISHES, 5), (WISHES[:1], 4)):
        with pytest.raises(InputError, match="another seed"):
            augment(wishes, read_studies(table), out, seed=seed)
    # who was trained on would be tested on
    for shares in ((0.0, 0.0, 1.0), (0.7, 0.15, 0.15)):
        with pytest.raises(InputError, match=r"is split 0\.5,0,0\.5; give the same --split"):
            augment(WISHES, read_studies(table), out, seed=4, shares=shares)
    assert contents(out) == before
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        augment(WISHES, read_studies(table), tmp_path, seed=4)


def test_a_study_that_cannot_be_read_is_told_by_its_number(tmp_path: Path) -> None:
    table = write_studies(tmp_path / "studies", 1)
    (study,) = read_studies(table)
    path = next(iter(study.paths.values()))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match=r"^Study 1 of the table: "):
        augment(WISHES, (study,), tmp_path / "out")


def test_what_cannot_be_placed_is_told_and_the_rest_is_made(tmp_path: Path) -> None:
    table = write_studies(tmp_path / "studies", 1, mask=True)
    wishes = (
        WishRow("metastasis", (1.0, 1.0), at=(900.0, 0.0, 0.0)),
        WishRow("ms-plaques", (0.5, 0.5), at=(-26.0, -20.0, 0.0)),
    )
    found = augment(wishes, read_studies(table), tmp_path / "out")
    assert [f.plan.name for f in found.finished] == ["sub-0002"]
    assert set(found.refused) == {"sub-0001"}
    kept = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert kept["refused"]["sub-0001"] and kept["subjects"]["refused"] == 1
    (sample,) = read_samples(tmp_path / "out", ("T1",))
    _, mask = load(sample)
    assert mask[18:20, 20:23, 30:33].all(), "lesions that were there are part of the truth"
    assert augment(wishes, read_studies(table), tmp_path / "out").new == 0


def test_torch_reads_the_parts_and_no_patient_is_in_two(made: tuple[Path, Path]) -> None:
    from torch.utils.data import DataLoader

    from SynthCore.augment.dataset import LesionDataset

    _, out = made
    parts = {p: LesionDataset(out, ("FLAIR", "T1"), p) for p in ("train", "test")}
    assert sum(len(part) for part in parts.values()) == 3
    patients = [{sample.patient for sample in part.samples} for part in parts.values()]
    assert not patients[0] & patients[1]
    batch = next(iter(DataLoader(parts["train"], batch_size=1)))
    assert batch["image"].shape == (1, 2, 40, 56, 46) and batch["mask"].shape[:2] == (1, 1)
    assert batch["mask"].sum() > 0 and batch["image"].dtype.is_floating_point
    with pytest.raises(InputError, match="no subject"):
        LesionDataset(out, ("T2",))
    with pytest.raises(InputError, match="no part"):
        LesionDataset(out, ("T1",), "exam")


def test_the_command_makes_it_and_refuses_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    studies = write_studies(tmp_path / "studies", 1)
    wishes = tmp_path / "wishes.csv"
    wishes.write_text("kind,volume_ml,site\nms-plaques,0.5,periventricular\n")
    out = tmp_path / "out"
    line = ["augment", str(wishes), "--studies", str(studies), "--out", str(out), "--json"]
    assert main(line) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["subjects"] == told["new"] == 1 and told["lesions"]["ms-plaques"]["count"] == 1
    wishes.write_text("kind,volume_ml\nwart,1\n")
    assert main(line) == 2
    assert "no kind of lesion" in json.loads(capsys.readouterr().out)["error"]
    assert main([*line, "--split", "half"]) == 2
    assert "three shares" in json.loads(capsys.readouterr().out)["error"]
