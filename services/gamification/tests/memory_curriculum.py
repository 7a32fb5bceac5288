"""What learners could do and when, in memory: the plainest way to say what the statements in SQL have to answer."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babyowl_chassis.testing import MemoryUnitOfWork
from gamification.domain.calendar import day_of, zone_or
from gamification.domain.curriculum import Concerned, FactMark, PublishedLesson, Span, to_draw_again
from gamification.domain.facts import facts_of
from gamification.domain.player import PlayerProfile
from gamification.domain.quests import NOTHING_TO_DO, Opportunities
from gamification.domain.repositories import Zones
from gamification.domain.rules import SourceKind
from gamification.domain.zones import ZoneHistory


class MemoryCurriculum:
    """Facts in lists, each question answered from all of them."""

    def __init__(self, uow: MemoryUnitOfWork, zones: Zones) -> None:
        self._uow = uow
        self._zones = zones

    async def note_seat(
        self, class_id: UUID, course_id: UUID, student_id: UUID, *, active: bool, sequence: int, at: datetime
    ) -> None:
        self._uow.append("seat_changes", (sequence, at, class_id, course_id, student_id, active))

    async def note_lessons(
        self,
        class_id: UUID,
        lesson_ids: tuple[UUID, ...],
        student_id: UUID | None,
        *,
        are_open: bool,
        sequence: int,
        at: datetime,
    ) -> None:
        for lesson_id in lesson_ids:
            self._uow.append("lesson_locks", (sequence, at, class_id, lesson_id, student_id, are_open))

    async def note_publication(
        self, course_id: UUID, revision: int, lessons: tuple[PublishedLesson, ...], *, is_open: bool, at: datetime
    ) -> bool:
        self._uow.append("publications", (revision, at, course_id, lessons, is_open))
        return any(known[4] for known in self._known("publications") if known[2] == course_id)

    async def note_series(
        self, class_id: UUID, meetings: Mapping[UUID, datetime], *, time_zone: str | None, at: datetime
    ) -> None:
        if time_zone is not None:
            self._uow.append("class_zones", (class_id, time_zone))
        self._uow.append("series", (at, class_id))
        for meeting_id, starts_at in meetings.items():
            await self.note_meeting(class_id, meeting_id, starts_at, cancelled=False, at=at)

    async def note_meeting(
        self, class_id: UUID, meeting_id: UUID, starts_at: datetime, *, cancelled: bool, at: datetime
    ) -> None:
        self._uow.append("meetings", (at, cancelled, starts_at, class_id, meeting_id))

    async def note_end(self, class_id: UUID, *, at: datetime) -> None:
        self._uow.append("ends", (at, class_id))

    async def meetings(self, class_id: UUID, *, otherwise: ZoneInfo) -> Mapping[UUID, tuple[date, datetime]]:
        zone = zone_or(dict(self._known("class_zones")).get(class_id), otherwise)
        planned_at = max((at for at, whose in self._known("series") if whose == class_id), default=None)
        ended_at = min((at for at, whose in self._known("ends") if whose == class_id), default=None)
        latest = {
            meeting_id: (noted_at, cancelled, starts_at)
            for noted_at, cancelled, starts_at, whose, meeting_id in sorted(self._known("meetings"))
            if whose == class_id
        }
        return {
            meeting_id: (day_of(starts_at, zone), starts_at)
            for meeting_id, (noted_at, cancelled, starts_at) in latest.items()
            if not cancelled
            and (planned_at is None or noted_at >= planned_at)
            and (ended_at is None or starts_at <= ended_at)
        }

    async def overtaken(self, concerned: Concerned, fact: FactMark, *, otherwise: ZoneInfo) -> Mapping[UUID, date]:
        is_latest = not any(
            at >= fact.at and (of, number) != (fact.of, fact.number) for number, at, of in self._facts()
        )
        first: dict[UUID, date] = {}
        for player in await self._players():
            if not self._concerns(concerned, player.id):
                continue
            since = to_draw_again(
                ZoneHistory(await self._zones.of(player.id), otherwise),
                fact.at,
                active_on=player.days,
                drawn={quest.period for quest in player.quests.values()},
                is_latest=is_latest,
            )
            if since is not None:
                first[player.id] = since
        return first

    async def active_since(self, class_id: UUID, day: date, *, newcomers: bool = False) -> Collection[UUID]:
        came = {
            fact[4]
            for fact in self._known("seat_changes")
            if fact[2] == class_id and (not newcomers or fact[1].date() >= day - timedelta(days=2))
        }
        return {
            player.id
            for player in await self._players()
            if player.id in came and any(each >= day for each in self._days_of(player))
        }

    async def opportunities(self, player_id: UUID, span: Span, *, otherwise: ZoneInfo) -> Opportunities:
        can = await self._as_of(player_id, span, span.begins_at, None, otherwise)
        for at in sorted(at for _, at, _ in self._facts() if span.begins_at <= at < span.ends_at):
            if can == NOTHING_TO_DO:
                can = await self._as_of(player_id, span, at + timedelta(microseconds=1), at, otherwise)
        return can

    async def _as_of(
        self, player_id: UUID, span: Span, moment: datetime, meetings_from: datetime | None, otherwise: ZoneInfo
    ) -> Opportunities:
        period = span.period
        seats = {
            class_id: active
            for _, at, class_id, _, student_id, active in sorted(self._known("seat_changes"), key=_in_order)
            if student_id == player_id and at < moment
        }
        attended = [class_id for class_id, active in seats.items() if active]
        locks = {
            (class_id, lesson_id, student_id): is_open
            for _, at, class_id, lesson_id, student_id, is_open in sorted(self._known("lesson_locks"), key=_in_order)
            if class_id in attended and student_id in (None, player_id) and at < moment
        }
        unlocked = {lesson_id for (_, lesson_id, _), is_open in locks.items() if is_open}
        latest: dict[UUID, tuple[tuple[PublishedLesson, ...], bool]] = {
            course_id: (lessons, is_open)
            for _, at, course_id, lessons, is_open in sorted(self._known("publications"), key=_in_order)
            if at < moment
        }
        lessons = [
            lesson
            for lessons, is_open in latest.values()
            for lesson in lessons
            if is_open or lesson.lesson_id in unlocked
        ]
        done = await self._done_before(player_id, period.starts_on)
        kinds = Counter(
            kind
            for lesson in lessons
            for exercise_id, kind in lesson.exercises
            if (SourceKind.EXERCISE, exercise_id) not in done
        )
        days = [
            day
            for each in attended
            for day, starts_at in (await self.meetings(each, otherwise=otherwise)).values()
            if meetings_from is None or starts_at >= meetings_from
        ]
        return Opportunities(
            exercises=kinds.total(),
            readings=kinds["reading"],
            quizzes=kinds["quiz"],
            coding_exercises=kinds["coding"],
            lessons=sum(
                bool(lesson.exercises) and (SourceKind.LESSON, lesson.lesson_id) not in done for lesson in lessons
            ),
            meetings=sum(period.starts_on <= day <= period.ends_on for day in days),
        )

    def _facts(self) -> Iterable[tuple[int, datetime, UUID]]:
        """Number, moment, and class or course of every fact but those about meetings."""
        return [fact[:3] for table in ("seat_changes", "lesson_locks", "publications") for fact in self._known(table)]

    def _known(self, table: str) -> list[Any]:
        """What is committed, and what this transaction has added."""
        added = [fact for name, fact in self._uow.appended if name == table]
        return list(dict.fromkeys([*self._uow.store.facts.get(table, []), *added]))

    def _concerns(self, concerned: Concerned, student_id: UUID) -> bool:
        if concerned.student_id is not None:
            return concerned.student_id == student_id
        seats = [(fact[2], fact[3]) for fact in self._known("seat_changes") if fact[4] == student_id]
        return concerned == Concerned() or any(
            concerned in (Concerned(class_id=class_id), Concerned(course_id=course_id))
            for class_id, course_id in seats
        )

    async def _players(self) -> Iterable[PlayerProfile]:
        return list(self._uow.store.aggregates.get(PlayerProfile, {}).values())  # type: ignore[arg-type]

    def _days_of(self, player: PlayerProfile) -> set[date]:
        return {*player.days, *(quest.starts_on for quest in player.quests.values())}

    async def _done_before(self, player_id: UUID, day: date) -> set[tuple[SourceKind, UUID]]:
        return {
            (deed.source.kind, deed.source.id)
            for player in await self._players()
            if player.id == player_id
            for deed in player.deeds.values()
            if deed.day < day and facts_of(deed)
        }


def _in_order(fact: tuple[Any, ...]) -> Any:
    return fact[0]
