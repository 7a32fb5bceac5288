"""The courses shipped as files: complete, within the bounds, and every program in them does what the text says."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, answered, granted
from learning.domain.course import Course
from learning.interfaces.http.bodies import ContentBody, NewCourseBody

from .academy import Academy, lessons_of
from .school import MORNING

SEED = Path(__file__).parents[1] / "seed"
COURSES = sorted(path.parent for path in SEED.glob("*/course.toml"))
TEXTS = sorted(path for course in COURSES for path in course.rglob("*.md"))

# Shows what is typed, as a terminal does.
TERMINAL = """
import builtins, runpy, sys
def typed(question=""):
    answer = sys.stdin.readline().rstrip("\\n")
    print(question + answer)
    return answer
builtins.input = typed
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def _loader() -> Any:
    spec = spec_from_file_location("load_course", SEED / "load_course.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


load_course = _loader().load_course


@dataclass
class Program:
    """A program in a text, and what the text says it does."""

    code: str
    typed: str = ""
    shown: str | None = None
    error: str | None = None


BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def programs(text: str) -> Iterator[Program]:
    program: Program | None = None
    for language, block in BLOCK.findall(text):
        if language == "python":
            if program:
                yield program
            program = Program(block)
            continue
        assert program is not None, f"{language} without a program before it"
        if language == "input":
            program.typed = block
        elif language == "output":
            program.shown = block
        elif language == "error":
            program.error = block.strip()
        else:
            raise AssertionError(f"a block of {language or 'nothing'}")
    if program:
        yield program


CASES = [
    pytest.param(program, id=f"{path.parent.name}/{path.stem}-{number}")
    for path in TEXTS
    for number, program in enumerate(programs(path.read_text(encoding="utf-8")), start=1)
]


@pytest.mark.parametrize("program", CASES)
def test_every_program_in_a_text_does_what_the_text_says(program: Program, tmp_path: Path) -> None:
    source = tmp_path / "program.py"
    source.write_text(program.code, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-I", "-c", TERMINAL, str(source)],
        input=program.typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONUTF8": "1"},
        timeout=20,
        check=False,
    )
    if program.error is not None:
        assert ran.returncode == 1
        assert ran.stderr.strip().splitlines()[-1] == program.error
        return
    assert ran.returncode == 0, ran.stderr
    if program.shown is not None:
        assert ran.stdout == program.shown


def test_the_check_of_programs_notices_a_wrong_claim(tmp_path: Path) -> None:
    [wrong] = programs("```python\nprint(1)\n```\n\n```output\n2\n```\n")
    with pytest.raises(AssertionError):
        test_every_program_in_a_text_does_what_the_text_says(wrong, tmp_path)
    [broken] = programs("```python\nprint(1\n```\n")
    with pytest.raises(AssertionError):
        test_every_program_in_a_text_does_what_the_text_says(broken, tmp_path)


def test_every_block_in_the_texts_is_looked_at() -> None:
    fences = sum(path.read_text(encoding="utf-8").count("\n```") for path in TEXTS)
    found = sum(len(BLOCK.findall(path.read_text(encoding="utf-8"))) for path in TEXTS)
    assert fences == 2 * found > 0


@pytest.mark.parametrize("folder", COURSES, ids=lambda folder: folder.name)
def test_a_shipped_course_can_be_published_as_it_is(folder: Path) -> None:
    document = load_course(folder)
    details = NewCourseBody(title=document["title"], summary=document["summary"])
    course = granted(Course.begin(new_id(), new_id(), details.title, details.summary, now=MORNING))
    written = ContentBody(sections=document["sections"]).written()
    granted(course.write(written, new_id=new_id, now=MORNING))
    publication = granted(course.publish(now=MORNING))
    assert publication is not None


@pytest.mark.parametrize("folder", COURSES, ids=lambda folder: folder.name)
def test_every_text_of_a_shipped_course_belongs_to_a_lesson_of_it(folder: Path) -> None:
    document = load_course(folder)
    lessons = [lesson for section in document["sections"] for lesson in section["lessons"]]
    texts = [lesson["title"] for lesson in lessons]
    texts += [exercise["title"] for lesson in lessons for exercise in lesson["exercises"]]
    assert len(texts) == len(set(texts)) == len(list(folder.rglob("*.md")))


def test_python_for_young_coders_fills_a_class_of_eight_meetings() -> None:
    document = load_course(SEED / "python-for-young-coders")
    lessons = [lesson for section in document["sections"] for lesson in section["lessons"]]
    assert len(document["sections"]) == 3
    assert len(lessons) == 8
    assert sum(len(lesson["exercises"]) for lesson in lessons) == 16
    assert all(len(lesson["text"]) > 1500 for lesson in lessons)


def test_a_file_without_a_head_is_named(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text(
        'title = "A"\nsummary = ""\nopen = false\n[[sections]]\ntitle = "S"\nlessons = ["one"]\n'
    )
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "lesson.md").write_text("No head\n")
    with pytest.raises(ValueError, match=r"lesson\.md"):
        load_course(tmp_path)


@pytest.mark.infra
async def test_the_shipped_course_is_written_over_http_and_read_back_word_for_word(served: Serving) -> None:
    document = load_course(SEED / "python-for-young-coders")
    author = Academy(served, new_id()).instructor
    begun = answered(
        await author.post("/api/v1/courses", json={"title": document["title"], "summary": document["summary"]}), 201
    )
    path = f"/api/v1/courses/{begun['id']}"
    answered(await author.put(f"{path}/content", json={"sections": document["sections"]}))
    published = answered(await author.post(f"{path}/publication"))
    assert published["revision"] == 1
    read = answered(await author.get(f"{path}/content"))
    for shown, sent in zip(lessons_of(read), lessons_of(document), strict=True):
        assert shown["text"] == sent["text"]
        assert [found["text"] for found in shown["exercises"]] == [found["text"] for found in sent["exercises"]]
