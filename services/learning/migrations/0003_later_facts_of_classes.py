"""Facts of classes have their place in time: seats are given up, lessons locked again, classes handed over."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATES = {"classes": None, "enrollments": "active", "class_unlocks": "open", "student_unlocks": "open"}


def upgrade() -> None:
    op.create_table(
        "substitutions",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("substitute_id", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id"),
    )
    op.create_index("ix_substitutions_substitute", "substitutions", ["substitute_id", "course_id"], unique=False)
    for table, state in _STATES.items():
        # What was heard so far gives way to any event that is still to come.
        op.add_column(table, sa.Column("sequence", sa.Integer(), server_default="0", nullable=False))
        op.alter_column(table, "sequence", server_default=None)
        if state is not None:
            op.add_column(table, sa.Column(state, sa.Boolean(), server_default=sa.true(), nullable=False))
            op.alter_column(table, state, server_default=None)


def downgrade() -> None:
    for table, state in _STATES.items():
        if state is not None:
            column = sa.column(state, sa.Boolean())
            op.execute(sa.delete(sa.table(table, column)).where(~column))
            op.drop_column(table, state)
        op.drop_column(table, "sequence")
    op.drop_index("ix_substitutions_substitute", table_name="substitutions")
    op.drop_table("substitutions")
