"""A platform with the real servers, supervisor and mailbox, but services of twenty lines; run as a program."""

import sys
from pathlib import Path

from babyowl_local.catalogue import Service
from babyowl_local.cli import main, told
from babyowl_local.platform import Parts, Platform

SERVICE = """
import http.server, json, os, signal, sys
from pathlib import Path

notes = Path(os.environ["HOME"]) / "notes"
action = (sys.argv[1:] or ["serve"])[0]
with notes.open("a") as file:
    file.write(f"{__package__} {action}\\n")
if action == "prepare" and (Path(os.environ["HOME"]) / "migration-fails").exists():
    sys.exit("column does not exist")
if action in ("prepare", "seed"):
    sys.exit(0)
if (Path(os.environ["HOME"]) / "start-fails").exists():
    sys.exit("cannot start")

if (Path(os.environ["HOME"]) / "stubborn").exists():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())

    def log_message(self, *_):
        pass

print("said by", __package__)
print(json.dumps({"level": "info", "event": "unimportant"}))
print(json.dumps({"level": "error", "event": "important"}))
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


def write_packages(folder: Path) -> None:
    for name in ("fake_identity", "fake_class", "fake_gateway"):
        package = folder / name
        package.mkdir(exist_ok=True)
        for module in ("__init__", "main"):
            (package / f"{module}.py").write_text("")
        (package / "bootstrap.py").write_text("service = None")
        (package / "__main__.py").write_text(SERVICE)


if __name__ == "__main__":
    home = Path(sys.argv[1])
    if sys.argv[2] == "run":
        write_packages(home.parent)
        services = (Service("identity", "fake_identity"), Service("class", "fake_class"))
        parts = Parts(services=services, gateway="fake_gateway", build_ahead=lambda _: None, shared=())
        sys.exit(told(lambda: Platform(home, int(sys.argv[3]), parts).run()))
    sys.exit(main(["--home", str(home), *sys.argv[2:]]))
