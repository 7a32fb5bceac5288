"""`python -m babyowl_contracts schemas|asyncapi --check|--write`: what is generated, and what is promised."""

import argparse
import sys
from pathlib import Path

from babyowl_contracts.asyncapi import asyncapi_document, events_page
from babyowl_contracts.compatibility import violations
from babyowl_contracts.schema import GOLDEN, current_schemas, golden_schemas, rendered, write_golden


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when all is kept, 1 when something differs or a promise would break."""
    parser = argparse.ArgumentParser(prog="python -m babyowl_contracts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, folder, meaning in (
        ("schemas", GOLDEN, "the golden JSON Schema of every event"),
        ("asyncapi", Path("docs/reference"), "the AsyncAPI document and the page of all events"),
    ):
        command = commands.add_parser(name, help=meaning)
        command.add_argument("--folder", type=Path, default=folder)
        action = command.add_mutually_exclusive_group(required=True)
        action.add_argument("--check", action="store_true", help="say what is not current")
        action.add_argument("--write", action="store_true", help="make it current")
    options = parser.parse_args(arguments)
    run = _schemas if options.command == "schemas" else _asyncapi
    complaints = run(options.folder, write=options.write)
    for complaint in complaints:
        sys.stderr.write(f"{complaint}\n")
    return 1 if complaints else 0


def _schemas(folder: Path, *, write: bool) -> list[str]:
    golden, current = golden_schemas(folder), current_schemas()
    if broken := violations(golden, current):
        return [*broken, "Published payloads only grow; put a v2 beside the v1."]
    if write:
        write_golden(current, folder)
        return []
    return [f"{type_}: the golden schema is not current" for type_ in current if golden.get(type_) != current[type_]]


def _asyncapi(folder: Path, *, write: bool) -> list[str]:
    documents = {"events.asyncapi.json": rendered(asyncapi_document()), "events.md": events_page()}
    stale: list[str] = []
    for name, text in documents.items():
        path = folder / name
        if write:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(f"{path}: not current")
    return stale


if __name__ == "__main__":
    sys.exit(main())
