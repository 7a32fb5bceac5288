"""The tables of the context, and those every service owns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = "people_0001"


def upgrade() -> None:
    op.create_table(
        "class_members",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("class_id", "student_id"),
    )
    op.create_index("ix_class_members_student_id", "class_members", ["student_id"], unique=False)
    op.create_table(
        "classes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("instructor_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )

    _make_players()
    _make_scores()
    _make_boards()
    _make_leagues()
    _make_curriculum()
    op.create_table(
        "zone_changes",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("player_id", "since"),
    )
    op.create_table(
        "holidays",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("spread", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first_date <= last_date", name="ck_holidays_dates"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "recounts",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("redraw", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("player_id"),
    )
    op.create_index("ix_recounts_seen_at", "recounts", ["seen_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_recounts_seen_at", table_name="recounts")
    op.drop_table("recounts")
    op.drop_table("holidays")
    op.drop_table("zone_changes")
    _drop_curriculum()
    _drop_leagues()
    _drop_boards()
    _drop_scores()
    _drop_players()
    op.drop_table("classes")
    op.drop_index("ix_class_members_student_id", table_name="class_members")
    op.drop_table("class_members")


def _make_boards() -> None:
    op.create_table(
        "appearances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("leaderboard", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("alias_key", sa.Text(), nullable=True),
        sa.CheckConstraint("leaderboard IN ('shown', 'hidden')", name="ck_appearances_leaderboard"),
        sa.CheckConstraint("(alias IS NULL) = (alias_key IS NULL)", name="ck_appearances_alias"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alias_key", name="uq_appearances_alias"),
    )
    op.create_index(
        "ix_appearances_hidden",
        "appearances",
        ["id"],
        unique=False,
        postgresql_where=sa.text("leaderboard = 'hidden'"),
    )
    op.create_table(
        "alias_removals",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("alias_key", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("removed_by", sa.Uuid(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["player_id"], ["appearances.id"], name="fk_alias_removals_player_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("player_id", "alias_key"),
    )
    op.create_index("ix_alias_removals_alias_key", "alias_removals", ["alias_key"], unique=False)
    op.create_table(
        "stale_places",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("player_id"),
    )
    # A version is drawn anew for each change, and never twice: what the keeper of the cache deletes is what it read.
    op.execute(
        """
        CREATE FUNCTION mark_place_stale(changed uuid) RETURNS void LANGUAGE sql AS $$
            INSERT INTO stale_places (player_id) VALUES (changed)
            ON CONFLICT (player_id) DO UPDATE SET version = DEFAULT
            WHERE stale_places.xmin <> pg_current_xact_id()::xid
        $$
        """
    )
    for table, column, changing in _CHANGES_PLACES:
        op.execute(
            f"""
            CREATE FUNCTION {table}_change_places() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM mark_place_stale(CASE WHEN TG_OP = 'DELETE' THEN OLD.{column} ELSE NEW.{column} END);
                RETURN NULL;
            END $$
            """
        )
        op.execute(
            f"CREATE TRIGGER changes_places AFTER INSERT OR DELETE OR UPDATE OF {changing} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_change_places()"
        )


_CHANGES_PLACES = (
    ("scores", "player_id", "xp, reached_at"),
    ("appearances", "id", "leaderboard"),
    ("people", "id", "role, status"),
)
"""Which tables decide about places, which column names the learner, and which others matter."""


def _drop_boards() -> None:
    for table, *_ in _CHANGES_PLACES:
        op.execute(f"DROP TRIGGER changes_places ON {table}")
        op.execute(f"DROP FUNCTION {table}_change_places")
    op.execute("DROP FUNCTION mark_place_stale")
    op.drop_table("stale_places")
    op.drop_table("alias_removals")
    op.drop_table("appearances")


def _make_curriculum() -> None:
    op.create_table(
        "curriculum",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("facts", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_curriculum_id"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "seat_changes",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("class_id", "student_id", "sequence"),
    )
    op.create_index(
        "ix_seat_changes_student_id", "seat_changes", ["student_id", "class_id", "sequence"], unique=False
    )
    op.create_table(
        "lesson_locks",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("class_id", "student_id", "lesson_id", "sequence"),
    )
    op.create_table(
        "publications",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("revision >= 1", name="ck_publications_revision"),
        sa.PrimaryKeyConstraint("course_id", "revision"),
    )
    op.create_table(
        "published_lessons",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("exercise_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("exercise_kinds", sa.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(
            "cardinality(exercise_kinds) IN (0, cardinality(exercise_ids))", name="ck_published_lessons_kinds"
        ),
        sa.PrimaryKeyConstraint("course_id", "revision", "lesson_id"),
    )
    op.create_table(
        "meetings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_meetings_class_id", "meetings", ["class_id", "starts_at"], unique=False)
    op.create_table(
        "timetables",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("class_id"),
    )


def _drop_curriculum() -> None:
    op.drop_table("timetables")
    op.drop_table("meetings")
    op.drop_table("published_lessons")
    op.drop_table("publications")
    op.drop_table("lesson_locks")
    op.drop_table("seat_changes")
    op.drop_table("curriculum")


_LEAGUES = "('bronze', 'silver', 'gold', 'sapphire', 'diamond')"


def _make_leagues() -> None:
    op.create_table(
        "closed_periods",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cycle IN ('week', 'month')", name="ck_closed_periods_cycle"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cycle", "starts_on", name="uq_closed_periods_once"),
    )
    op.create_table(
        "final_places",
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("xp", sa.Integer(), nullable=False),
        sa.CheckConstraint("scope IN ('academy', 'class', 'course')", name="ck_final_places_scope"),
        sa.PrimaryKeyConstraint("cycle", "starts_on", "scope", "scope_id", "player_id"),
        sa.UniqueConstraint("cycle", "starts_on", "scope", "scope_id", "position", name="uq_final_places_position"),
    )
    op.create_table(
        "league_seats",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("league", sa.Text(), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"league IN {_LEAGUES}", name="ck_league_seats_league"),
        sa.PrimaryKeyConstraint("player_id", "week"),
    )
    op.create_index("ix_league_seats_cohort", "league_seats", ["week", "league", "cohort"], unique=False)
    op.create_table(
        "league_results",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("league", sa.Text(), nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("xp", sa.Integer(), nullable=False),
        sa.Column("move", sa.Text(), nullable=False),
        sa.Column("next_league", sa.Text(), nullable=True),
        sa.CheckConstraint(f"league IN {_LEAGUES}", name="ck_league_results_league"),
        sa.CheckConstraint(f"next_league IN {_LEAGUES}", name="ck_league_results_next_league"),
        sa.CheckConstraint(
            "move IN ('promoted', 'stayed', 'relegated', 'rested', 'left')"
            " AND (move = 'left') = (next_league IS NULL)",
            name="ck_league_results_move",
        ),
        sa.PrimaryKeyConstraint("player_id", "week"),
    )


def _drop_leagues() -> None:
    for table in ("league_results", "league_seats", "final_places", "closed_periods"):
        op.drop_table(table)


def _make_players() -> None:
    op.create_table(
        "players",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("total_xp", sa.Integer(), nullable=False),
        sa.Column("announced_level", sa.Integer(), nullable=False),
        sa.Column("told_streak", JSONB(), nullable=True),
        sa.Column("rolls_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("total_xp >= 0", name="ck_players_total_xp"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_players_rolls_over_at",
        "players",
        ["rolls_over_at"],
        unique=False,
        postgresql_where=sa.text("rolls_over_at IS NOT NULL"),
    )
    op.create_table(
        "deeds",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=True),
        sa.Column("class_id", sa.Uuid(), nullable=True),
        sa.Column("exercise_kind", sa.Text(), nullable=True),
        sa.Column("score_percent", sa.Integer(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counts_on", sa.Date(), nullable=False),
        sa.Column("xp", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("revision >= 1", name="ck_deeds_revision"),
        sa.CheckConstraint("xp >= 0", name="ck_deeds_xp"),
        sa.ForeignKeyConstraint(["player_id"], ["players.id"], name="fk_deeds_player_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("player_id", "source_kind", "source_id"),
    )
    op.create_index("ix_deeds_day", "deeds", ["player_id", "day"], unique=False)
    op.create_table(
        "days",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tally", JSONB(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_zone", sa.Text(), nullable=False),
        sa.Column("last_zone", sa.Text(), nullable=False),
        sa.Column("counts_on", sa.Date(), nullable=False),
        sa.Column("xp", sa.Integer(), nullable=False),
        sa.Column("standing", JSONB(), nullable=False),
        sa.CheckConstraint("first_at <= last_at", name="ck_days_moments"),
        sa.CheckConstraint("xp >= 0", name="ck_days_xp"),
        sa.ForeignKeyConstraint(["player_id"], ["players.id"], name="fk_days_player_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("player_id", "day"),
    )
    op.create_table(
        "xp_transactions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.Column("counts_on", sa.Date(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount <> 0 AND (mod(number, 2) = 0) = (amount < 0)", name="ck_xp_transactions_amount"),
        sa.ForeignKeyConstraint(
            ["player_id"], ["players.id"], name="fk_xp_transactions_player_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "player_id", "source_kind", "source_id", "rule", "number", name="uq_xp_transactions_once"
        ),
    )
    op.create_index(
        "ix_xp_transactions_corrected",
        "xp_transactions",
        ["player_id"],
        unique=False,
        postgresql_where=sa.text("number > 1"),
    )
    op.create_index("ix_xp_transactions_earned_on", "xp_transactions", ["player_id", "earned_on"], unique=False)
    op.create_index(
        "ix_xp_transactions_history",
        "xp_transactions",
        ["player_id", sa.literal_column("recorded_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "quests",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("quest", sa.Text(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("xp", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("cadence IN ('daily', 'weekly')", name="ck_quests_cadence"),
        sa.CheckConstraint("(completed_on IS NOT NULL) = (progress = target)", name="ck_quests_completed_on"),
        sa.CheckConstraint("progress BETWEEN 0 AND target", name="ck_quests_progress"),
        sa.ForeignKeyConstraint(["player_id"], ["players.id"], name="fk_quests_player_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("player_id", "cadence", "starts_on", "quest"),
    )
    op.create_index("ix_quests_starts_on", "quests", ["player_id", "starts_on"], unique=False)
    op.create_table(
        "badges",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("badge", sa.Text(), nullable=False),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["player_id"], ["players.id"], name="fk_badges_player_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("player_id", "badge"),
    )
    op.create_table(
        "badge_revocations",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("badge", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revoked_by", sa.Uuid(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("player_id", "badge"),
    )


def _drop_players() -> None:
    op.drop_table("badge_revocations")
    op.drop_table("badges")
    op.drop_table("quests")
    op.drop_table("xp_transactions")
    op.drop_table("days")
    op.drop_table("deeds")
    op.drop_table("players")


def _make_scores() -> None:
    op.create_table(
        "scores",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("xp", sa.Integer(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("period IN ('week', 'month', 'all')", name="ck_scores_period"),
        sa.CheckConstraint("scope IN ('academy', 'course')", name="ck_scores_scope"),
        sa.CheckConstraint("xp > 0", name="ck_scores_xp"),
        sa.ForeignKeyConstraint(["player_id"], ["players.id"], name="fk_scores_player_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("player_id", "scope", "scope_id", "period", "starts_on"),
    )
    op.create_index(
        "ix_scores_ranking",
        "scores",
        ["scope", "scope_id", "period", "starts_on", sa.literal_column("xp DESC"), "reached_at", "player_id"],
        unique=False,
    )


def _drop_scores() -> None:
    op.drop_table("scores")
