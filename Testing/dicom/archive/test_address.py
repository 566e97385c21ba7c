"""Addresses and queries as people write them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from SynthCore.dicom.archive import Query, connect, parse_address
from SynthCore.dicom.archive.address import NodeAddress, WebAddress, is_loopback
from SynthCore.errors import InputError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://a.example/dicom-web/", WebAddress("https://a.example/dicom-web")),
        ("http://127.0.0.1:8042/dicom-web", WebAddress("http://127.0.0.1:8042/dicom-web")),
        ("PACS@10.0.0.1:104", NodeAddress("PACS", "10.0.0.1", 104)),
        ("MY PACS@pacs.example:11112", NodeAddress("MY PACS", "pacs.example", 11112)),
        ("A@B@host:104", NodeAddress("A@B", "host", 104)),
        ("PACS@[::1]:104", NodeAddress("PACS", "::1", 104)),
        (" HTTP://A.example/dicom-web", WebAddress("http://A.example/dicom-web")),
    ],
)
def test_an_address(text: str, address: WebAddress | NodeAddress) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "", "host", "PACS@host", "PACS@host:", "PACS@host:0", "PACS@host:70000", "PACS@:104",
        "@host:104", "A TITLE OF MORE THAN SIXTEEN@host:104", "PÄCS@host:104", "A\\B@host:104",
        "ftp://host/dicom-web", "https://", "https:///dicom-web", "https://host/dicom-web?x=1",
        "https://user:s3cret@host/dicom-web", "htps://user:s3cret@host/dicom-web",
        "https://user:s3cret@[::1/dicom-web", "https://host/dicom-web?token=s3cret",
        "user:s3cret@127.0.0.1:104", "https://host:abc/dicom-web", "https://host:99999/dicom-web",
        "http://ho st/dicom-web", "http://127.0.0.1:0/dicom-web", "https://[::1/dicom-web",
        "PACS@host:104/x",
    ],
)  # fmt: skip
def test_no_address(text: str) -> None:
    with pytest.raises(InputError) as told:
        parse_address(text)
    assert "s3cret" not in str(told.value)


def test_what_leaves_this_machine_in_plain_text_is_known() -> None:
    plain = ("http://a.example/dicom-web", "PACS@10.0.0.1:104")
    closed = ("https://a.example/dicom-web", "http://localhost:8042/x", "PACS@127.0.0.1:104")
    assert [parse_address(text).encrypted for text in plain] == [False, False]
    assert [parse_address(text).encrypted for text in closed] == [True, True, True]
    assert is_loopback("::1") and not is_loopback("127.0.0.1.example")


@pytest.mark.parametrize(
    "values",
    [
        {}, {"modality": "MR"}, {"patient_id": "*"}, {"patient_id": "A?"}, {"patient_id": "A\\B"},
        {"accession_number": "1*"}, {"study_uid": "1.2.x"}, {"study_uid": "1" * 65},
        {"series_uids": ("1.2",)}, {"study_uid": "1.2", "modality": "mr*"}, {"patient_id": "A\nB"},
        {"patient_id": "A?" + 70 * "x"}, {"patient_id": 65 * "x"}, {"accession_number": 17 * "x"},
    ],
)  # fmt: skip
def test_a_query_that_would_match_more_than_was_meant(values: dict[str, Any]) -> None:
    with pytest.raises(InputError) as told:
        Query(**values)
    assert "A?" not in str(told.value)  # an ID names a patient


@pytest.mark.parametrize("title", ["", "A TITLE OF MORE THAN SIXTEEN", "Ä"])
def test_no_title_of_our_own(title: str) -> None:
    address = parse_address("PACS@host:104")
    if title:
        with pytest.raises(InputError, match="application entity title"):
            connect(address, title)
    else:
        assert connect(address, title).host == "PACS@host:104"


@pytest.mark.parametrize(
    ("library", "address"),
    [("pynetdicom", "PACS@host:104"), ("dicomweb_client", "https://host/dicom-web")],
)
def test_without_the_extra_it_says_what_to_install(library: str, address: str) -> None:
    code = (
        f"import sys; sys.modules[{library!r}] = None\n"
        "from SynthCore.cli.main import main\n"
        f"sys.exit(main(['send', 'x', '--to', {address!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "SynthCore[archive]" in done.stderr


def test_the_libraries_are_loaded_by_whoever_connects() -> None:
    code = (
        "import sys, SynthCore.dicom.archive, SynthCore.cli.main\n"
        "print(sorted({'pynetdicom', 'dicomweb_client'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
