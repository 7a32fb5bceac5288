"""Sections of a course, and new lessons in them."""

from uuid import UUID

from fastapi import APIRouter

from babyowl_chassis.http import TheBus, accepted
from learning.application.commands.edit_lessons import AddLesson
from learning.application.commands.edit_sections import AddSection, RemoveSection, RenameSection
from learning.interfaces.http.bodies import LessonBody, SectionBody
from learning.interfaces.http.editing import TheEditing
from learning.interfaces.http.views import LessonView, SectionView

router = APIRouter(prefix="/api/v1/courses/{course_id}/sections", tags=["Courses"])


@router.post("", status_code=201)
async def add_section(course_id: UUID, body: SectionBody, bus: TheBus, editing: TheEditing) -> SectionView:
    """Append a section."""
    command = AddSection(editor=editing.editor, course_id=course_id, title=body.title)
    section = await bus.answer(command, SectionView)
    return editing.stamped(section)


@router.put("/{section_id}")
async def rename_section(
    course_id: UUID, section_id: UUID, body: SectionBody, bus: TheBus, editing: TheEditing
) -> SectionView:
    """Give a section another title."""
    command = RenameSection(editor=editing.editor, course_id=course_id, section_id=section_id, title=body.title)
    section = SectionView.of(accepted(await bus.execute(command)))
    return editing.stamped(section)


@router.delete("/{section_id}", status_code=204)
async def remove_section(course_id: UUID, section_id: UUID, bus: TheBus, editing: TheEditing) -> None:
    """Drop a section with its lessons."""
    command = RemoveSection(editor=editing.editor, course_id=course_id, section_id=section_id)
    accepted(await bus.execute(command))


@router.post("/{section_id}/lessons", status_code=201)
async def add_lesson(
    course_id: UUID, section_id: UUID, body: LessonBody, bus: TheBus, editing: TheEditing
) -> LessonView:
    """Append a lesson to a section."""
    command = AddLesson(editor=editing.editor, course_id=course_id, section_id=section_id, draft=body.draft())
    lesson = await bus.answer(command, LessonView)
    return editing.stamped(lesson, location=f"/api/v1/lessons/{lesson.id}")
