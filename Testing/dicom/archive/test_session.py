"""Whose certificates are believed, and which token can be sent."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from SynthCore.cli.main import main
from Testing.dicom.archive.web_service import web_service


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """One that this machine signed itself: its file, and a service's context with it."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no certificate can be made: install openssl")
    made, key = tmp_path / "made.pem", tmp_path / "key.pem"
    subprocess.run(
        [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=here", "-days",
         "2", "-addext", "subjectAltName=IP:127.0.0.1", "-out", made, "-keyout", key],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    return made, context


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_an_authority_of_ones_own_on_this_machine(
    variable: str,
    certificate: tuple[Path, ssl.SSLContext],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, context = certificate
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with web_service(tls=context) as there:
        asked = ["fetch", "--from", there.url, "--study", "1.2"]
        assert main(asked) == 4
        assert "certificate of 127.0.0.1" in capsys.readouterr().err
        assert there.asked == []
        monkeypatch.setenv(variable, str(path))
        assert main(asked) == 0
        assert len(there.asked) == 1
        monkeypatch.setenv(variable, str(path.with_name("away.pem")))
        assert main(asked) == 2
        assert f"The file of certificates that {variable} names" in capsys.readouterr().err


@pytest.mark.parametrize("token", ["tök€n", "abc\n", " abc", "a\x00b"])
def test_what_is_no_token_is_called_that(
    token: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    variables = {"SYNTHCORE_ARCHIVE_TOKEN": token}
    monkeypatch.setattr("os.environ", variables)
    with web_service() as there:
        assert main(["fetch", "--from", there.url, "--study", "1.2"]) == 2
        assert there.asked == []
    err = capsys.readouterr().err
    assert "SYNTHCORE_ARCHIVE_TOKEN holds" in err
    assert "abc" not in err and "tök" not in err
