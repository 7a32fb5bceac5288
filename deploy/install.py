"""Makes the virtual environment and keeps it in step with the pins; needs nothing but Python 3.11.

    python3 deploy/install.py runtime|dev

Does nothing, quickly, when no pin and no pyproject.toml has changed since the last time.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST_PYTHON = (3, 11)


def main(wanted: str) -> int:
    if sys.version_info < OLDEST_PYTHON:
        return give_up(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: make PYTHON=python3.11 …")
    stamp = VENV / f".babyowl-{wanted}"
    state = fingerprint(wanted)
    if stamp.exists() and stamp.read_text() == state:
        return 0
    if not (PYTHON.exists() and succeeds([PYTHON, "-m", "pip", "--version"])):
        say("making the virtual environment .venv")
        if not make_environment():
            return give_up("could not make a virtual environment; `apt install python3-venv` helps on Debian")
    say(f"installing what is pinned in requirements/{wanted}.txt")
    if not install(wanted):
        return give_up("the installation failed; is the package registry within reach?")
    for known in ("runtime", "dev"):  # the development pins contain the others
        if wanted in (known, "dev"):
            (VENV / f".babyowl-{known}").write_text(fingerprint(known))
    return 0


def members() -> list[Path]:
    """The packages of this repository, in an order in which each finds its own dependencies installed."""
    patterns = ("shared-contracts/*", "services/*", "gateway", "deploy/*")
    return [folder for pattern in patterns for folder in sorted(CHECKOUT.glob(pattern)) if is_member(folder)]


def is_member(folder: Path) -> bool:
    return (folder / "pyproject.toml").exists()


def fingerprint(wanted: str) -> str:
    """Of everything that an installation depends on."""
    files = [CHECKOUT / "requirements" / f"{wanted}.txt", *(folder / "pyproject.toml" for folder in members())]
    digest = hashlib.sha256(f"{VENV} {sys.version}".encode())
    for file in files:
        digest.update(f"\n{file.relative_to(CHECKOUT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def make_environment() -> bool:
    """With pip from Python's own ensurepip, or, where Debian has cut that out, from another place."""
    shutil.rmtree(VENV, ignore_errors=True)
    if succeeds([sys.executable, "-m", "venv", VENV]):
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    if not succeeds([sys.executable, "-m", "venv", "--without-pip", VENV]):
        return False
    return (
        succeeds([sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "pip"]) or pip_from_debian()
    )


def pip_from_debian() -> bool:
    """Unpack Debian's pip wheel, which needs no root, and let it install itself."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return False
    say("Python comes without ensurepip here; fetching pip from the Debian archive")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for part in ("state/lists/partial", "cache/archives/partial"):
            (folder / part).mkdir(parents=True)
        (folder / "apt.conf").write_text(
            f'Dir::State "{folder}/state";\nDir::State::status "/var/lib/dpkg/status";\n'
            f'Dir::Cache "{folder}/cache";\nDebug::NoLocking "1";\nAPT::Sandbox::User "root";\n'
        )
        apt = {"APT_CONFIG": str(folder / "apt.conf")}
        succeeds(["apt-get", "--quiet", "update"], env=apt)  # one foreign source out of reach is no obstacle
        if not succeeds(["apt-get", "--quiet", "download", "python3-pip-whl"], env=apt, cwd=folder):
            return False
        package = next(folder.glob("python3-pip-whl_*.deb"))
        if not succeeds(["dpkg", "-x", package, folder / "unpacked"]):
            return False
        wheel = next((folder / "unpacked").glob("usr/share/python-wheels/pip-*.whl"))
        return succeeds([PYTHON, wheel / "pip", "install", "--quiet", "--no-index", wheel])


def install(wanted: str) -> bool:
    """By uv, which takes seconds; by pip, if uv can't reach the registry."""
    pins: list[str | Path] = ["--require-hashes", "-r", CHECKOUT / "requirements" / f"{wanted}.txt"]
    editable: list[str | Path] = [part for folder in members() for part in ("-e", folder)]
    own: list[str | Path] = ["--no-deps", "--no-build-isolation", *editable]
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    uv: list[str | Path] = [VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", PYTHON]
    installer = CHECKOUT / "requirements" / "installer.txt"
    if succeeds([*pip, "--require-hashes", "-r", installer]):
        settings = uv_settings()
        if succeeds([*uv, *pins], env=settings) and succeeds([*uv, *own], env=settings):
            return True
        say("uv did not get through; pip takes over, which takes longer")
    return shown([*pip, *pins]) and shown([*pip, *own])


def uv_settings() -> dict[str, str]:
    """Pip's registry and certificates, as uv reads none of pip's files."""
    told = subprocess.run([PYTHON, "-m", "pip", "config", "list"], check=False, capture_output=True, text=True)
    configured = dict(line.split("=", 1) for line in told.stdout.splitlines() if "=" in line)
    wanted = {"UV_DEFAULT_INDEX": "index-url", "SSL_CERT_FILE": "cert"}
    settings = {"UV_HTTP_TIMEOUT": "60", "UV_LINK_MODE": "copy"}
    for variable, option in wanted.items():
        for section in ("global", "install", ":env:"):
            if (name := f"{section}.{option}") in configured:
                settings[variable] = configured[name].strip("'\"")
    return settings


def succeeds(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path = CHECKOUT) -> bool:
    done = run(command, env=env, cwd=cwd, capture=True)
    return done.returncode == 0


def shown(command: Sequence[str | Path]) -> bool:
    """Like `succeeds`, for the last resort: what goes wrong is printed."""
    return run(command, env=None, cwd=CHECKOUT, capture=False).returncode == 0


def run(
    command: Sequence[str | Path], *, env: Mapping[str, str] | None, cwd: Path, capture: bool
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [os.fspath(part) for part in command],
        check=False,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=capture,
        stdin=subprocess.DEVNULL,
    )


def say(text: str) -> None:
    print(f"babyowl: {text}", flush=True)


def give_up(reason: str) -> int:
    print(f"babyowl: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    if sys.argv[1:] not in (["runtime"], ["dev"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
