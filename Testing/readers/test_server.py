"""The server gives a reader what they need, and anybody else nothing."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from SynthCore.cli.main import main
from SynthCore.errors import InputError
from SynthCore.readers.server import MOST_POSTED, ReaderServer, open_server
from SynthCore.readers.study import Study, open_key
from Testing.readers.test_answers import answer


@pytest.fixture
def server(study: Study) -> Iterator[ReaderServer]:
    with open_server(study, "ann") as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.02,))
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def ask(
    server: ReaderServer, what: str, body: Any = None, method: str = "", **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    """A request behind the token, or to a whole path where `what` begins with a slash."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    path = what if what.startswith("/") else f"/{server.token}/{what}"
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Content-Type": "application/json"} if data is not None else {}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method or ("GET" if data is None else "POST"), path, data, given)
    reply = connection.getresponse()
    found = reply.status, reply.read(), dict(reply.getheaders())
    connection.close()
    return found


def test_it_serves_the_page_the_state_and_the_items(server: ReaderServer, study: Study) -> None:
    status, page, headers = ask(server, "")
    assert status == 200 and b"SOME IMAGES ARE SYNTHETIC" in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Python" not in headers.get("Server", "")
    assert json.loads(ask(server, "state")[1]) == {"answered": {}, "seen": {}}
    slices = json.loads(ask(server, f"item/{study.items[3]}")[1])
    assert slices == {"slices": study.slices(study.items[3])}


def test_an_answer_is_on_disk_when_it_is_acknowledged(server: ReaderServer, study: Study) -> None:
    status, body, _ = ask(server, "answer", answer(study))
    assert (status, json.loads(body)) == (200, {"reveal": None})
    assert server.log.answered() == study.items[:1]
    assert ask(server, "answer", answer(study))[0] == 409
    assert ask(server, "answer", answer(study, 1, confidence=9))[0] == 409
    assert ask(server, "seen", {"item": study.items[1], "seconds": 2})[0] == 200
    assert json.loads(ask(server, "state")[1])["seen"] == {study.items[1]: 2.0}


@pytest.mark.parametrize(
    "path",
    ["/", "/favicon.ico", "/study.json", "/key.json", "/wrong-token/", "/wrong-token/state",
     "/\u00e4/state", "//", "/..%2f..%2fkey.json"],
)  # fmt: skip
def test_without_the_token_there_is_nothing(server: ReaderServer, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    connection._encode_request = lambda request: request.encode("latin-1")  # type: ignore[attr-defined]
    connection._validate_path = lambda url: None  # type: ignore[attr-defined]
    connection.request("GET", path)
    reply = connection.getresponse()
    assert reply.status == 404
    assert json.loads(reply.read()) == {"error": "Not Found"}
    connection.close()


@pytest.mark.parametrize(
    "what", ["key.json", "../key.json", "item/", "item/../../key.json", "item/000000000000",
             "pictures/", "answers/", "answer"],
)  # fmt: skip
def test_behind_the_token_there_are_no_files(server: ReaderServer, what: str) -> None:
    status, body, _ = ask(server, what)
    assert status == 404 and b"truth" not in body


def test_who_was_taught_is_not_served_the_study_blinded(study: Study) -> None:
    key = open_key(study)
    with open_server(study, "Tom", key=key) as teaching:
        teaching.log.add(answer(study, item=teaching.log.items[0]))
    with pytest.raises(InputError, match="Tom was taught with this study and knows the truth"):
        open_server(study, "Tom")
    with open_server(study, "Tim"), open_server(study, "Tom", key=key):
        pass


def test_other_hosts_and_pages_are_refused(server: ReaderServer, study: Study) -> None:
    port = server.server_port
    assert ask(server, "", Host=f"evil.example:{port}")[0] == 403
    assert ask(server, "", Host="127.0.0.1")[0] == 403
    assert ask(server, "", Host=f"localhost:{port}")[0] == 200
    assert ask(server, "answer", answer(study), Origin="http://evil.example")[0] == 403
    assert ask(server, "answer", answer(study), Origin="null")[0] == 403
    assert server.log.answered() == ()
    assert ask(server, "answer", answer(study), Origin=f"http://127.0.0.1:{port}")[0] == 200


def test_bodies_are_limited_and_typed(server: ReaderServer, study: Study) -> None:
    good = answer(study)
    assert ask(server, "answer", b"x" * (MOST_POSTED + 1))[0] == 413
    assert ask(server, "answer", good, Content_Type="text/plain")[0] == 415
    assert ask(server, "answer", b"nonsense")[0] == 400
    assert ask(server, "answer", b"[" * 8000)[0] == 400
    assert ask(server, "answer", b"")[0] == 400
    assert ask(server, "answer", [1])[0] == 409
    assert ask(server, "seen", [1])[0] == 404
    assert ask(server, "seen", {"item": "x", "seconds": 1})[0] == 409
    assert ask(server, "seen", {"item": study.items[0], "seconds": -1})[0] == 409
    assert ask(server, "elsewhere", good)[0] == 404
    assert ask(server, "answer", good, Content_Length="-5")[0] == 411
    for method in ("PUT", "DELETE", "OPTIONS", "HEAD"):
        assert ask(server, "", method=method)[0] == 501
    assert not server.log.path.exists()


def test_a_request_that_never_ends_holds_up_nobody(server: ReaderServer) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port)) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost:")
        assert ask(server, "state")[0] == 200


def test_only_loopback_is_bound(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    for host in ("0.0.0.0", "::", "", "192.168.1.4", "example.org", "127.0.0.1.example.org"):  # noqa: S104
        with pytest.raises(InputError, match="this computer's own"):
            open_server(study, "ann", host=host)
    command = ["readers", "serve", str(study.folder), "--reader", "ann", "--no-open"]
    assert main([*command, "--host", "0.0.0.0"]) == 2  # noqa: S104
    assert "127.0.0.1 only" in capsys.readouterr().err
    with open_server(study, "ann") as found:
        assert found.server_address[0] == "127.0.0.1"
        assert len(found.token) == 32 and found.token in found.address
        with pytest.raises(InputError, match=f"port {found.server_port} cannot be used"):
            open_server(study, "ben", port=found.server_port)


def test_a_teaching_server_tells_after_the_answer_only(study: Study) -> None:
    key = open_key(study)
    with open_server(study, "ann", key=key) as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.02,))
        thread.start()
        page = ask(found, "")[1].decode()
        assert "too smooth" not in page and "reveals" not in page[page.index('id="data"') :][:400]
        first = found.log.items[0]
        status, body, _ = ask(found, "answer", answer(study, item=first))
        reveal = json.loads(body)["reveal"]
        assert status == 200 and reveal["truth"] == key[first].truth
        second = found.log.items[1]
        wrong = answer(study, item=second, confidence=0)
        assert b"truth" not in ask(found, "answer", wrong)[1]
        found.shutdown()
        thread.join()
