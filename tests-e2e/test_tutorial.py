"""The tutorial is true: its commands run as they are printed, and their answers show what the page shows."""

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from babyowl_chassis.testing.eventually import eventually

PAGE = Path(__file__).parents[1] / "docs" / "tutorial" / "first-class.md"
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WRITES = re.compile(r"--json|-X ")


@dataclass(frozen=True, slots=True)
class Step:
    """A block of commands, and what the page shows of their answer; `kind` is `json`, `text`, or nothing shown."""

    commands: str
    kind: str = ""
    shown: str = ""


def steps_of(page: str) -> Iterator[Step]:
    """What the reader types, in order. `console` blocks show the start and stop of the platform, which a test has."""
    blocks = [(kind, text) for kind, text in _FENCE.findall(page) if kind != "console"]
    for (kind, text), (next_kind, next_text) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind == "sh":
            yield Step(text, next_kind, next_text) if next_kind in ("json", "text") else Step(text)


class Terminal:
    """A reader's shell: what one block defines, the next one knows."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        memory.touch()

    def run(self, commands: str) -> str:
        """Run a block; what it prints. Raises AssertionError if one of its commands fails."""
        remember = f"{{ export -p; declare -f; }} > '{self._memory}'"
        script = f"set -eo pipefail -o allexport\n. '{self._memory}'\n{commands}\n{remember}\n"
        done = subprocess.run(["bash", "-c", script], check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def shows(shown: Any, real: Any) -> bool:
    """Whether an answer has everything the page shows of it; `…` in a text stands for at least one character."""
    match shown, real:
        case dict(), dict():
            return all(key in real and shows(value, real[key]) for key, value in shown.items())
        case list(), list():
            rest = iter(real)
            return all(any(shows(entry, candidate) for candidate in rest) for entry in shown)
        case str(), str():
            return re.fullmatch(".+".join(map(re.escape, shown.split("…"))), real, re.DOTALL) is not None
        case _:
            return type(shown) is type(real) and bool(shown == real)


async def test_the_tutorial_holds(platform: dict[str, Any], tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "memory.sh")
    steps = list(steps_of(PAGE.read_text(encoding="utf-8")))
    assert len(steps) > 20
    for step in steps:
        commands = step.commands
        for name, url in (("GATEWAY", platform["gateway"]), ("MAILBOX", platform["mailbox"])):
            commands = re.sub(rf"^{name}=.*$", f"{name}={url}", commands, flags=re.MULTILINE)
        await follow(terminal, commands, step)


async def follow(terminal: Terminal, commands: str, step: Step) -> None:
    """Do what the page says. What only reads may lag behind by a moment, as for a reader, and is read again."""

    def answered() -> bool:
        output = terminal.run(commands)
        if step.kind:
            real = json.loads(output) if step.kind == "json" else output.splitlines()
            shown = json.loads(step.shown) if step.kind == "json" else step.shown.splitlines()
            assert shows(shown, real), f"{commands}\nshows\n{step.shown}\nbut answered\n{output}"
        return True

    if _WRITES.search(commands):
        await asyncio.to_thread(answered)
    else:
        await eventually(lambda: asyncio.to_thread(answered), every=0.2)


@pytest.mark.parametrize(
    ("shown", "real"),
    [
        ({"status": 409}, {"status": 409, "code": "class_full"}),
        ({"items": [{"n": 1}, {"n": 3}]}, {"items": [{"n": 1}, {"n": 2}, {"n": 3}]}),
        ("ey…", "eyJhbGciOi"),
        ("Both work for … days.", "Both work for 14 days."),
    ],
)
def test_a_page_may_shorten_an_answer(shown: Any, real: Any) -> None:
    assert shows(shown, real)


@pytest.mark.parametrize(
    ("shown", "real"),
    [
        ({"status": 409}, {"status": 403}),
        ({"code": "class_full"}, {"status": 409}),
        ([{"n": 3}, {"n": 1}], [{"n": 1}, {"n": 3}]),
        (["204", "204"], ["204"]),
        ("ey…", "ey"),
        (False, 0),
        (None, ""),
    ],
)
def test_a_page_may_not_say_what_was_not_answered(shown: Any, real: Any) -> None:
    assert not shows(shown, real)
