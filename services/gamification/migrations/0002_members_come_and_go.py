"""Members leave classes and come back, and classes change hands: each fact has its place in time."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("classes", "class_members"):
        # What was heard so far gives way to any event that is still to come.
        op.add_column(table, sa.Column("sequence", sa.Integer(), server_default="0", nullable=False))
        op.alter_column(table, "sequence", server_default=None)
    op.add_column("class_members", sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.alter_column("class_members", "active", server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM class_members WHERE NOT active")
    op.drop_column("class_members", "active")
    op.drop_column("class_members", "sequence")
    op.drop_column("classes", "sequence")
