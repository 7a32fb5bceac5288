"""The Class context's internal API."""

from uuid import UUID

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from babyowl_chassis.internal import InternalApi
from learning.application.ports import ClassAnswer
from learning.domain.values import Access

log = structlog.get_logger(__name__)


class _Answer(BaseModel):
    enrolled: bool
    unlocked: bool
    class_id: UUID | None = None
    for_class: bool = False


class HttpClassContext:
    """Asks Class over HTTP, with this service's own account."""

    def __init__(self, api: InternalApi) -> None:
        self._api = api

    async def access(self, student_id: UUID, lesson_id: UUID) -> ClassAnswer | None:
        """Its answer; None, and a line in the log, when it cannot be had."""
        asked = {"student_id": str(student_id), "lesson_id": str(lesson_id)}
        try:
            response = await self._api.get("/internal/v1/access", asked)
            response.raise_for_status()
            answer = _Answer.model_validate_json(response.content)
        except (httpx.HTTPError, ValidationError) as error:
            log.warning("class_not_asked", error=repr(error), lesson_id=str(lesson_id))
            return None
        access = Access(enrolled=answer.enrolled, unlocked=answer.unlocked)
        return ClassAnswer(access, answer.class_id, answer.for_class)
