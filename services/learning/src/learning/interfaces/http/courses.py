"""Courses: the catalogue, writing, publishing."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from babyowl_chassis.http import (
    CurrentUser,
    InstructorOrStaff,
    Page,
    PageParams,
    Reader,
    State,
    TheBus,
    accepted,
    etag,
    page,
    refused,
)
from babyowl_chassis.people import People
from learning.application.commands.create_course import CreateCourse
from learning.application.commands.edit_course import ArchiveCourse, ArrangeCourse, DescribeCourse, WriteCourse
from learning.application.commands.publish_course import PublishCourse
from learning.domain.errors import CourseNotFound
from learning.domain.policies import only_its_managers
from learning.domain.progress import progress_id
from learning.interfaces.http.bodies import ContentBody, CourseBody, CourseOrderBody, NewCourseBody
from learning.interfaces.http.editing import TheEditing
from learning.interfaces.http.reach import TheVisit
from learning.interfaces.http.views import (
    CatalogueView,
    CourseContentView,
    CourseDraftView,
    ManagedCourseView,
    PublishedCourseView,
    for_all,
)
from learning.queries.course_detail import course_draft, published_course
from learning.queries.courses import catalogue, managed_courses
from learning.queries.teaching import course_instructor

router = APIRouter(prefix="/api/v1/courses", tags=["Courses"])

ThePeople = Annotated[People, State("people")]


@router.get("")
async def list_courses(params: PageParams, db: Reader, _: CurrentUser) -> Page[CatalogueView]:
    """The catalogue: what is published, the youngest course first."""
    rows = await catalogue(db, after=params.after_as(UUID), limit=params.limit)
    return page(rows, params, key=lambda row: (row.id,), view=CatalogueView.of)


@router.get("/managed")
async def list_managed_courses(params: PageParams, db: Reader, user: InstructorOrStaff) -> Page[ManagedCourseView]:
    """An instructor's own courses, or all for staff; drafts and archived ones too."""
    instructor_id = None if user.actor.is_staff else user.user_id
    rows = await managed_courses(db, instructor_id, after=params.after_as(UUID), limit=params.limit)
    return page(rows, params, key=lambda row: (row.id,), view=ManagedCourseView.of)


@router.post("", status_code=201)
async def create_course(body: NewCourseBody, bus: TheBus, people: ThePeople, editing: TheEditing) -> CourseDraftView:
    """Begin a course; nobody else sees it before it is published."""
    by = editing.editor.by
    if body.instructor_id is not None and by.is_staff:
        await people.ensure_known([body.instructor_id])
    command = CreateCourse(by=by, title=body.title, summary=body.summary, instructor_id=body.instructor_id)
    course = await bus.answer(command, CourseDraftView)
    return editing.stamped(course, location=f"/api/v1/courses/{course.id}")


@router.get("/{course_id}")
async def get_course(
    course_id: UUID, db: Reader, visit: TheVisit, response: Response
) -> CourseDraftView | PublishedCourseView:
    """A course with its outline: the draft for those who manage it, the publication for everybody else."""
    instructor_id = await course_instructor(db, course_id)
    if instructor_id is None:
        raise refused(CourseNotFound(course_id))
    if visit.edition(instructor_id) == "draft":
        draft = await course_draft(db, course_id)
        if draft is None:
            raise refused(CourseNotFound(course_id))
        response.headers["ETag"] = etag(draft.version)
        return CourseDraftView.of(draft)
    viewer_id = visit.user.user_id
    course = await published_course(db, course_id, viewer_id=viewer_id, progress_id=progress_id(viewer_id, course_id))
    if course is None:
        raise refused(CourseNotFound(course_id))
    view = PublishedCourseView.of(course)
    reads_all = visit.teaches(course) or visit.manages(instructor_id)
    return view.model_copy(update={"sections": for_all(course.sections)}) if reads_all else view


@router.put("/{course_id}")
async def describe_course(course_id: UUID, body: CourseBody, bus: TheBus, editing: TheEditing) -> CourseDraftView:
    """Change what the catalogue says, and whether the course is open; students see it once it is published."""
    command = DescribeCourse(
        editor=editing.editor, course_id=course_id, title=body.title, summary=body.summary, is_open=body.open
    )
    return editing.stamped(CourseDraftView.of(accepted(await bus.execute(command))))


@router.get("/{course_id}/content")
async def get_course_content(
    course_id: UUID, db: Reader, user: InstructorOrStaff, response: Response
) -> CourseContentView:
    """The whole draft with every text."""
    draft = await course_draft(db, course_id, with_texts=True)
    if draft is None:
        raise refused(CourseNotFound(course_id))
    if refusal := only_its_managers(draft.instructor_id, user.actor):
        raise refused(refusal)
    response.headers["ETag"] = etag(draft.version)
    return CourseContentView.of(draft)


@router.put("/{course_id}/content")
async def write_course_content(
    course_id: UUID, body: ContentBody, bus: TheBus, editing: TheEditing
) -> CourseDraftView:
    """Write the whole content in one piece. What keeps its id stays itself; what is left out is dropped."""
    command = WriteCourse(editor=editing.editor, course_id=course_id, sections=body.written())
    return editing.stamped(CourseDraftView.of(accepted(await bus.execute(command))))


@router.put("/{course_id}/order")
async def arrange_course(course_id: UUID, body: CourseOrderBody, bus: TheBus, editing: TheEditing) -> CourseDraftView:
    """Reorder sections and lessons; a lesson may move to another section."""
    command = ArrangeCourse(editor=editing.editor, course_id=course_id, order=body.order())
    return editing.stamped(CourseDraftView.of(accepted(await bus.execute(command))))


@router.post("/{course_id}/publication")
async def publish_course(course_id: UUID, bus: TheBus, editing: TheEditing) -> CourseDraftView:
    """Show the draft to students as the next revision; without changes since the last, nothing happens."""
    command = PublishCourse(editor=editing.editor, course_id=course_id)
    return editing.stamped(await bus.answer(command, CourseDraftView))


@router.post("/{course_id}/archival")
async def archive_course(course_id: UUID, bus: TheBus, editing: TheEditing) -> CourseDraftView:
    """Take the course from the catalogue; no new class can be made of it, running ones go on."""
    command = ArchiveCourse(editor=editing.editor, course_id=course_id)
    return editing.stamped(await bus.answer(command, CourseDraftView))
