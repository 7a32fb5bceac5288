"""What a course is made of: sections of lessons of exercises, as they are written and as they are kept."""

from dataclasses import dataclass, field
from uuid import UUID

from learning.domain.values import ExerciseKind, TextRef


@dataclass(frozen=True, slots=True)
class ExerciseDraft:
    """An exercise as its author wrote it; `text` is Markdown."""

    kind: ExerciseKind
    title: str
    text: str
    required_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class LessonDraft:
    """A lesson as its author wrote it; `text` is Markdown."""

    title: str
    text: str
    video_url: str | None = None


@dataclass(frozen=True, slots=True)
class WrittenExercise:
    """An exercise within a whole written course; without an id it is a new one."""

    id: UUID | None
    draft: ExerciseDraft


@dataclass(frozen=True, slots=True)
class WrittenLesson:
    """A lesson within a whole written course; without an id it is a new one."""

    id: UUID | None
    draft: LessonDraft
    exercises: tuple[WrittenExercise, ...]


@dataclass(frozen=True, slots=True)
class WrittenSection:
    """A section within a whole written course; without an id it is a new one."""

    id: UUID | None
    title: str
    lessons: tuple[WrittenLesson, ...]


@dataclass(slots=True)
class Exercise:
    """Something to do at the end of a lesson."""

    id: UUID
    kind: ExerciseKind
    title: str
    text: TextRef
    required_minutes: int | None

    @classmethod
    def of(cls, exercise_id: UUID, draft: ExerciseDraft) -> "Exercise":
        """The exercise that the draft describes."""
        return cls(exercise_id, draft.kind, draft.title, TextRef.of(draft.text), draft.required_minutes)


@dataclass(slots=True)
class Lesson:
    """A text, perhaps a video, and exercises."""

    id: UUID
    title: str
    text: TextRef
    video_url: str | None
    exercises: list[Exercise] = field(default_factory=list)

    @classmethod
    def of(cls, lesson_id: UUID, draft: LessonDraft, exercises: list[Exercise]) -> "Lesson":
        """The lesson that the draft describes."""
        return cls(lesson_id, draft.title, TextRef.of(draft.text), draft.video_url, exercises)

    @property
    def text_bytes(self) -> int:
        """Size of its own text and of its exercises' texts."""
        return self.text.size + sum(exercise.text.size for exercise in self.exercises)


@dataclass(slots=True)
class Section:
    """A chapter of a course."""

    id: UUID
    title: str
    lessons: list[Lesson] = field(default_factory=list)
