"""The course of the story: the one that Learning ships as seed data, read by the loader beside it."""

import runpy
from pathlib import Path
from typing import Any

_SEED = Path(__file__).resolve().parents[4] / "services" / "learning" / "seed"


def load_course() -> dict[str, Any]:
    """Title, summary and sections of “Python for young coders”."""
    loader = runpy.run_path(str(_SEED / "load_course.py"))
    course: dict[str, Any] = loader["load_course"](_SEED / "python-for-young-coders")
    return course
