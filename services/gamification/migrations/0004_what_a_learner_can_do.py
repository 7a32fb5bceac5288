"""What a learner can do, where they live, when the academy is closed, and who is to be counted anew."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
