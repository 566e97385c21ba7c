"""The words that may stay of a description: those of imaging, from a closed list.

Nothing that is not on the list survives, so no list of names is needed. Numbers stay where they
have one or two digits and stand alone; rows of numbers may be dates and identifiers.
"""

from __future__ import annotations

import re

from SynthCore.dicom.marks import PREFIX
from SynthCore.dicom.texts import fit

VOCABULARY = frozenset(
    """
    kind synthesis imputation finer slices slice
    synthetic simulated phantom digital computed from by image images scan series study seed task
    model weights sha synthcore slicersynth not acquired the patient research software for clinical
    use no of and in with without is cleared only
    t1 t1w t1c t1ce t2 t2w t2star flair pd pdw dir stir tirm swi swan dwi adc dti dixon ir se tse
    fse gre ge spgr fspgr mprage mp2rage bravo vibe lava thrive tfe ffe flash space cube vista haste
    ssfse epi asl tof mra mrv ciss fiesta bssfp trufi localizer scout survey topogram
    ct cta ctp cbct pet mr mri us xr cr dx mg nm sc rt dose plan seg sr pr ko spect
    pre post contrast gd gad gadolinium gadobutrol gadoterate km iodine native ce enhanced
    unenhanced arterial portal venous delayed phase dynamic perfusion
    ax axial sag sagittal cor coronal tra transverse oblique obl mpr mip minip thin thick slab
    2d 3d 4d iso isotropic fs fatsat fat sat water opp inphase in-phase opposed
    head brain skull face neck spine cervical thoracic lumbar sacral chest thorax lung lungs heart
    cardiac abdomen pelvis liver spleen kidney kidneys bladder prostate breast hip knee ankle foot
    shoulder elbow wrist hand femur tibia thigh calf leg arm whole body
    left right lt rt bilateral upper lower
    lesion tumor tumour glioma metastasis metastases meningioma necrosis ring edema oedema infarct
    hemorrhage haemorrhage plaque plaques nodule solid part ground glass mass cyst core mask truth
    background tissue bone soft air gray grey white matter csf hypovascular hypervascular
    gtv ctv ptv itv external couch optic nerve chiasm brainstem cord cochlea lens eye eyes
    hippocampus
    denoised denoise synthesized generated inpainted removed placed harmonized super resolution
    low full reduced standard baseline follow up kernel sharp smooth window
    mm cm ms kv kvp ma mas hu te tr ti min sec bpm
    report findings key object for teaching file export annotation arrow segment segmentation
    quality measurement measurements volume difference map uncertainty anomaly healthy
    """.split()  # noqa: SIM905
)

_TOKEN = re.compile(r"[0-9A-Za-z]+(?:-[a-z]+)?")


def imaging_words(text: str, length: int = 64) -> str:
    """What `text` says in words of the vocabulary, at most `length` characters; else empty."""
    kept: list[str] = []
    tokens = _TOKEN.findall(text)
    for place, token in enumerate(tokens):
        is_number = _is_lone_number(tokens, place) or _is_hash_of_weights(tokens, place)
        if token.lower() in VOCABULARY or is_number:
            kept.append(token)
    says_something = any(not token.isdigit() for token in kept)
    return fit(" ".join(kept), length) if says_something else ""


def synthetic_words(text: str, length: int = 64) -> str:
    """The same for a mark of a synthetic object, which begins with ``SYNTHETIC``."""
    words = imaging_words(text, length - len(PREFIX) - 1)
    if words.upper().startswith(PREFIX):
        words = words[len(PREFIX) :].strip()
    return f"{PREFIX} {words}".strip()


def _is_lone_number(tokens: list[str], place: int) -> bool:
    if not re.fullmatch(r"\d{1,2}(?:mm)?", tokens[place]):
        return False
    near = tokens[max(place - 1, 0) : place] + tokens[place + 1 : place + 2]
    return bool(near) and all(token.lower() in VOCABULARY for token in near)


def _is_hash_of_weights(tokens: list[str], place: int) -> bool:
    said = [token.lower() for token in tokens[max(place - 3, 0) : place]]
    return said == ["weights", "sha", "256"] and bool(re.fullmatch("[0-9a-f]{64}", tokens[place]))
