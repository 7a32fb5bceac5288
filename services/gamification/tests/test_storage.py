from datetime import UTC, date, datetime

import asyncpg
import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import assert_migrations_match, assert_rows_round_trip
from gamification.bootstrap import service
from gamification.domain.player import PlayerProfile
from gamification.domain.rules import Outcome, SourceKind
from gamification.domain.streaks import ActiveDays, Run
from gamification.domain.values import Alias, Deed, Source, Visibility, WeeklyXp, XpTransaction
from gamification.infrastructure.mappers import PLAYERS

from .game import NOON, Game, InPostgres
from .reports import exercise

WEEK = date(2026, 3, 2)


def test_no_part_of_a_player_is_lost_on_the_way_to_the_rows_and_back() -> None:
    source = Source(SourceKind.MEETING, new_id())
    moment = datetime(2026, 3, 4, 12, tzinfo=UTC)
    line = XpTransaction(
        id=new_id(),
        source=source,
        rule="meeting_late",
        revision=2,
        amount=-15,
        earned_on=date(2026, 3, 4),
        week=WEEK,
        recorded_at=moment,
    )
    deed = Deed(
        source=source, outcome=Outcome.ABSENT, revision=3, day=date(2026, 3, 5), week=WEEK, happened_at=moment
    )
    player = PlayerProfile(
        id=new_id(),
        version=7,
        total_xp=115,
        reached_at=moment,
        announced_level=3,
        leaderboard=Visibility.HIDDEN,
        alias=Alias("Night Owl"),
        deeds={source: deed},
        transactions=[line],
        weeks={WEEK: WeeklyXp(115, moment)},
        active_days=ActiveDays([Run(date(2026, 3, 1), date(2026, 3, 4))]),
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
            "INSERT INTO xp_transactions (id, player_id, source_kind, source_id, rule, revision, reversal,"
            " amount, earned_on, week, recorded_at)"
            " SELECT $2, player_id, source_kind, source_id, rule, revision, reversal, amount, earned_on, week,"
            " recorded_at FROM xp_transactions WHERE player_id = $1",
            ada,
            new_id(),
        )
