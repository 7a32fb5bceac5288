"""Reads a course from its folder; the format stands in the README beside this file. Standard library only."""

import tomllib
from pathlib import Path
from typing import Any

FENCE = "+++\n"


def load_course(folder: Path) -> dict[str, Any]:
    """The course as one document: title, summary, open, and `sections` as the course's `content` route takes them.

    Raises ValueError with the file's name for a text without a head.
    """
    course = tomllib.loads((folder / "course.toml").read_text(encoding="utf-8"))
    return {
        "title": course["title"],
        "summary": course["summary"].strip(),
        "open": course["open"],
        "sections": [
            {"title": section["title"], "lessons": [_lesson(folder / name) for name in section["lessons"]]}
            for section in course["sections"]
        ],
    }


def _lesson(folder: Path) -> dict[str, Any]:
    head, text = _read(folder / "lesson.md")
    exercises = sorted(path for path in folder.glob("*.md") if path.name != "lesson.md")
    return {
        "title": head["title"],
        "text": text,
        "video_url": head.get("video_url"),
        "exercises": [_exercise(path) for path in exercises],
    }


def _exercise(path: Path) -> dict[str, Any]:
    head, text = _read(path)
    return {"kind": "reading", "title": head["title"], "text": text, "required_minutes": head.get("minutes")}


def _read(path: Path) -> tuple[dict[str, Any], str]:
    """The head between the two lines of `+++`, and the Markdown after it."""
    try:
        before, head, text = path.read_text(encoding="utf-8").split(FENCE, 2)
    except ValueError:
        before = "no head"
    if before:
        raise ValueError(f"{path}: a text begins with a head between two lines of +++")
    return tomllib.loads(head), text.strip() + "\n"
