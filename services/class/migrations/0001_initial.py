"""Classes, timetables, attendance, credits, open lessons, and what is known of courses and people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSERT_ONLY = ("credit_entries", "attendance_revisions", "enrollment_changes")


def _what_tables_rest_on() -> None:
    # Provisioned with the database; by itself only where the migrating role may.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(
        """
        CREATE FUNCTION lots_remaining(lots jsonb) RETURNS integer IMMUTABLE LANGUAGE sql AS $$
            SELECT coalesce(sum((lot->>'remaining')::integer), 0)::integer FROM jsonb_array_elements(lots) AS lot
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END $$
        """
    )


def _what_refers_to_them() -> None:
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=True),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(token_digest) = 32", name="ck_calendar_feeds_token"),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_calendar_feeds_class", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "owner_id", "class_id", name="uq_calendar_feeds_owner", postgresql_nulls_not_distinct=True
        ),
        sa.UniqueConstraint("token_digest", name="uq_calendar_feeds_token"),
    )
    op.create_index("ix_calendar_feeds_class", "calendar_feeds", ["class_id"], unique=False)
    op.create_table(
        "vouchers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("excused", sa.Boolean(), nullable=False),
        sa.Column("lapsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("host_class_id", sa.Uuid(), nullable=True),
        sa.Column("host_meeting_id", sa.Uuid(), nullable=True),
        sa.Column("host_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("host_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booked_by", sa.Uuid(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'booked', 'used', 'missed', 'revoked', 'expired')", name="ck_vouchers_status"
        ),
        sa.CheckConstraint(
            "(status IN ('booked', 'used', 'missed')) = (host_meeting_id IS NOT NULL)", name="ck_vouchers_booking"
        ),
        sa.CheckConstraint(
            "num_nulls(host_class_id, host_meeting_id, host_starts_at, host_ends_at, booked_by, booked_at) IN (0, 6)",
            name="ck_vouchers_host",
        ),
        sa.CheckConstraint("excused OR status <> 'open'", name="ck_vouchers_excused"),
        sa.ForeignKeyConstraint(["attendance_id"], ["attendances.id"], name="fk_vouchers_attendance"),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_vouchers_class", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["enrollment_id"], ["credit_accounts.id"], name="fk_vouchers_account"),
        sa.ForeignKeyConstraint(["host_class_id"], ["classes.id"], name="fk_vouchers_host_class"),
        sa.ForeignKeyConstraint(["host_meeting_id"], ["meetings.id"], name="fk_vouchers_host_meeting"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_vouchers_meeting"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("attendance_id", name="uq_vouchers_attendance"),
    )
    op.create_index("ix_vouchers_class", "vouchers", ["class_id"], unique=False)
    op.create_index("ix_vouchers_enrollment", "vouchers", ["enrollment_id"], unique=False)
    op.create_index(
        "ix_vouchers_expiry", "vouchers", ["expires_at"], unique=False, postgresql_where=sa.text("status = 'open'")
    )
    op.create_index(
        "ix_vouchers_host_class",
        "vouchers",
        ["host_class_id"],
        unique=False,
        postgresql_where=sa.text("status = 'booked'"),
    )
    op.create_index("ix_vouchers_host_meeting", "vouchers", ["host_meeting_id", "student_id"], unique=False)
    op.create_index("ix_vouchers_issued", "vouchers", ["issued_at", "id"], unique=False)
    op.create_index("ix_vouchers_meeting", "vouchers", ["meeting_id"], unique=False)
    op.create_index("ix_vouchers_student", "vouchers", ["student_id", "issued_at", "id"], unique=False)
    op.create_index(
        "ix_vouchers_unmarked",
        "vouchers",
        ["host_ends_at"],
        unique=False,
        postgresql_where=sa.text("status = 'booked'"),
    )


def upgrade() -> None:
    _what_tables_rest_on()
    op.create_table(
        "holidays",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_date <= last_date", name="ck_holidays_order"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_holidays_last_date", "holidays", ["last_date"], unique=False)
    op.create_table(
        "classes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("instructor_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("package", sa.Integer(), nullable=False),
        sa.Column("zero_balance", sa.Text(), nullable=False),
        sa.Column("excuse_deadline_minutes", sa.Integer(), nullable=False),
        sa.Column("make_up_days", sa.Integer(), nullable=True),
        sa.Column("credit_days", sa.Integer(), nullable=True),
        sa.Column("offer_hours", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('draft', 'active', 'completed', 'cancelled')", name="ck_classes_status"),
        sa.CheckConstraint("type IN ('group', 'private')", name="ck_classes_type"),
        sa.CheckConstraint("zero_balance IN ('refuse', 'owe')", name="ck_classes_zero_balance"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_classes_course", "classes", ["course_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_classes_active",
        "classes",
        ["course_id", "type"],
        unique=False,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index("ix_classes_created", "classes", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_classes_name", "classes", [sa.text("to_tsvector('simple'::regconfig, name)")], postgresql_using="gin"
    )
    op.create_index("ix_classes_instructor", "classes", ["instructor_id", "created_at", "id"], unique=False)
    op.create_table(
        "courses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "course_lessons",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name="fk_course_lessons_course", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("course_id", "lesson_id"),
    )
    op.create_index("ix_course_lessons_lesson", "course_lessons", ["lesson_id"], unique=False)
    op.create_table(
        "enrollments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("enrolled_by", sa.Uuid(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('enrolled', 'withdrawn', 'transferred')", name="ck_enrollments_status"),
        sa.CheckConstraint("(status = 'enrolled') = (left_at IS NULL)", name="ck_enrollments_left"),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_enrollments_class", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("class_id", "student_id", name="uq_enrollments_student"),
    )
    op.create_index("ix_enrollments_student", "enrollments", ["student_id", "class_id"], unique=False)
    op.create_index(
        "ix_enrollments_seats",
        "enrollments",
        ["class_id"],
        unique=False,
        postgresql_where=sa.text("status = 'enrolled'"),
    )
    op.create_table(
        "enrollment_changes",
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("other_class_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "change IN ('enrolled', 'resumed', 'withdrawn', 'transferred')", name="ck_enrollment_changes_change"
        ),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollments.id"], name="fk_enrollment_changes_enrollment"),
        sa.PrimaryKeyConstraint("enrollment_id", "number"),
    )
    op.create_table(
        "waiting_list",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_by", sa.Uuid(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(offered_at IS NULL) = (offer_expires_at IS NULL)", name="ck_waiting_list_offer"),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_waiting_list_class", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("class_id", "student_id"),
        sa.UniqueConstraint("class_id", "number", name="uq_waiting_list_number"),
    )
    op.create_index(
        "ix_waiting_list_expiry",
        "waiting_list",
        ["offer_expires_at"],
        unique=False,
        postgresql_where=sa.text("offer_expires_at IS NOT NULL"),
    )
    op.create_index("ix_waiting_list_student", "waiting_list", ["student_id"], unique=False)
    op.create_table(
        "open_lessons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_open_lessons_class", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("class_id", name="uq_open_lessons_class"),
    )
    op.create_table(
        "lesson_unlocks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("open_lessons_id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=True),
        sa.Column("unlocked_by", sa.Uuid(), nullable=False),
        sa.Column("unlocked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["open_lessons_id"], ["open_lessons.id"], name="fk_lesson_unlocks_open_lessons", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "class_id", "lesson_id", "student_id", name="uq_lesson_unlocks_lesson", postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index("ix_lesson_unlocks_open_lessons", "lesson_unlocks", ["open_lessons_id"], unique=False)
    op.create_table(
        "timetables",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("instructor_id", sa.Uuid(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=False),
        sa.Column("local_time", sa.Time(), nullable=False),
        sa.Column("weekdays", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("total_meetings", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_timetables_class", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("class_id", name="uq_timetables_class"),
    )
    op.create_table(
        "meetings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("timetable_id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("local_time", sa.Time(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("instructor_id", sa.Uuid(), nullable=False),
        sa.Column("substitute_id", sa.Uuid(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('planned', 'cancelled')", name="ck_meetings_status"),
        sa.CheckConstraint("starts_at < ends_at", name="ck_meetings_order"),
        sa.ForeignKeyConstraint(
            ["timetable_id"], ["timetables.id"], name="fk_meetings_timetable", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("timetable_id", "number", name="uq_meetings_number"),
        postgresql.ExcludeConstraint(
            (sa.column("instructor_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("status = 'planned'"),
            using="gist",
            name="ex_meetings_instructor",
            deferrable=True,
            initially="IMMEDIATE",
        ),
    )
    op.create_index(
        "ix_meetings_date", "meetings", ["local_date"], unique=False, postgresql_where=sa.text("status = 'planned'")
    )
    op.create_index(
        "ix_meetings_substitute",
        "meetings",
        ["substitute_id", "class_id"],
        unique=False,
        postgresql_where=sa.text("substitute_id IS NOT NULL"),
    )
    op.create_index("ix_meetings_instructor", "meetings", ["instructor_id", "starts_at", "id"], unique=False)
    op.create_index("ix_meetings_class_start", "meetings", ["class_id", "starts_at", "id"], unique=False)
    op.create_index("ix_meetings_start", "meetings", ["starts_at", "id"], unique=False)
    op.create_table(
        "guest_seats",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_guest_seats_class", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_guest_seats_meeting"),
        sa.PrimaryKeyConstraint("meeting_id", "student_id", "starts_at"),
    )
    op.create_index("ix_guest_seats_class_start", "guest_seats", ["class_id", "starts_at"], unique=False)
    op.create_table(
        "attendances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("marked_by", sa.Uuid(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('present', 'late', 'absent', 'excused')", name="ck_attendances_status"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_attendances_meeting"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("meeting_id", "student_id", name="uq_attendances_student"),
    )
    op.create_index("ix_attendances_class", "attendances", ["class_id", "student_id"], unique=False)
    op.create_index("ix_attendances_student", "attendances", ["student_id", "meeting_id"], unique=False)
    op.create_table(
        "credit_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("zero_balance", sa.Text(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Integer(), nullable=False),
        sa.Column("lots", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("next_expiry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("last_entry_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_to", sa.Uuid(), nullable=True),
        sa.CheckConstraint("balance = lots_remaining(lots) - owed", name="ck_credit_accounts_balance"),
        sa.CheckConstraint("balance >= 0 OR zero_balance = 'owe'", name="ck_credit_accounts_zero_balance"),
        sa.CheckConstraint("owed = 0 OR (owed > 0 AND zero_balance = 'owe')", name="ck_credit_accounts_owed"),
        sa.CheckConstraint("gone_to IS NULL OR closed_at IS NOT NULL", name="ck_credit_accounts_gone_to"),
        sa.ForeignKeyConstraint(["id"], ["enrollments.id"], name="fk_credit_accounts_enrollment", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["gone_to"],
            ["credit_accounts.id"],
            name="fk_credit_accounts_gone_to",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("class_id", "student_id", name="uq_credit_accounts_student"),
    )
    op.create_index(
        "ix_credit_accounts_expiry",
        "credit_accounts",
        ["next_expiry_at"],
        unique=False,
        postgresql_where=sa.text("next_expiry_at IS NOT NULL"),
    )
    op.create_table(
        "attendance_revisions",
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("previous_status", sa.Text(), nullable=True),
        sa.Column("marked_by", sa.Uuid(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["attendance_id"], ["attendances.id"], name="fk_attendance_revisions_attendance"),
        sa.PrimaryKeyConstraint("attendance_id", "revision"),
    )
    op.create_table(
        "attendance_tallies",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("absent", sa.Integer(), nullable=False),
        sa.Column("excused", sa.Integer(), nullable=False),
        sa.Column("last_attended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_attendance_tallies_class", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("class_id", "student_id"),
    )
    op.create_table(
        "credit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("attendance_revision", sa.Integer(), nullable=True),
        sa.Column("posted_by", sa.Uuid(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("other_class_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(meeting_id IS NOT NULL AND attendance_revision IS NOT NULL) = (cause IN ('attendance', 'correction'))",
            name="ck_credit_entries_meeting",
        ),
        sa.CheckConstraint("cause <> 'manual' OR reason IS NOT NULL", name="ck_credit_entries_reason"),
        sa.CheckConstraint(
            "cause IN ('package', 'purchase', 'manual', 'attendance', 'correction', "
            "'make_up', 'settlement', 'expiry', 'transfer')",
            name="ck_credit_entries_cause",
        ),
        sa.CheckConstraint(
            "lot_id IS NOT NULL OR cause IN ('manual', 'attendance', 'correction', 'settlement')",
            name="ck_credit_entries_lot",
        ),
        sa.CheckConstraint(
            "posted_by IS NOT NULL OR cause IN ('expiry', 'make_up', 'settlement')",
            name="ck_credit_entries_posted_by",
        ),
        sa.CheckConstraint("(reference IS NOT NULL) = (cause = 'purchase')", name="ck_credit_entries_reference"),
        sa.CheckConstraint(
            "(other_class_id IS NOT NULL) = (cause = 'transfer')", name="ck_credit_entries_other_class"
        ),
        sa.CheckConstraint("amount <> 0", name="ck_credit_entries_amount"),
        sa.ForeignKeyConstraint(["enrollment_id"], ["credit_accounts.id"], name="fk_credit_entries_account"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name="fk_credit_entries_meeting"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "enrollment_id", "meeting_id", "attendance_revision", name="uq_credit_entries_attendance"
        ),
        sa.UniqueConstraint("enrollment_id", "number", name="uq_credit_entries_number"),
    )
    _what_refers_to_them()

    # What was written there stays as it was written, whoever tries to change it.
    for table in INSERT_ONLY:
        op.execute(
            f"CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("vouchers")
    op.drop_index("ix_calendar_feeds_class", table_name="calendar_feeds")
    op.drop_table("calendar_feeds")
    op.drop_table("credit_entries")
    op.drop_table("attendance_tallies")
    op.drop_table("attendance_revisions")
    op.execute("DROP FUNCTION refuse_change")
    op.drop_index("ix_credit_accounts_expiry", table_name="credit_accounts")
    op.drop_table("credit_accounts")
    op.execute("DROP FUNCTION lots_remaining")
    op.drop_index("ix_attendances_student", table_name="attendances")
    op.drop_index("ix_attendances_class", table_name="attendances")
    op.drop_table("attendances")
    op.drop_index("ix_guest_seats_class_start", table_name="guest_seats")
    op.drop_table("guest_seats")
    op.drop_index("ix_meetings_start", table_name="meetings")
    op.drop_index("ix_meetings_instructor", table_name="meetings")
    op.drop_index("ix_meetings_substitute", table_name="meetings")
    op.drop_index("ix_meetings_class_start", table_name="meetings")
    op.drop_index("ix_meetings_date", table_name="meetings")
    op.drop_table("meetings")
    op.drop_table("timetables")
    op.drop_index("ix_lesson_unlocks_open_lessons", table_name="lesson_unlocks")
    op.drop_table("lesson_unlocks")
    op.drop_table("open_lessons")
    op.drop_index("ix_waiting_list_student", table_name="waiting_list")
    op.drop_index("ix_waiting_list_expiry", table_name="waiting_list")
    op.drop_table("waiting_list")
    op.drop_table("enrollment_changes")
    op.drop_index("ix_enrollments_seats", table_name="enrollments")
    op.drop_index("ix_enrollments_student", table_name="enrollments")
    op.drop_table("enrollments")
    op.drop_index("ix_course_lessons_lesson", table_name="course_lessons")
    op.drop_table("course_lessons")
    op.drop_table("courses")
    op.drop_index("ix_classes_name", table_name="classes")
    op.drop_index("ix_classes_instructor", table_name="classes")
    op.drop_index("ix_classes_created", table_name="classes")
    op.drop_index("ix_classes_active", table_name="classes")
    op.drop_index("ix_classes_course", table_name="classes")
    op.drop_table("classes")
    op.drop_index("ix_holidays_last_date", table_name="holidays")
    op.drop_table("holidays")
