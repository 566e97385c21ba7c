"""Good images asked something of that cannot be done: another role, mask, model or option."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import nibabel as nib
import numpy as np

from Testing.cli.bad_inputs import BadInputs, t1
from Testing.cli.studies import head, hounsfield, limb, write_nifti, write_series
from Testing.engine.conftest import an_identity_bundle

BAD_REQUESTS = BadInputs()
case = BAD_REQUESTS.refused


def identity(tmp: Path) -> Path:
    make = an_identity_bundle.__wrapped__  # the fixture's own function, for a folder of ours
    return make(tmp)()


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


@case(2, "takes no mask")
def a_mask_that_the_task_does_not_take(tmp: Path) -> list[str]:
    path = write_nifti(tmp / "t1.nii.gz", limb())
    return t1(path, "--mask", str(path))


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
def a_device_that_is_no_number(tmp: Path) -> list[str]:
    return t1(tmp / "never-read.nii.gz", "--device", "cuda:²")


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
