"""A learner's game is a fold over days; how learners appear is kept apart from it.

What was counted before is not brought along: `python -m gamification rebuild` makes the game anew from the logs of
the other services. Who had opted out of leaderboards stays out. Who went by an alias, free text then, leaves them as
well: that text can say anything, and without it they would suddenly stand there by name.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = "people_0001"

_COUNTED = ("xp_transactions", "weekly_xp", "deeds", "active_runs", "players")
_CHANGES_PLACES = (
    ("scores", "player_id", "xp, reached_at"),
    ("appearances", "id", "leaderboard"),
    ("people", "id", "role, status"),
)
"""Which tables decide about places, which column names the learner, and which others matter."""


def upgrade() -> None:
    op.execute("CREATE TABLE chosen AS SELECT id FROM players WHERE leaderboard = 'hidden' OR alias IS NOT NULL")
    for table in _COUNTED:
        op.drop_table(table)
    _make_players()
    _make_scores()
    _make_boards()
    op.execute("INSERT INTO appearances (id, version, leaderboard) SELECT id, 1, 'hidden' FROM chosen")
    op.drop_table("chosen")


def downgrade() -> None:
    raise NotImplementedError("what the game was counted by before is gone; restore a backup from before 0003")


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


def _make_boards() -> None:
    op.create_table(
        "appearances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("leaderboard", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.CheckConstraint("leaderboard IN ('shown', 'hidden')", name="ck_appearances_leaderboard"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alias", name="uq_appearances_alias"),
    )
    op.create_index(
        "ix_appearances_hidden",
        "appearances",
        ["id"],
        unique=False,
        postgresql_where=sa.text("leaderboard = 'hidden'"),
    )
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
