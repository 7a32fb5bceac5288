"""What the programs print: all of it in files, and what matters on the terminal."""

import json
from pathlib import Path
from typing import IO

_LIMIT = 20 * 1024 * 1024


class Logs:
    """One file per program; what a person in front of the terminal should see is printed as well."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files: dict[str, IO[str]] = {}

    def __enter__(self) -> "Logs":
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()

    def write(self, name: str, line: str) -> None:
        """Keep the line, and print it if it is worth telling."""
        self.keep(name, line)
        if told := worth_telling(line):
            print(f"{name:12} | {told}", flush=True)

    def keep(self, name: str, line: str) -> None:
        if name not in self._files:
            self._files[name] = self._open(name)
        self._files[name].write(line + "\n")
        self._files[name].flush()

    def _open(self, name: str) -> IO[str]:
        path = self._directory / f"{name}.log"
        if path.exists() and path.stat().st_size > _LIMIT:
            path.rename(path.with_suffix(".log.1"))
        return path.open("a")


def worth_telling(line: str) -> str | None:
    """Warnings and worse of the JSON logs, in a short form, and all that isn't such a log line."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line if line.strip() else None
    if not isinstance(entry, dict) or "event" not in entry:
        return line
    level = str(entry.get("level", "info")).upper()
    if level in {"DEBUG", "INFO"}:
        return None
    facts = "  ".join(
        f"{key}={value}"
        for key, value in entry.items()
        if key not in {"event", "level", "timestamp", "service", "exception"}
    )
    return f"{level} {entry['event']}  {facts}".rstrip()
