"""The tables of the context, and those every service owns."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "class_members",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("class_id", "student_id"),
    )
    op.create_index("ix_class_members_student_id", "class_members", ["student_id"], unique=False)
    op.create_table(
        "classes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("instructor_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "players",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("total_xp", sa.Integer(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced_level", sa.Integer(), nullable=False),
        sa.Column("leaderboard", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("alias_key", sa.Text(), nullable=True),
        sa.CheckConstraint("leaderboard IN ('shown', 'hidden')", name="ck_players_leaderboard"),
        sa.CheckConstraint("(alias IS NULL) = (alias_key IS NULL)", name="ck_players_alias"),
        sa.CheckConstraint("total_xp >= 0", name="ck_players_total_xp"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alias_key", name="uq_players_alias"),
    )
    op.create_index(
        "ix_players_ranking",
        "players",
        [sa.literal_column("total_xp DESC"), "reached_at", "id"],
        unique=False,
        postgresql_where=sa.text("leaderboard = 'shown' AND total_xp > 0"),
    )
    op.create_table(
        "active_runs",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint("days = last_day - first_day + 1 AND days >= 1", name="ck_active_runs_days"),
        sa.ForeignKeyConstraint(["player_id"], ["players.id"], name="fk_active_runs_player_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("player_id", "first_day"),
    )
    op.create_index(
        "ix_active_runs_longest", "active_runs", ["player_id", sa.literal_column("days DESC")], unique=False
    )
    op.create_table(
        "deeds",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("revision >= 1", name="ck_deeds_revision"),
        sa.ForeignKeyConstraint(["player_id"], ["players.id"], name="fk_deeds_player_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("player_id", "source_kind", "source_id"),
    )
    op.create_index(
        "ix_deeds_active",
        "deeds",
        ["player_id", "day", "week", "happened_at"],
        unique=False,
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "weekly_xp",
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("xp", sa.Integer(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("xp > 0", name="ck_weekly_xp_xp"),
        sa.ForeignKeyConstraint(["player_id"], ["players.id"], name="fk_weekly_xp_player_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("player_id", "week"),
    )
    op.create_index(
        "ix_weekly_xp_ranking",
        "weekly_xp",
        ["week", sa.literal_column("xp DESC"), "reached_at", "player_id"],
        unique=False,
    )
    op.create_table(
        "xp_transactions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("player_id", sa.Uuid(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reversal", sa.Boolean(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount <> 0 AND (amount < 0) = reversal", name="ck_xp_transactions_amount"),
        sa.ForeignKeyConstraint(
            ["player_id"], ["players.id"], name="fk_xp_transactions_player_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "player_id", "source_kind", "source_id", "rule", "revision", "reversal", name="uq_xp_transactions_once"
        ),
    )
    op.create_index(
        "ix_xp_transactions_history",
        "xp_transactions",
        ["player_id", sa.literal_column("recorded_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_xp_transactions_history", table_name="xp_transactions")
    op.drop_table("xp_transactions")
    op.drop_index("ix_weekly_xp_ranking", table_name="weekly_xp")
    op.drop_table("weekly_xp")
    op.drop_index("ix_deeds_active", table_name="deeds", postgresql_where=sa.text("active"))
    op.drop_table("deeds")
    op.drop_index("ix_active_runs_longest", table_name="active_runs")
    op.drop_table("active_runs")
    op.drop_index(
        "ix_players_ranking", table_name="players", postgresql_where=sa.text("leaderboard = 'shown' AND total_xp > 0")
    )
    op.drop_table("players")
    op.drop_table("classes")
    op.drop_index("ix_class_members_student_id", table_name="class_members")
    op.drop_table("class_members")
