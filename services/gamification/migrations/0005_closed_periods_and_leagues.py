"""Closed periods with their final places, and leagues."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LEAGUES = "('bronze', 'silver', 'gold', 'sapphire', 'diamond')"


def upgrade() -> None:
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


def downgrade() -> None:
    for table in ("league_results", "league_seats", "final_places", "closed_periods"):
        op.drop_table(table)
