"""Standard codes of what a segment is and where it lies.

Types are those of CID 7159 "Lesion Segmentation Type", categories of CID 7150, anatomy SNOMED CT,
as PS3.16 prints them. Found by words, so that a kind like ``lung-nodule-solid`` needs no entry of
its own; what no word matches is a lesion, which is always true.
"""

from __future__ import annotations

Code = tuple[str, str, str]
"""Value, scheme, meaning."""

CATEGORY: Code = ("49755003", "SCT", "Morphologically Abnormal Structure")

LESION: Code = ("52988006", "SCT", "Lesion")

_TYPES: tuple[tuple[tuple[str, ...], Code], ...] = (
    (("necro",), ("6574001", "SCT", "Necrosis")),
    (("edema", "oedema"), ("79654002", "SCT", "Edema")),
    (("metasta",), ("14799000", "SCT", "Neoplasm, Secondary")),
    (("glio",), ("372087000", "SCT", "Neoplasm, Primary")),
    (("hemorrhage", "haemorrhage", "hematoma", "bleed"), ("50960005", "SCT", "Hemorrhage")),
    (("nodule",), ("27925004", "SCT", "Nodule")),
    (("cyst",), ("367643001", "SCT", "Cyst")),
    (("tumor", "tumour", "neoplasm"), ("108369006", "SCT", "Neoplasm")),
)

_SITES: tuple[tuple[tuple[str, ...], Code], ...] = (
    (("cerebellar white",), ("33060004", "SCT", "Cerebellar White Matter")),
    (("frontal lobe",), ("83251001", "SCT", "Frontal lobe")),
    (("temporal lobe",), ("78277001", "SCT", "Temporal lobe")),
    (("parietal lobe",), ("16630005", "SCT", "Parietal lobe")),
    (("occipital lobe",), ("31065004", "SCT", "Occipital lobe")),
    (("cerebellum",), ("113305005", "SCT", "Cerebellum")),
    (("white matter", "periventricular"), ("68523003", "SCT", "Cerebral White Matter")),
    (("deep gray",), ("389081007", "SCT", "Gray Matter")),
    (("cortex", "cortical", "gray matter"), ("40146001", "SCT", "Cerebral cortex")),
    (("cerebellar",), ("113305005", "SCT", "Cerebellum")),
    (("brainstem", "brain stem", "pons"), ("119238007", "SCT", "Brain Stem")),
    (("thalam",), ("42695009", "SCT", "Thalamus")),
    (("hemisphere",), ("372073000", "SCT", "Cerebral hemisphere")),
    (("lung", "pulmon", "subpleural"), ("39607008", "SCT", "Lung")),
    (("liver", "hepat"), ("10200004", "SCT", "Liver")),
    (
        ("brain", "cerebr", "glio", "ms", "plaque", "plaques", "infarct", "hemorrhage"),
        ("12738006", "SCT", "Brain"),
    ),
)

_SIDES: tuple[tuple[str, Code], ...] = (
    ("left", ("7771000", "SCT", "Left")),
    ("right", ("24028007", "SCT", "Right")),
)


def type_of(kind: str) -> Code:
    """The type of a segment by the words of its kind (``metastasis`` is Neoplasm, Secondary)."""
    return _first(_TYPES, kind.lower()) or LESION


def site_of(*words: str) -> Code | None:
    """The anatomy that the words name, the first first, and of each what stands before a comma.

    None where none of them names any.
    """
    for text in (part for one in words for part in one.split(",")):
        found = _first(_SITES, text.lower())
        if found is not None:
            return found
    return None


def side_of(text: str) -> Code | None:
    """Left or right, where the text says one of them."""
    found = [code for word, code in _SIDES if word in text.lower().replace("-", " ").split()]
    return found[0] if len(found) == 1 else None


def _first(table: tuple[tuple[tuple[str, ...], Code], ...], text: str) -> Code | None:
    spaced = text.replace("_", " ").replace("-", " ")
    return next(
        (
            code
            for names, code in table
            # short words stand alone: "ms" is not in "stems"
            if any(n in spaced if len(n) > 3 else n in spaced.split()
                   for n in names)
        ),
        None,
    )  # fmt: skip
