"""The import contracts of `.importlinter` catch what they forbid."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from babyowl_local.catalogue import CHECKOUT

CONTRACTS = """
import os, sys
sys.path.insert(0, os.environ["PLANTED"])
from importlinter.cli import lint_imports_command
lint_imports_command(["--no-cache", "--config", os.environ["CONFIG"]])
"""


def lint(planted: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", CONTRACTS],
        check=False,
        cwd=planted,
        env=os.environ | {"PLANTED": str(planted), "CONFIG": str(CHECKOUT / ".importlinter"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("package", "module", "forbidden"),
    [
        ("services/gamification/src/gamification", "domain/planted.py", "sqlalchemy"),
        ("services/gamification/src/gamification", "domain/planted.py", "babyowl_contracts"),
        ("services/gamification/src/gamification", "domain/planted.py", "gamification.application"),
        ("services/gamification/src/gamification", "application/planted.py", "fastapi"),
        ("services/gamification/src/gamification", "application/planted.py", "gamification.infrastructure"),
        ("services/gamification/src/gamification", "interfaces/planted.py", "identity.domain"),
        ("shared-contracts/kernel/src/babyowl_kernel", "planted.py", "pydantic"),
        ("shared-contracts/chassis/src/babyowl_chassis", "planted.py", "learning.domain"),
    ],
)
def test_a_planted_import_is_caught(tmp_path: Path, package: str, module: str, forbidden: str) -> None:
    copied = tmp_path / Path(package).name
    shutil.copytree(CHECKOUT / package, copied, ignore=shutil.ignore_patterns("__pycache__"))
    (copied / module).write_text(f"import {forbidden}\n")
    code, said = lint(tmp_path)
    assert code == 1
    importer = f"{copied.name}.{module.removesuffix('.py').replace('/', '.')}"
    assert f"{importer} -> {forbidden}" in said


def test_the_code_as_it_is_keeps_the_contracts(tmp_path: Path) -> None:
    code, said = lint(tmp_path)
    assert code == 0, said
