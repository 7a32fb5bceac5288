"""Courses, publications, progress, and what is known of classes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "class_unlocks",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("class_id", "lesson_id"),
    )
    op.create_table(
        "classes",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("instructor_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("class_id"),
    )
    op.create_index("ix_classes_course_instructor", "classes", ["course_id", "instructor_id"], unique=False)
    op.create_table(
        "courses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("instructor_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("has_unpublished_changes", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('draft', 'published', 'archived')", name="ck_courses_status"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_courses_instructor", "courses", ["instructor_id", "id"], unique=False)
    op.create_table(
        "enrollments",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("class_id", "student_id"),
    )
    op.create_index("ix_enrollments_student_course", "enrollments", ["student_id", "course_id"], unique=False)
    op.create_table(
        "progress",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("exercises_done", sa.Integer(), nullable=False),
        sa.Column("exercises_total", sa.Integer(), nullable=False),
        sa.Column("lessons_done", sa.Integer(), nullable=False),
        sa.Column("lessons_total", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_activity_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("student_id", "course_id", name="uq_progress_student_course"),
    )
    op.create_index("ix_progress_course", "progress", ["course_id", "student_id"], unique=False)
    op.create_table(
        "student_unlocks",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("class_id", "student_id", "lesson_id"),
    )
    op.create_table(
        "completed_exercises",
        sa.Column("progress_id", sa.Uuid(), nullable=False),
        sa.Column("exercise_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["progress_id"], ["progress.id"], name="fk_completed_exercises_progress"),
        sa.PrimaryKeyConstraint("progress_id", "exercise_id"),
    )
    op.create_table(
        "completed_lessons",
        sa.Column("progress_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["progress_id"], ["progress.id"], name="fk_completed_lessons_progress"),
        sa.PrimaryKeyConstraint("progress_id", "lesson_id"),
    )
    op.create_table(
        "exercises",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text_digest", sa.Text(), nullable=False),
        sa.Column("text_size", sa.Integer(), nullable=False),
        sa.Column("required_minutes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name="fk_exercises_course", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_exercises_course_lesson", "exercises", ["course_id", "lesson_id"], unique=False)
    op.create_table(
        "lessons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text_digest", sa.Text(), nullable=False),
        sa.Column("text_size", sa.Integer(), nullable=False),
        sa.Column("video_url", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name="fk_lessons_course", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_lessons_course_section", "lessons", ["course_id", "section_id"], unique=False)
    op.create_table(
        "publications",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("instructor_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("lessons_total", sa.Integer(), nullable=False),
        sa.Column("exercises_total", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name="fk_publications_course", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("course_id", "revision"),
    )
    op.create_table(
        "sections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name="fk_sections_course", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sections_course", "sections", ["course_id"], unique=False)
    op.create_table(
        "texts",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name="fk_texts_course", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("course_id", "digest"),
    )
    op.create_table(
        "published_exercises",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("exercise_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text_digest", sa.Text(), nullable=False),
        sa.Column("required_minutes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id", "revision"],
            ["publications.course_id", "publications.revision"],
            name="fk_published_exercises_publication",
        ),
        sa.PrimaryKeyConstraint("course_id", "revision", "exercise_id"),
    )
    op.create_index("ix_published_exercises_exercise", "published_exercises", ["exercise_id"], unique=False)
    op.create_index(
        "ix_published_exercises_lesson", "published_exercises", ["course_id", "revision", "lesson_id"], unique=False
    )
    op.create_table(
        "published_lessons",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=False),
        sa.Column("section_title", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text_digest", sa.Text(), nullable=False),
        sa.Column("video_url", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id", "revision"],
            ["publications.course_id", "publications.revision"],
            name="fk_published_lessons_publication",
        ),
        sa.PrimaryKeyConstraint("course_id", "revision", "lesson_id"),
    )
    op.create_index("ix_published_lessons_lesson", "published_lessons", ["lesson_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_published_lessons_lesson", table_name="published_lessons")
    op.drop_table("published_lessons")
    op.drop_index("ix_published_exercises_lesson", table_name="published_exercises")
    op.drop_index("ix_published_exercises_exercise", table_name="published_exercises")
    op.drop_table("published_exercises")
    op.drop_table("texts")
    op.drop_index("ix_sections_course", table_name="sections")
    op.drop_table("sections")
    op.drop_table("publications")
    op.drop_index("ix_lessons_course_section", table_name="lessons")
    op.drop_table("lessons")
    op.drop_index("ix_exercises_course_lesson", table_name="exercises")
    op.drop_table("exercises")
    op.drop_table("completed_lessons")
    op.drop_table("completed_exercises")
    op.drop_table("student_unlocks")
    op.drop_index("ix_progress_course", table_name="progress")
    op.drop_table("progress")
    op.drop_index("ix_enrollments_student_course", table_name="enrollments")
    op.drop_table("enrollments")
    op.drop_index("ix_courses_instructor", table_name="courses")
    op.drop_table("courses")
    op.drop_index("ix_classes_course_instructor", table_name="classes")
    op.drop_table("classes")
    op.drop_table("class_unlocks")
