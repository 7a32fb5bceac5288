"""The installation is repeated when something it depends on has changed, and only then."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from babyowl_local.catalogue import CHECKOUT


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, working in a small checkout of its own, with every command noted instead of run."""
    spec = importlib.util.spec_from_file_location("install", CHECKOUT / "deploy" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for member in ("shared-contracts/kernel", "services/identity"):
        (tmp_path / member).mkdir(parents=True)
        (tmp_path / member / "pyproject.toml").write_text("[project]")
    (tmp_path / "requirements").mkdir()
    for name in ("runtime", "dev"):
        (tmp_path / "requirements" / f"{name}.txt").write_text("pin==1")
    (tmp_path / ".venv").mkdir()
    ran: list[list[str]] = []
    monkeypatch.setattr(module, "ran", ran, raising=False)

    def note(command: Sequence[str | Path], **_: object) -> bool:
        ran.append([str(part) for part in command])
        return True

    monkeypatch.setattr(module, "CHECKOUT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(module, "succeeds", note)
    return module


def test_nothing_is_installed_twice(install: ModuleType) -> None:
    assert install.main("runtime") == 0
    assert any("--require-hashes" in command for command in install.ran)
    install.ran.clear()
    assert install.main("runtime") == 0
    assert install.ran == []


@pytest.mark.parametrize("changed", ["requirements/runtime.txt", "services/identity/pyproject.toml"])
def test_a_changed_pin_or_member_is_installed(install: ModuleType, tmp_path: Path, changed: str) -> None:
    install.main("runtime")
    install.ran.clear()
    (tmp_path / changed).write_text("something else")
    assert install.main("runtime") == 0
    assert install.ran != []


def test_the_development_pins_contain_the_others(install: ModuleType) -> None:
    install.main("dev")
    install.ran.clear()
    assert install.main("runtime") == 0
    assert install.ran == []


def test_pip_takes_over_where_uv_does_not_get_through(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    last_resort: list[list[str]] = []

    def fails_with_uv(command: Sequence[str | Path], **_: object) -> bool:
        return not str(command[0]).endswith("/uv")

    def note(command: Sequence[str | Path]) -> bool:
        last_resort.append([str(part) for part in command])
        return True

    monkeypatch.setattr(install, "succeeds", fails_with_uv)
    monkeypatch.setattr(install, "shown", note)
    assert install.main("runtime") == 0
    assert [command[1:4] for command in last_resort] == [["-m", "pip", "install"]] * 2


def test_a_failed_installation_is_tried_again_next_time(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "install", lambda _: False)
    assert install.main("runtime") == 1
    monkeypatch.setattr(install, "install", lambda _: True)
    assert install.main("runtime") == 0


@pytest.mark.parametrize("pins", sorted((CHECKOUT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_no_pin_names_a_host(pins: Path) -> None:
    """Pins that name one machine's registry can't be installed on another."""
    text = pins.read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert text.count("==") > 0
    assert "--hash=sha256:" in text


def test_every_member_is_among_what_is_pinned() -> None:
    """A member left out would be installed without its dependencies."""
    listed = {
        line.removeprefix("-e ")
        for name in ("runtime.in", "dev.in")
        for line in (CHECKOUT / "requirements" / name).read_text().splitlines()
        if line.startswith("-e ")
    }
    patterns = ("shared-contracts/*", "services/*", "gateway", "deploy/*")
    members = {
        str(folder.relative_to(CHECKOUT))
        for pattern in patterns
        for folder in CHECKOUT.glob(pattern)
        if (folder / "pyproject.toml").exists()
    }
    assert listed == members


def test_make_help_lists_every_target() -> None:
    make = shutil.which("make")
    assert make is not None
    listed = subprocess.run([make, "-C", CHECKOUT, "help"], check=True, capture_output=True, text=True).stdout
    targets = {"run", "start", "stop", "status", "logs", "reset", "demo", "test", "lint", "bench", "chaos", "openapi"}
    for target in targets | {"clean"}:
        assert f"make {target} " in listed
