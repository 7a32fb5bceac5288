"""`make openapi`: writes docs/reference."""

import subprocess
import sys

from babyowl_docs.api import openapi_json, page
from babyowl_docs.problems import problems_page
from babyowl_local.catalogue import CHECKOUT


def main() -> None:
    """Write API, problem codes and events."""
    reference = CHECKOUT / "docs" / "reference"
    (reference / "openapi.json").write_text(openapi_json(), encoding="utf-8")
    (reference / "api.md").write_text(page(), encoding="utf-8")
    (reference / "problems.md").write_text(problems_page(), encoding="utf-8")
    contracts = [sys.executable, "-m", "babyowl_contracts"]
    subprocess.run([*contracts, "schemas", "--write"], check=True)
    subprocess.run([*contracts, "asyncapi", "--write", "--folder", str(reference)], check=True)


if __name__ == "__main__":
    main()
