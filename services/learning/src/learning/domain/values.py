"""Values and bounds of the Learning context."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

TITLE_LENGTH = 200
SUMMARY_LENGTH = 2_000
VIDEO_URL_LENGTH = 2_000
TEXT_BYTES = 100_000
COURSE_TEXT_BYTES = 2_000_000
REQUIRED_MINUTES = 600
SECTIONS_PER_COURSE = 50
LESSONS_PER_COURSE = 200
EXERCISES_PER_LESSON = 50
EXERCISES_PER_COURSE = 1_000


class CourseStatus(StrEnum):
    """Where a course stands: being written, taught, or taken from the shelf."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class ExerciseKind(StrEnum):
    """What an exercise asks of the student."""

    READING = "reading"


@dataclass(frozen=True, slots=True)
class TextRef:
    """Which text a lesson or an exercise shows: its SHA-256 in hex, and its size in bytes of UTF-8.

    The text itself never changes and is kept apart: no rule looks into it, and a publication that refers to
    it costs nothing.
    """

    digest: str
    size: int

    @classmethod
    def of(cls, text: str) -> "TextRef":
        """The reference by which exactly this text is found."""
        encoded = text.encode()
        return cls(sha256(encoded).hexdigest(), len(encoded))


@dataclass(frozen=True, slots=True)
class Access:
    """What is known of a student's way to a lesson, from the Class context's facts."""

    enrolled: bool
    unlocked: bool


def percent_of(done: int, total: int) -> int:
    """Per hundred, rounded down, so that 100 means all."""
    return 100 * done // total if total else 0
