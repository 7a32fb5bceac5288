"""What Learning refuses, and why."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Conflict, Forbidden, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class CourseNotFound(NotFound):
    course_id: UUID

    @property
    def reason(self) -> str:
        return "There is no such course, or you cannot see it."


@dataclass(frozen=True, slots=True)
class SectionNotFound(NotFound):
    section_id: UUID

    @property
    def reason(self) -> str:
        return "The course has no such section."


@dataclass(frozen=True, slots=True)
class LessonNotFound(NotFound):
    lesson_id: UUID

    @property
    def reason(self) -> str:
        return "There is no such lesson, or you cannot see it."


@dataclass(frozen=True, slots=True)
class ExerciseNotFound(NotFound):
    exercise_id: UUID

    @property
    def reason(self) -> str:
        return "There is no such exercise, or you cannot see it."


@dataclass(frozen=True, slots=True)
class ClassNotFound(NotFound):
    class_id: UUID

    @property
    def reason(self) -> str:
        return "There is no such class, or you have no seat in it."


@dataclass(frozen=True, slots=True)
class StudentNotFound(NotFound):
    student_id: UUID

    @property
    def reason(self) -> str:
        return "The student has no seat in a class of this course and has not begun it."


@dataclass(frozen=True, slots=True)
class InstructorNotFound(NotFound):
    instructor_id: UUID

    @property
    def reason(self) -> str:
        return "Nobody with this id can be the instructor of a course."


@dataclass(frozen=True, slots=True)
class InstructorRequired(Invalid):
    @property
    def reason(self) -> str:
        return "Say whose course it is: give the id of its instructor."


@dataclass(frozen=True, slots=True)
class NotYourCourse(Forbidden):
    @property
    def reason(self) -> str:
        return "Only the course's instructor and staff may do this."


@dataclass(frozen=True, slots=True)
class NotYourClass(Forbidden):
    @property
    def reason(self) -> str:
        return "Only who teaches the class, or its course, and staff may see this."


@dataclass(frozen=True, slots=True)
class NotEnrolled(Forbidden):
    course_id: UUID
    lesson_id: UUID

    @property
    def reason(self) -> str:
        return "You are not enrolled in a class of this course."


@dataclass(frozen=True, slots=True)
class LessonLocked(Forbidden):
    course_id: UUID
    lesson_id: UUID

    @property
    def reason(self) -> str:
        return "Your instructor has not unlocked this lesson yet."


@dataclass(frozen=True, slots=True)
class StaleVersion(Conflict):
    expected: int
    current: int

    @property
    def reason(self) -> str:
        return "Somebody has changed the course since you read it."


@dataclass(frozen=True, slots=True)
class CourseIsArchived(Conflict):
    @property
    def reason(self) -> str:
        return "An archived course can no longer be changed."


@dataclass(frozen=True, slots=True)
class CourseNotPublished(Conflict):
    @property
    def reason(self) -> str:
        return "Only a published course can be archived."


@dataclass(frozen=True, slots=True)
class CourseIncomplete(Conflict):
    empty_sections: tuple[UUID, ...] = ()
    empty_lessons: tuple[UUID, ...] = ()

    @property
    def reason(self) -> str:
        return "To be published a course needs a section, each section a lesson, and each lesson an exercise."


@dataclass(frozen=True, slots=True)
class TooManySections(Conflict):
    limit: int


@dataclass(frozen=True, slots=True)
class TooManyLessons(Conflict):
    limit: int


@dataclass(frozen=True, slots=True)
class TooManyExercises(Conflict):
    limit: int


@dataclass(frozen=True, slots=True)
class CourseTooLarge(Conflict):
    limit_bytes: int

    @property
    def reason(self) -> str:
        return "The texts of the course are too long altogether."


@dataclass(frozen=True, slots=True)
class UnfitTitle(Invalid):
    max_length: int

    @property
    def reason(self) -> str:
        return f"A title has between 1 and {self.max_length} characters."


@dataclass(frozen=True, slots=True)
class UnfitSummary(Invalid):
    max_length: int

    @property
    def reason(self) -> str:
        return f"A summary has at most {self.max_length} characters."


@dataclass(frozen=True, slots=True)
class TextTooLong(Invalid):
    limit_bytes: int

    @property
    def reason(self) -> str:
        return f"A text has at most {self.limit_bytes} bytes."


@dataclass(frozen=True, slots=True)
class UnfitVideoUrl(Invalid):
    @property
    def reason(self) -> str:
        return "A video link begins with https:// and names a host."


@dataclass(frozen=True, slots=True)
class UnfitMinutes(Invalid):
    max_minutes: int

    @property
    def reason(self) -> str:
        return f"Required minutes are between 1 and {self.max_minutes}."


@dataclass(frozen=True, slots=True)
class ArrangementIncomplete(Invalid):
    @property
    def reason(self) -> str:
        return "An arrangement names everything that is there exactly once."


@dataclass(frozen=True, slots=True)
class UnknownContentId(Invalid):
    unknown_id: UUID

    @property
    def reason(self) -> str:
        return "An id was given that is not in this course; leave the id out of what is new."


@dataclass(frozen=True, slots=True)
class RepeatedContentId(Invalid):
    repeated_id: UUID

    @property
    def reason(self) -> str:
        return "An id was given twice."
