"""Which edition of a course somebody sees, and whether they reach a lesson."""

from dataclasses import dataclass
from typing import Annotated, Literal, Protocol, TypeAlias
from uuid import UUID

from fastapi import Depends, Query

from babyowl_chassis.auth import Principal
from babyowl_chassis.http import CurrentUser, RequestBus, State, TheBus, refused
from babyowl_kernel import Refusal
from learning.application.commands.note_access import NoteAccess
from learning.application.ports import ClassContext
from learning.domain.errors import LessonLocked, NotEnrolled, NotYourCourse
from learning.domain.policies import only_its_managers, only_with_an_unlocked_lesson
from learning.domain.values import Access

Edition: TypeAlias = Literal["draft", "published"]


class TaughtThing(Protocol):
    """Something of a course, and whether the viewer stands as instructor of a class of it."""

    @property
    def teaches(self) -> bool: ...


class PublishedThing(TaughtThing, Protocol):
    """A lesson or an exercise as it was published, and what is known of the viewer's way to it."""

    @property
    def course_id(self) -> UUID: ...
    @property
    def instructor_id(self) -> UUID: ...
    @property
    def open(self) -> bool: ...
    @property
    def enrolled(self) -> bool: ...
    @property
    def unlocked(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class ClassDesk:
    """Where a refused student's case is put to the Class context, once."""

    class_context: ClassContext
    bus: RequestBus

    async def opens(self, student_id: UUID, refusal: Refusal) -> bool:
        """Whether Class knows better than the refusal: its events may be on their way.

        What it says is noted, so that it need not be asked again.
        """
        if not isinstance(refusal, NotEnrolled | LessonLocked):
            return False
        answer = await self.class_context.access(student_id, refusal.lesson_id)
        if answer is None or answer.class_id is None or not answer.access.enrolled:
            return False
        unlocked = answer.access.unlocked
        await self.bus.execute(
            NoteAccess(student_id, answer.class_id, refusal.course_id, refusal.lesson_id, unlocked, answer.for_class)
        )
        return unlocked


def _class_desk(class_context: Annotated[ClassContext, State("class_context")], bus: TheBus) -> ClassDesk:
    return ClassDesk(class_context, bus)


TheClassDesk = Annotated[ClassDesk, Depends(_class_desk)]


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody looks at something of a course."""

    user: Principal
    asked: Edition | None
    class_desk: ClassDesk

    def teaches(self, thing: TaughtThing) -> bool:
        """Whether the viewer has a class of the course, and is an instructor still."""
        return thing.teaches and self.user.actor.has("instructor")

    def manages(self, instructor_id: UUID) -> bool:
        """Whether the viewer may change the instructor's courses."""
        return only_its_managers(instructor_id, self.user.actor) is None

    def edition(self, instructor_id: UUID) -> Edition:
        """The draft for those who manage the course, unless they ask otherwise. Refuses the draft to others."""
        if self.manages(instructor_id):
            return self.asked or "draft"
        if self.asked == "draft":
            raise refused(NotYourCourse())
        return "published"

    async def enter(self, thing: PublishedThing, lesson_id: UUID) -> None:
        """Let pass who manages the course, teaches it, or has the lesson unlocked. Refuses the others."""
        if self.teaches(thing) or self.manages(thing.instructor_id):
            return
        if not self.user.actor.has("student") and not thing.open:
            raise refused(NotYourCourse())
        access = Access(enrolled=thing.enrolled, unlocked=thing.unlocked)
        refusal = only_with_an_unlocked_lesson(thing.course_id, lesson_id, access, is_open=thing.open)
        if refusal is not None and not await self.class_desk.opens(self.user.user_id, refusal):
            raise refused(refusal)


def _visit(
    user: CurrentUser,
    class_desk: TheClassDesk,
    edition: Annotated[
        Edition | None, Query(description="Who manages the course sees its draft unless they ask otherwise.")
    ] = None,
) -> Visit:
    return Visit(user, edition, class_desk)


TheVisit = Annotated[Visit, Depends(_visit)]
