"""What Learning refuses, and why."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Conflict, Forbidden, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class CourseNotFound(NotFound):
    """No such course, or none that may be seen."""

    course_id: UUID

    @property
    def reason(self) -> str:
        return "There is no such course, or you cannot see it."


@dataclass(frozen=True, slots=True)
class SectionNotFound(NotFound):
    """No such section in the course."""

    section_id: UUID

    @property
    def reason(self) -> str:
        return "The course has no such section."


@dataclass(frozen=True, slots=True)
class LessonNotFound(NotFound):
    """No such lesson, or none that may be seen."""

    lesson_id: UUID

    @property
    def reason(self) -> str:
        return "There is no such lesson, or you cannot see it."


@dataclass(frozen=True, slots=True)
class ExerciseNotFound(NotFound):
    """No such exercise, or none that may be seen."""

    exercise_id: UUID

    @property
    def reason(self) -> str:
        return "There is no such exercise, or you cannot see it."


@dataclass(frozen=True, slots=True)
class ClassNotFound(NotFound):
    """No class of this id was heard of, or the student has no seat in it."""

    class_id: UUID

    @property
    def reason(self) -> str:
        return "There is no such class, or you have no seat in it."


@dataclass(frozen=True, slots=True)
class StudentNotFound(NotFound):
    """The student has nothing to do with the course."""

    student_id: UUID

    @property
    def reason(self) -> str:
        return "The student has no seat in a class of this course and has not begun it."


@dataclass(frozen=True, slots=True)
class InstructorNotFound(NotFound):
    """Whoever was named is no active instructor."""

    instructor_id: UUID

    @property
    def reason(self) -> str:
        return "Nobody with this id can be the instructor of a course."


@dataclass(frozen=True, slots=True)
class InstructorRequired(Invalid):
    """Staff did not say for whom they begin a course."""

    @property
    def reason(self) -> str:
        return "Say whose course it is: give the id of its instructor."


@dataclass(frozen=True, slots=True)
class NotYourCourse(Forbidden):
    """The course belongs to another instructor."""

    @property
    def reason(self) -> str:
        return "Only the course's instructor and staff may do this."


@dataclass(frozen=True, slots=True)
class NotYourClass(Forbidden):
    """Another instructor teaches the class."""

    @property
    def reason(self) -> str:
        return "Only who teaches the class, or its course, and staff may see this."


@dataclass(frozen=True, slots=True)
class NotEnrolled(Forbidden):
    """The student has no seat in a class of the course."""

    course_id: UUID
    lesson_id: UUID

    @property
    def reason(self) -> str:
        return "You are not enrolled in a class of this course."


@dataclass(frozen=True, slots=True)
class LessonLocked(Forbidden):
    """The student has a seat, but the lesson is not unlocked."""

    course_id: UUID
    lesson_id: UUID

    @property
    def reason(self) -> str:
        return "Your instructor has not unlocked this lesson yet."


@dataclass(frozen=True, slots=True)
class StaleVersion(Conflict):
    """The course was changed since its editor read it."""

    expected: int
    current: int

    @property
    def reason(self) -> str:
        return "Somebody has changed the course since you read it."


@dataclass(frozen=True, slots=True)
class CourseIsArchived(Conflict):
    """The course is closed to edits."""

    @property
    def reason(self) -> str:
        return "An archived course can no longer be changed."


@dataclass(frozen=True, slots=True)
class CourseNotPublished(Conflict):
    """The course is not on the shelf."""

    @property
    def reason(self) -> str:
        return "Only a published course can be archived."


@dataclass(frozen=True, slots=True)
class CourseIncomplete(Conflict):
    """Something in the course is empty."""

    empty_sections: tuple[UUID, ...] = ()
    empty_lessons: tuple[UUID, ...] = ()

    @property
    def reason(self) -> str:
        return "To be published a course needs a section, each section a lesson, and each lesson an exercise."


@dataclass(frozen=True, slots=True)
class TooManySections(Conflict):
    """The course is full of sections."""

    limit: int

    @property
    def reason(self) -> str:
        return f"There cannot be more than {self.limit} sections here."


@dataclass(frozen=True, slots=True)
class TooManyLessons(Conflict):
    """The course is full of lessons."""

    limit: int

    @property
    def reason(self) -> str:
        return f"There cannot be more than {self.limit} lessons here."


@dataclass(frozen=True, slots=True)
class TooManyExercises(Conflict):
    """The lesson, or the course, is full of exercises."""

    limit: int

    @property
    def reason(self) -> str:
        return f"There cannot be more than {self.limit} exercises here."


@dataclass(frozen=True, slots=True)
class CourseTooLarge(Conflict):
    """The texts of the course are too long together."""

    limit_bytes: int

    @property
    def reason(self) -> str:
        return "The texts of the course are too long altogether."


@dataclass(frozen=True, slots=True)
class UnfitTitle(Invalid):
    """The title is blank or too long."""

    max_length: int

    @property
    def reason(self) -> str:
        return f"A title has between 1 and {self.max_length} characters."


@dataclass(frozen=True, slots=True)
class UnfitSummary(Invalid):
    """The summary is too long."""

    max_length: int

    @property
    def reason(self) -> str:
        return f"A summary has at most {self.max_length} characters."


@dataclass(frozen=True, slots=True)
class TextTooLong(Invalid):
    """One text is too long."""

    limit_bytes: int

    @property
    def reason(self) -> str:
        return f"A text has at most {self.limit_bytes} bytes."


@dataclass(frozen=True, slots=True)
class UnfitVideoUrl(Invalid):
    """The link to the video is not encrypted, or no link."""

    @property
    def reason(self) -> str:
        return "A video link begins with https:// and names a host."


@dataclass(frozen=True, slots=True)
class UnfitMinutes(Invalid):
    """The time for an exercise is out of bounds."""

    max_minutes: int

    @property
    def reason(self) -> str:
        return f"Required minutes are between 1 and {self.max_minutes}."


@dataclass(frozen=True, slots=True)
class ArrangementIncomplete(Invalid):
    """The new order forgets something, or names it twice."""

    @property
    def reason(self) -> str:
        return "An arrangement names everything that is there exactly once."


@dataclass(frozen=True, slots=True)
class UnknownContentId(Invalid):
    """The id belongs elsewhere, or nowhere."""

    unknown_id: UUID

    @property
    def reason(self) -> str:
        return "An id was given that is not in this course; leave the id out of what is new."


@dataclass(frozen=True, slots=True)
class RepeatedContentId(Invalid):
    """Two things cannot have one id."""

    repeated_id: UUID

    @property
    def reason(self) -> str:
        return "An id was given twice."
