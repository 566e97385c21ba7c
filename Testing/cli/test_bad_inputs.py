"""Bad input: the documented exit code, one sentence, no traceback, nothing left behind."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid

from SynthCore.cli.main import main
from Testing.cli.studies import head, hounsfield, limb, write_nifti, write_series
from Testing.engine.conftest import an_identity_bundle as an_identity_bundle

Case = Callable[[Path], list[str]]
CASES: dict[str, tuple[int, str, Case]] = {}


def case(code: int, says: str = "") -> Callable[[Case], Case]:
    """Register a case: a function that makes bad input and returns the arguments for `run`.

    `says` is part of the sentence, where another check could refuse the same input.
    """

    def add(make: Case) -> Case:
        CASES[make.__name__] = (code, says, make)
        return make

    return add


def t1(path: Path | str, *more: str) -> list[str]:
    return ["mr-to-ct", "--input", f"T1={path}", "--format", "nifti", *more]


def edited(folder: Path, change: Callable[..., object], index: int = 3) -> Path:
    path = sorted(folder.iterdir())[index]
    item = dcmread(path)
    change(item)
    item.save_as(path)
    return folder


@case(2)
def no_such_file(tmp: Path) -> list[str]:
    return t1(tmp / "nothing.nii.gz")


@case(2)
def an_empty_folder(tmp: Path) -> list[str]:
    (tmp / "empty").mkdir()
    return t1(tmp / "empty")


@case(2)
def a_text_file_named_dcm(tmp: Path) -> list[str]:
    (tmp / "note.dcm").write_text("not an image")
    return t1(tmp / "note.dcm")


@case(2)
def an_empty_nifti(tmp: Path) -> list[str]:
    (tmp / "a.nii.gz").write_bytes(b"")
    return t1(tmp / "a.nii.gz")


@case(2)
def a_text_file_named_nifti(tmp: Path) -> list[str]:
    (tmp / "a.nii").write_text("hello" * 200)
    return t1(tmp / "a.nii")


@case(2)
def a_truncated_nifti(tmp: Path) -> list[str]:
    path = write_nifti(tmp / "a.nii", limb())
    path.write_bytes(path.read_bytes()[:-2000])
    return t1(path)


@case(2)
def a_truncated_gzip(tmp: Path) -> list[str]:
    path = write_nifti(tmp / "a.nii.gz", limb())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return t1(path)


@case(2)
def gzip_of_something_else(tmp: Path) -> list[str]:
    (tmp / "a.nii.gz").write_bytes(gzip.compress(b"nothing of the kind" * 100))
    return t1(tmp / "a.nii.gz")


@case(2)
def an_unknown_format(tmp: Path) -> list[str]:
    (tmp / "a.docx").write_bytes(b"PK\x03\x04")
    return t1(tmp / "a.docx")


@case(2)
def truncated_dicom_pixels(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())
    path = sorted(folder.iterdir())[3]
    path.write_bytes(path.read_bytes()[:-1000])
    return t1(folder)


@case(2)
def a_missing_slice(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())
    sorted(folder.iterdir())[4].unlink()
    return t1(folder)


@case(2)
def two_patients_in_one_folder(tmp: Path) -> list[str]:
    write_series(tmp / "mr" / "a", limb(), patient="A")
    write_series(tmp / "mr" / "b", limb(seed=1), patient="B")
    return t1(tmp / "mr")


@case(2)
def two_series_of_one_kind(tmp: Path) -> list[str]:
    write_series(tmp / "mr" / "a", limb())
    write_series(tmp / "mr" / "b", limb(seed=1))
    return t1(tmp / "mr")


@case(2)
def two_frames_of_reference(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())
    return t1(edited(folder, lambda d: setattr(d, "FrameOfReferenceUID", generate_uid())))


@case(2)
def a_slice_turned(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())
    return t1(edited(folder, lambda d: setattr(d, "ImageOrientationPatient", [1, 0, 0, 0, 0, -1])))


@case(2)
def a_tilted_gantry(tmp: Path) -> list[str]:
    folder = write_series(tmp / "ct", hounsfield(), "CT", description="body")
    for k, path in enumerate(sorted(folder.iterdir())):
        item = dcmread(path)
        item.ImagePositionPatient = [-20.0, -24.0 + 1.2 * k, 3.0 * k]
        item.save_as(path)
    return ["ct-denoise", "--input", f"CT={folder}"]


@case(2)
def two_images_at_one_position(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())
    return t1(edited(folder, lambda d: setattr(d, "ImagePositionPatient", [-20.0, -24.0, 0.0])))


@case(2)
def a_color_picture(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb()[:1])

    def paint(item: object) -> None:
        item.SamplesPerPixel, item.PhotometricInterpretation = 3, "RGB"
        item.BitsAllocated = item.BitsStored = 8
        item.HighBit, item.PixelRepresentation, item.PlanarConfiguration = 7, 0, 0
        item.PixelData = bytes(item.Rows * item.Columns * 3)

    return t1(edited(folder, paint, 0))


@case(2)
def slices_of_two_sizes(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())

    def shrink(item: object) -> None:
        item.Rows = 20
        item.PixelData = item.PixelData[: 20 * item.Columns * 2]

    return t1(edited(folder, shrink))


@case(2)
def no_pixels(tmp: Path) -> list[str]:
    folder = write_series(tmp / "mr", limb())
    return t1(edited(folder, lambda d: d.__delattr__("PixelData")))


@case(2)
def four_dimensions(tmp: Path) -> list[str]:
    return t1(write_nifti(tmp / "a.nii.gz", np.stack([limb(), limb(seed=1)])))


@case(2)
def complex_voxels(tmp: Path) -> list[str]:
    return t1(write_nifti(tmp / "a.nii.gz", limb().astype(np.complex64)))


@case(2)
def not_a_number(tmp: Path) -> list[str]:
    voxels = limb().astype(np.float32)
    voxels[2, 3, 4] = np.nan
    return t1(write_nifti(tmp / "a.nii.gz", voxels))


@case(2)
def a_constant_image(tmp: Path) -> list[str]:
    return t1(write_nifti(tmp / "a.nii.gz", np.full((8, 40, 48), 7, np.int16)))


@case(2)
def no_spacing(tmp: Path) -> list[str]:
    path = write_nifti(tmp / "a.nii", limb())
    data = bytearray(path.read_bytes())
    data[280:296] = bytes(16)  # srow_x of the header
    path.write_bytes(data)
    return t1(path)


@case(3)
def a_line_of_voxels(tmp: Path) -> list[str]:
    line = np.random.default_rng(0).integers(1, 900, (100_000, 1, 1)).astype(np.int16)
    image = nib.Nifti2Image(line, np.eye(4))
    nib.save(image, tmp / "a.nii.gz")
    return t1(tmp / "a.nii.gz")


@case(3)
def ct_numbers_given_as_t1(tmp: Path) -> list[str]:
    return t1(write_nifti(tmp / "a.nii.gz", hounsfield()))


@case(3)
def a_ct_series_given_as_t1(tmp: Path) -> list[str]:
    return t1(write_series(tmp / "ct", hounsfield(), "CT", description="body"))


@case(3)
def mr_given_as_ct(tmp: Path) -> list[str]:
    return ["ct-denoise", "--input", f"CT={write_nifti(tmp / 'a.nii.gz', limb())}"]


@case(3, "unlike what mr-to-ct-extremity was trained on")
def another_part_of_the_body_for_the_model_asked_for(tmp: Path) -> list[str]:
    path = write_nifti(tmp / "a.nii.gz", head(), (1.0, 1.0, 3.0))
    return t1(path, "--model", "mr-to-ct-extremity")


@case(3, "along k the model was made for")
def slices_much_thicker_than_the_model_was_made_for(tmp: Path) -> list[str]:
    path = write_nifti(tmp / "a.nii.gz", limb((8, 300, 300)), (1.0, 1.0, 30.0))
    return t1(path, "--model", "mr-to-ct-extremity")


def inpaint(tmp: Path, mask: Path) -> list[str]:
    path = write_nifti(tmp / "t1.nii.gz", limb())
    return ["inpaint", "--input", f"T1={path}", "--mask", str(mask), "--format", "nifti"]


@case(2)
def a_mask_elsewhere(tmp: Path) -> list[str]:
    mask = np.zeros((8, 40, 48), np.uint8)
    mask[3:5, 10:20, 10:20] = 1
    image = nib.Nifti1Image(mask.T, np.diag([-1.0, -1, 3, 1]))
    image.affine[:3, 3] = 5000
    nib.save(nib.Nifti1Image(mask.T, image.affine), tmp / "mask.nii.gz")
    return inpaint(tmp, tmp / "mask.nii.gz")


@case(2)
def an_empty_mask(tmp: Path) -> list[str]:
    return inpaint(tmp, write_nifti(tmp / "m.nii.gz", np.zeros((8, 40, 48), np.uint8)))


@case(2)
def no_mask(tmp: Path) -> list[str]:
    return [*inpaint(tmp, tmp / "m.nii.gz")[:-4], "--format", "nifti"]


@case(2)
def no_such_mask(tmp: Path) -> list[str]:
    return inpaint(tmp, tmp / "nothing.nii.gz")


@case(2)
def no_such_task(tmp: Path) -> list[str]:
    return ["ct-to-gold", "--input", f"CT={write_nifti(tmp / 'a.nii.gz', hounsfield())}"]


@case(2)
def no_such_role(tmp: Path) -> list[str]:
    return ["mr-to-ct", "--input", f"EEG={write_nifti(tmp / 'a.nii.gz', limb())}"]


@case(2)
def a_role_the_task_does_not_take(tmp: Path) -> list[str]:
    return ["mr-to-ct", "--input", f"FLAIR={write_nifti(tmp / 'a.nii.gz', limb())}"]


@case(2)
def an_input_without_a_role(tmp: Path) -> list[str]:
    return ["mr-to-ct", "--input", str(write_nifti(tmp / "a.nii.gz", limb()))]


@case(2)
def a_role_given_twice(tmp: Path) -> list[str]:
    path = write_nifti(tmp / "a.nii.gz", limb())
    return t1(path, "--input", f"t1={path}")


@case(2)
def no_target(tmp: Path) -> list[str]:
    return ["mr-sequence", "--input", f"T1={write_nifti(tmp / 'a.nii.gz', limb())}"]


@case(2)
def no_such_model(tmp: Path) -> list[str]:
    return t1(write_nifti(tmp / "a.nii.gz", limb()), "--model", "nothing-of-the-kind")


@case(2)
def a_model_for_another_task(tmp: Path) -> list[str]:
    return t1(write_nifti(tmp / "a.nii.gz", limb()), "--model", "ct-denoise-nlm")


@case(2)
def no_such_device(tmp: Path) -> list[str]:
    path = write_nifti(tmp / "a.nii.gz", limb())
    return t1(path, "--model", str(identity(tmp)), "--device", "cuda:99")


@case(2)
def no_such_backend(tmp: Path) -> list[str]:
    path = write_nifti(tmp / "a.nii.gz", limb())
    return t1(path, "--model", str(identity(tmp)), "--backend", "abacus")


@case(2)
def an_unknown_option(tmp: Path) -> list[str]:
    return t1(write_nifti(tmp / "a.nii.gz", limb()), "--faster")


@case(2)
def a_model_with_a_changed_byte(tmp: Path) -> list[str]:
    folder = identity(tmp)
    path = folder / "models" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    return t1(write_nifti(tmp / "a.nii.gz", limb()), "--model", str(folder))


@case(2)
def a_model_with_a_pickle(tmp: Path) -> list[str]:
    folder = identity(tmp)
    (folder / "models" / "model.pt").write_bytes(pickle.dumps({"a": 1}))
    return t1(write_nifti(tmp / "a.nii.gz", limb()), "--model", str(folder))


@case(2)
def a_model_that_calls_os_system(tmp: Path) -> list[str]:
    folder = identity(tmp)
    command = f"touch {tmp / 'owned'}"
    (folder / "configs" / "inference.json").write_text(
        json.dumps({"network_def": {"_target_": "os.system", "command": command}})
    )
    return t1(write_nifti(tmp / "a.nii.gz", limb()), "--model", str(folder))


@case(2)
def a_model_without_weights(tmp: Path) -> list[str]:
    folder = identity(tmp)
    (folder / "models" / "model.safetensors").unlink()
    return t1(write_nifti(tmp / "a.nii.gz", limb()), "--model", str(folder))


def identity(tmp: Path) -> Path:
    make = an_identity_bundle.__wrapped__  # the fixture's own function, for a folder of ours
    return make(tmp)()


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_one_sentence_and_leaves_nothing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, says, make = CASES[name]
    arguments = make(tmp_path)
    out = tmp_path / "out"
    found = main(["run", *arguments, "--out", str(out)])
    stdout, stderr = capsys.readouterr()
    assert found == code, stderr
    errors = [line for line in stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1, stderr
    assert errors[0].endswith((".", "?"))
    assert says in errors[0]
    assert "Traceback" not in stdout + stderr
    assert "Test^" not in stderr, "a patient's name"
    assert not out.exists() or not any(out.iterdir())
    assert not (tmp_path / "owned").exists()
    assert not list(tmp_path.glob("**/.partial-*"))


def test_there_are_at_least_thirty_cases() -> None:
    assert len(CASES) >= 30


def test_an_output_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_nifti(tmp_path / "a.nii.gz", limb())
    taken = tmp_path / "taken"
    taken.write_text("mine")
    assert main(["run", *t1(path), "--out", str(taken)]) == 2
    assert taken.read_text() == "mine"
    assert "is a file" in capsys.readouterr().err


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_nifti(tmp_path / "a.nii.gz", limb())
    arguments = ["run", *t1(path, "--model", "mr-to-ct-bulk-density"), "--out", str(tmp_path / "o")]
    assert main(arguments) == 0
    before = {p.name: p.read_bytes() for p in (tmp_path / "o").iterdir()}
    capsys.readouterr()
    assert main(arguments) == 2
    assert "nothing is written over" in capsys.readouterr().err
    assert {p.name: p.read_bytes() for p in (tmp_path / "o").iterdir()} == before


def test_an_output_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_nifti(tmp_path / "a.nii.gz", limb())
    (tmp_path / "file").write_text("")
    arguments = t1(path, "--model", "mr-to-ct-bulk-density")
    assert main(["run", *arguments, "--out", str(tmp_path / "file" / "below")]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="limits on file size are POSIX")
@pytest.mark.parametrize("form", ["nifti", "dicom"])
def test_a_full_disk_leaves_nothing(tmp_path: Path, form: str) -> None:
    """A limit on file size stands for the full disk: writing fails in the middle of a file."""
    path = write_nifti(tmp_path / "a.nii.gz", limb())
    out = tmp_path / "out"
    arguments = ["run", *t1(path, "--model", "mr-to-ct-bulk-density"), "--out", str(out)]
    arguments[arguments.index("nifti")] = form
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)); "
        "from SynthCore.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 4, done.stderr
    assert "full" in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_json_tells_an_error_as_one_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *t1(tmp_path / "no.nii"), "--out", str(tmp_path / "o"), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["exit_code"] == 2
    assert told["error"].endswith(".")
