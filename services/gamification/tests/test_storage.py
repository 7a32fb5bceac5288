from datetime import date

import asyncpg
import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import assert_migrations_match, assert_rows_round_trip
from gamification.bootstrap import service
from gamification.domain.badges import BadgeRevocation
from gamification.domain.days import Day, Standing
from gamification.domain.facts import Fact
from gamification.domain.player import PlayerProfile
from gamification.domain.quests import Cadence, PlayerQuest
from gamification.domain.rules import Outcome, SourceKind
from gamification.domain.streaks import ActiveDay, Streak, Streaks
from gamification.domain.values import Deed, Source, XpTransaction
from gamification.infrastructure.mappers import PLAYERS

from .game import NOON, Game, InPostgres
from .reports import exercise


def test_no_part_of_a_player_is_lost_on_the_way_to_the_rows_and_back() -> None:
    source, monday, today = Source(SourceKind.MEETING, new_id()), date(2026, 3, 2), date(2026, 3, 4)
    deed = Deed(
        source=source,
        outcome=Outcome.LATE,
        revision=3,
        course_id=new_id(),
        class_id=new_id(),
        exercise_kind="quiz",
        score_percent=70,
        happened_at=NOON,
        zone="Asia/Jakarta",
        day=today,
        counts_on=date(2026, 3, 5),
        xp=15,
    )
    line = XpTransaction(
        id=new_id(),
        source=source,
        rule="meeting_late",
        number=2,
        amount=-15,
        earned_on=today,
        counts_on=date(2026, 3, 5),
        course_id=deed.course_id,
        recorded_at=NOON,
    )
    active = ActiveDay(today, NOON, NOON, "UTC", "Asia/Jakarta")
    day = Day(
        day=today,
        tally={Fact.MEETINGS: 1},
        first_at=active.first_at,
        last_at=active.last_at,
        first_zone=active.first_zone,
        last_zone=active.last_zone,
        counts_on=deed.counts_on,
        xp=30,
        after=Standing({Fact.MEETINGS: 4}, Streaks(8, 9, 1, active, 2, 3, (date(2026, 3, 3),))),
    )
    quest = PlayerQuest(
        quest="weekly_meetings",
        cadence=Cadence.WEEKLY,
        starts_on=monday,
        fact=Fact.MEETINGS,
        target=1,
        xp=40,
        progress=1,
        completed_on=today,
    )
    player = PlayerProfile(
        id=new_id(),
        version=7,
        total_xp=115,
        announced_level=3,
        told_streak=Streak(8, 9, today, 2, 3, 1, (date(2026, 3, 3),)),
        rolls_over_at=NOON,
        deeds={source: deed},
        transactions=[line],
        days={today: day},
        quests={(quest.period, quest.quest): quest},
        badges={"first_meeting": today},
        revocations={"first_exercise": BadgeRevocation("first_exercise", "Not their own work.", new_id(), NOON)},
    )
    assert_rows_round_trip(PLAYERS, player)


@pytest.mark.infra
async def test_the_migrations_make_what_the_tables_declare(postgres_admin_url: str) -> None:
    await assert_migrations_match(service, postgres_admin_url)


@pytest.mark.infra
async def test_the_database_itself_lets_a_source_earn_by_a_rule_only_once(pool: Pool) -> None:
    ada = new_id()
    await Game(InPostgres(pool)).hear(exercise(ada, NOON))
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_xp_transactions_once"):
        await pool.execute(
            "INSERT INTO xp_transactions"
            " (id, player_id, source_kind, source_id, rule, number, amount, earned_on, counts_on, recorded_at)"
            " SELECT gen_random_uuid(), player_id, source_kind, source_id, rule, number, amount, earned_on,"
            " counts_on, recorded_at FROM xp_transactions WHERE player_id = $1",
            ada,
        )
