"""The rules of Learning that stand on their own: each yields the refusal, or None."""

from urllib.parse import urlsplit
from uuid import UUID

from babyowl_kernel import Actor, Refusal
from learning.domain.content import ExerciseDraft, LessonDraft
from learning.domain.errors import (
    LessonLocked,
    NotEnrolled,
    NotYourCourse,
    TextTooLong,
    UnfitMinutes,
    UnfitSummary,
    UnfitTitle,
    UnfitVideoUrl,
)
from learning.domain.values import (
    REQUIRED_MINUTES,
    SUMMARY_LENGTH,
    TEXT_BYTES,
    TITLE_LENGTH,
    VIDEO_URL_LENGTH,
    Access,
)


def only_its_managers(instructor_id: UUID, by: Actor) -> NotYourCourse | None:
    """A course is changed by its instructor and by staff."""
    owner = by.has("instructor") and by.user_id == instructor_id
    return None if owner or by.is_staff else NotYourCourse()


def only_with_an_unlocked_lesson(
    course_id: UUID, lesson_id: UUID, access: Access, *, is_open: bool
) -> NotEnrolled | LessonLocked | None:
    """A student reaches a lesson through a class of the course that unlocked it, or if the course is open."""
    if is_open:
        return None
    if not access.enrolled:
        return NotEnrolled(course_id, lesson_id)
    return None if access.unlocked else LessonLocked(course_id, lesson_id)


def only_a_fit_title(title: str) -> UnfitTitle | None:
    """A title says something, and fits on a line or two."""
    return None if title.strip() and len(title) <= TITLE_LENGTH else UnfitTitle(TITLE_LENGTH)


def only_fit_details(title: str, summary: str) -> UnfitTitle | UnfitSummary | None:
    """A course's title and summary fit into the catalogue."""
    if len(summary) > SUMMARY_LENGTH:
        return UnfitSummary(SUMMARY_LENGTH)
    return only_a_fit_title(title)


def only_a_fit_lesson(draft: LessonDraft) -> Refusal | None:
    """A lesson's text is bounded, and its video comes over an encrypted line."""
    if len(draft.text.encode()) > TEXT_BYTES:
        return TextTooLong(TEXT_BYTES)
    if draft.video_url is not None and not _is_https(draft.video_url):
        return UnfitVideoUrl()
    return only_a_fit_title(draft.title)


def only_a_fit_exercise(draft: ExerciseDraft) -> Refusal | None:
    """An exercise's text is bounded, and its time is that of one sitting."""
    if len(draft.text.encode()) > TEXT_BYTES:
        return TextTooLong(TEXT_BYTES)
    if draft.required_minutes is not None and not 1 <= draft.required_minutes <= REQUIRED_MINUTES:
        return UnfitMinutes(REQUIRED_MINUTES)
    return only_a_fit_title(draft.title)


def _is_https(url: str) -> bool:
    if len(url) > VIDEO_URL_LENGTH or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False
