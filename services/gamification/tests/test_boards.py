from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from babyowl_chassis.ids import new_id
from gamification.domain.boards import (
    FIRST_MOMENT,
    MOST_XP,
    Board,
    Period,
    Ranked,
    best_code_of,
    decoded,
    place_code,
    ranked,
)
from gamification.domain.calendar import Academy
from gamification.domain.scores import ACADEMY_ID, Scope, ScoreKey, ScorePeriod

points = st.integers(1, MOST_XP)
moments = st.integers(0, 2**31 - 1).map(lambda seconds: FIRST_MOMENT + timedelta(seconds=seconds))
places = st.tuples(points, moments, st.uuids())


@given(st.lists(places, unique=True))
def test_codes_and_ids_are_in_the_order_of_places(of_learners: list[tuple[int, datetime, UUID]]) -> None:
    by_rule = sorted(of_learners, key=lambda place: (-place[0], place[1], place[2]))
    by_code = sorted(of_learners, key=lambda place: (place_code(place[0], place[1]), place[2].bytes))
    assert by_code == by_rule


@given(points, moments)
def test_a_code_survives_the_way_through_a_float_and_tells_points_and_moment(xp: int, moment: datetime) -> None:
    code = place_code(xp, moment)
    assert int(float(code)) == code
    assert decoded(code) == (xp, moment)


@given(points, moments, points, moments)
def test_whoever_is_before_the_best_code_of_some_points_has_more(
    xp: int, moment: datetime, others: int, their_moment: datetime
) -> None:
    assert (place_code(others, their_moment) < best_code_of(xp)) == (others > xp)


@given(st.integers(1, 2**31 - 1), st.datetimes(datetime(1990, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_what_a_code_has_no_room_for_is_at_its_edge_and_so_never_among_the_others(xp: int, moment: datetime) -> None:
    code = place_code(xp, moment)
    assert 0 <= code < 2**53
    assert decoded(code)[0] == min(xp, MOST_XP)


def rank_among(place: tuple[int, datetime, UUID], everybody: list[tuple[int, datetime, UUID]]) -> int:
    return 1 + sum(other[0] > place[0] for other in everybody)


@given(st.lists(st.tuples(st.integers(1, 4), moments, st.uuids()), unique=True, min_size=1), st.data())
def test_a_stretch_of_a_board_has_the_ranks_of_the_whole(
    of_learners: list[tuple[int, datetime, UUID]], data: st.DataObject
) -> None:
    board = sorted(of_learners, key=lambda place: (-place[0], place[1], place[2]))
    start = data.draw(st.integers(0, len(board) - 1))
    better = sum(place[0] > board[start][0] for place in board)
    stretch = [(player_id, place_code(xp, moment)) for xp, moment, player_id in board[start:]]
    assert list(ranked(stretch, before=start, better=better)) == [
        Ranked(rank_among(place, board), place[2], place[0], place[1]) for place in board[start:]
    ]


def academy_at(moment: datetime, zone: str) -> Academy:
    return Academy(ZoneInfo(zone), lambda: moment)


def test_weeks_and_months_begin_by_the_academys_clock() -> None:
    sunday_evening = datetime(2026, 5, 31, 17, tzinfo=ZoneInfo("UTC"))
    in_hanoi = academy_at(sunday_evening, "Asia/Ho_Chi_Minh")
    assert Board.of_today(Period.WEEKLY, in_hanoi).starts_on == date(2026, 6, 1)
    assert Board.of_today(Period.MONTHLY, in_hanoi).starts_on == date(2026, 6, 1)
    in_london = academy_at(sunday_evening, "Europe/London")
    assert Board.of_today(Period.WEEKLY, in_london).starts_on == date(2026, 5, 25)
    assert Board.of_today(Period.MONTHLY, in_london).starts_on == date(2026, 5, 1)
    assert Board.of_today(Period.ALL_TIME, in_london).starts_on is None


def test_a_class_is_ranked_by_all_points_and_a_course_by_its_own() -> None:
    academy, class_id, course_id = academy_at(FIRST_MOMENT, "UTC"), new_id(), new_id()
    of_class = Board.of_today(Period.ALL_TIME, academy, class_id=class_id)
    assert (of_class.scores.scope, of_class.scores.scope_id) == (Scope.ACADEMY, ACADEMY_ID)
    of_course = Board.of_today(Period.ALL_TIME, academy, course_id=course_id)
    assert of_course == Board(ScoreKey(Scope.COURSE, course_id, ScorePeriod.ALL, date.min))
    assert of_course.course_id == course_id
