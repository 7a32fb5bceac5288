"""Whether a program answers: asked on this machine, whatever the shell says about the way outside."""

import socket
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from babyowl_local.supervisor import answers


class _Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Ready)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()
    server.server_close()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def test_ready_is_who_answers_200(url: str) -> None:
    assert answers(f"{url}/readyz")
    assert not answers(f"{url}/else")
    assert not answers(f"http://127.0.0.1:{closed_port()}/readyz")
    assert answers(None)


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY"])
def test_a_proxy_in_the_shell_is_not_asked(url: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for known in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(known, raising=False)
    monkeypatch.setattr(urllib.request, "_opener", None)  # what an earlier call had learnt of the environment
    monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    assert answers(f"{url}/readyz")
