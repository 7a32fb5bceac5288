"""Runs mypy over every member and its tests.

The tests are checked folder by folder: two `conftest.py` can't be one module in one run.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
MEMBERS = ("shared-contracts/*", "services/*", "gateway", "deploy/*")


def main() -> int:
    sources = sorted(path for pattern in MEMBERS for path in CHECKOUT.glob(f"{pattern}/src/*"))
    scripts = sorted((CHECKOUT / "deploy").glob("*.py"))
    tests = sorted(path for pattern in MEMBERS for path in CHECKOUT.glob(f"{pattern}/tests"))
    failed = [what for what, paths in [("sources", [*sources, *scripts])] if not passes(paths)]
    failed += [name_of(folder) for folder in tests if not passes([folder], bases=[folder.parent, *inner(folder)])]
    # Benchmarks make years pass as the tests of Class do, and have logs as the tests of Gamification do.
    theirs = [CHECKOUT / "services" / name / "tests" for name in ("class", "gamification")]
    for folder, elsewhere in ((CHECKOUT / "tests-e2e", []), (CHECKOUT / "deploy" / "bench", theirs)):
        failed += [] if passes([folder], bases=[folder, *inner(folder), *elsewhere]) else [name_of(folder)]
    if failed:
        print(f"types do not agree in: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


def inner(tests: Path) -> list[Path]:
    """Folders that the tests put on the import path themselves."""
    return [folder for folder in sorted(tests.glob("*/")) if any(folder.glob("*.py"))]


def name_of(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def passes(paths: Sequence[Path], *, bases: Sequence[Path] = ()) -> bool:
    """`bases` are where the files' imports of each other begin; a folder without Python passes."""
    if not any(file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))):
        return True
    print(f"mypy {name_of(paths[0]) if bases else 'sources'}", flush=True)
    command = [sys.executable, "-m", "mypy", "--no-error-summary", *map(str, paths)]
    environment = os.environ | {"MYPYPATH": os.pathsep.join(map(str, bases))}
    return subprocess.run(command, check=False, cwd=CHECKOUT, env=environment).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
