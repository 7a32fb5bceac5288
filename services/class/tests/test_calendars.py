"""Calendars over HTTP, as calendar programs meet them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import httpx
import pytest
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event, EventStatus
from structlog.testing import capture_logs

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, acquaint, answered, refused

from .office import YESTERDAY, Office

pytestmark = pytest.mark.infra

BASE = "http://127.0.0.1:8080"


@pytest.fixture
async def office(served: Serving) -> Office:
    return await Office.open(served)


async def link(client: httpx.AsyncClient, class_id: str | None = None, **headers: str) -> str:
    """A new link of this person: the path that it leads to."""
    made = answered(await client.post(path_of(class_id), headers=headers), 201)
    assert made["class_id"] == class_id
    url: str = made["url"]
    assert url.startswith(f"{BASE}/api/v1/calendars/")
    assert url.endswith(".ics")
    return url.removeprefix(BASE)


def path_of(class_id: str | None) -> str:
    return f"/api/v1/classes/{class_id}/calendar-link" if class_id else "/api/v1/calendar-link"


async def calendar(office: Office, path: str) -> Calendar:
    """What a calendar program sees there."""
    answer = await office.served.client.get(path)
    assert answer.status_code == 200, answer.text
    return IcsCalendarStream.calendar_from_ics(answer.text)


async def shown(office: Office, path: str) -> set[str]:
    return {str(event.uid) for event in (await calendar(office, path)).events}


async def event_of(office: Office, path: str, meeting: dict[str, Any]) -> Event:
    """The meeting, as the calendar there shows it."""
    read = await calendar(office, path)
    [event] = [each for each in read.events if str(each.uid) in uids({"meetings": [meeting]})]
    return event


def uids(*classes: dict[str, Any]) -> set[str]:
    return {f"{meeting['id']}@babyowl.academy" for class_ in classes for meeting in class_["meetings"]}


async def staff(office: Office) -> httpx.AsyncClient:
    """Somebody of the office whom Identity has told of."""
    return office.served.as_("staff", await office.register("staff", "Stella Staff"))


def moments(meetings: Iterable[dict[str, Any]]) -> dict[str, tuple[datetime, datetime]]:
    return {
        f"{each['id']}@babyowl.academy": (
            datetime.fromisoformat(each["starts_at"]),
            datetime.fromisoformat(each["ends_at"]),
        )
        for each in meetings
    }


class TestLinks:
    async def test_a_link_opens_the_calendar_to_whoever_has_it(self, office: Office) -> None:
        class_, [student_id] = await office.running("Sam Student", name="Owls, brave; 🦉")
        path = await link(office.student(student_id), class_["id"])
        answer = await office.served.client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert answer.headers["cache-control"] == "private, no-cache"
        assert "X-WR-CALNAME:Owls\\, brave\\; 🦉\r\n" in answer.text
        assert uids(class_) == await shown(office, path)

    async def test_a_new_link_ends_the_old_one_and_both_are_as_long_as_a_secret_has_to_be(
        self, office: Office
    ) -> None:
        old, new = await link(office.instructor), await link(office.instructor)
        assert len(old.rpartition("/")[2].removesuffix(".ics")) == 43
        assert refused(await office.served.client.get(old)) == (404, "calendar_link_not_found")
        assert (await office.served.client.get(new)).status_code == 200

    async def test_the_same_request_again_gives_another_link_and_the_one_told_last_is_good(
        self, office: Office
    ) -> None:
        headers = {"Idempotency-Key": "calendar-1"}
        first, second = await link(office.instructor, **headers), await link(office.instructor, **headers)
        assert first != second
        assert (await office.served.client.get(second)).status_code == 200

    async def test_a_revoked_link_leads_nowhere(self, office: Office) -> None:
        path = await link(office.instructor)
        assert (await office.instructor.delete(path_of(None))).status_code == 204
        assert refused(await office.served.client.get(path)) == (404, "calendar_link_not_found")
        assert refused(await office.instructor.delete(path_of(None))) == (404, "calendar_link_not_found")

    async def test_a_wrong_link_is_answered_like_a_revoked_one(self, office: Office) -> None:
        path = await link(office.instructor)
        guessed = path.replace(path[-10:-4], "AAAAAA")
        wrong = await office.served.client.get(guessed)
        await office.instructor.delete(path_of(None))
        revoked = await office.served.client.get(path)
        told = [{**answer.json(), "instance": None, "request_id": None} for answer in (wrong, revoked)]
        assert told[0] == told[1]
        for odd in ("x", "%00", "%ED%A0%80", "ü" * 500):
            answer = await office.served.client.get(f"/api/v1/calendars/{odd}.ics")
            assert refused(answer) == (404, "calendar_link_not_found")

    async def test_nobody_gets_a_link_to_a_class_they_do_not_see(self, office: Office) -> None:
        class_ = await office.planned()
        stranger = office.student(await office.register("student", "Stranger"))
        assert refused(await stranger.post(path_of(class_["id"]))) == (404, "class_not_found")
        assert refused(await office.staff.post(path_of(str(new_id())))) == (404, "class_not_found")

    async def test_the_token_is_written_down_nowhere(self, office: Office) -> None:
        with capture_logs() as lines:
            path = await link(office.instructor, **{"Idempotency-Key": "calendar-2"})
            await office.served.client.get(path)
            await office.instructor.delete(path_of(None))
            await office.served.client.get(path)
        token = path.rpartition("/")[2].removesuffix(".ics")
        assert [line["route"] for line in lines if line["event"] == "request"].count(
            "/api/v1/calendars/{token}.ics"
        ) == 2
        assert token not in str(lines)
        database = office.served.resources.database
        tables = await database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        assert {"calendar_feeds", "idempotency_keys", "event_log"} <= {table["tablename"] for table in tables}
        for table in tables:
            written = await database.fetch(f'SELECT t::text AS line FROM "{table["tablename"]}" t')
            assert token not in str([row["line"] for row in written])


class TestContent:
    async def test_every_meeting_is_at_its_moments(self, office: Office) -> None:
        class_, [student_id] = await office.running("Sam Student", total_meetings=60)
        read = await calendar(office, await link(office.student(student_id), class_["id"]))
        told = {event.uid: (event.dtstart, event.dtend) for event in read.events}
        assert told == moments(class_["meetings"])
        assert read.events[0].summary == "Owls, meeting 1"

    async def test_nobody_is_named(self, office: Office) -> None:
        class_, [student_id] = await office.running("Sam Student")
        for client in (await staff(office), office.instructor, office.student(student_id)):
            answer = await office.served.client.get(await link(client, class_["id"]))
            assert answer.status_code == 200
            assert [name for name in ("Sam", "Ina", "Stella", str(student_id)) if name in answer.text] == []

    async def test_from_sixty_days_ago_to_two_years_ahead(self, office: Office) -> None:
        schedule = office.plan()["schedule"] | {"first_date": (YESTERDAY - timedelta(days=84)).isoformat()}
        class_, [student_id] = await office.running("Sam", total_meetings=130, schedule=schedule)
        now = datetime.now(UTC)
        reach = now - timedelta(days=60), now + timedelta(days=730)
        within = {uid for uid, (start, _) in moments(class_["meetings"]).items() if reach[0] <= start < reach[1]}
        assert 100 < len(within) < 130
        for path in (
            await link(await staff(office), class_["id"]),
            await link(office.student(student_id)),
            await link(office.instructor),
        ):
            assert await shown(office, path) == within


class TestWhoseMeetings:
    async def test_a_students_own_calendar_has_all_classes_they_attend(self, office: Office) -> None:
        one, [student_id] = await office.running("Sam Student")
        colleague = await office.register("instructor", "Colleague")
        two = await office.planned(instructor_id=str(colleague), name="Kiwis")
        path = f"/api/v1/classes/{two['id']}/enrollments"
        answered(await office.staff.post(path, json={"student_id": str(student_id)}), 201)
        await office.planned(instructor_id=str(await office.register("instructor", "Another")))
        mine = await link(office.student(student_id))
        assert await shown(office, mine) == uids(one, two)
        assert "X-WR-CALNAME:Baby Owl\r\n" in (await office.served.client.get(mine)).text

    async def test_an_instructors_own_calendar_has_the_meetings_they_teach(self, office: Office) -> None:
        class_ = await office.planned()
        colleague = await office.register("instructor", "Colleague")
        mine = await link(office.instructor)
        theirs = await link(office.served.as_("instructor", colleague))
        assert (await shown(office, mine), await shown(office, theirs)) == (uids(class_), set())

    async def test_the_office_has_none_of_its_own_and_may_subscribe_to_any_class(self, office: Office) -> None:
        class_ = await office.planned()
        stella = await staff(office)
        assert await shown(office, await link(stella)) == set()
        assert await shown(office, await link(stella, class_["id"])) == uids(class_)


class TestEachReading:
    """What its owner may not see any more, a link does not show any more."""

    async def test_who_is_deactivated_has_no_calendar_until_they_are_back(self, office: Office) -> None:
        class_, [student_id] = await office.running("Sam Student")
        paths = [await link(office.student(student_id)), await link(office.student(student_id), class_["id"])]
        database = office.served.resources.database
        await acquaint(database, student_id, status="deactivated")
        for path in paths:
            assert (await office.served.client.get(path)).status_code == 404
        await acquaint(database, student_id, status="active")
        for path in paths:
            assert (await office.served.client.get(path)).status_code == 200

    async def test_who_instructs_no_more_teaches_nothing(self, office: Office) -> None:
        class_ = await office.planned()
        own, of_class = await link(office.instructor), await link(office.instructor, class_["id"])
        assert await shown(office, own) == await shown(office, of_class) == uids(class_)
        await office.register("student", "Ina", office.instructor_id)
        assert await shown(office, own) == set()
        assert (await office.served.client.get(of_class)).status_code == 404

    async def test_whom_the_office_lets_go_sees_no_class(self, office: Office) -> None:
        class_ = await office.planned()
        staff_id = await office.register("staff", "Stella")
        path = await link(office.served.as_("staff", staff_id), class_["id"])
        assert (await office.served.client.get(path)).status_code == 200
        await office.register("student", "Stella", staff_id)
        assert (await office.served.client.get(path)).status_code == 404

    async def test_who_has_left_a_class_sees_nothing_of_it_until_they_are_back(self, office: Office) -> None:
        class_ = await office.planned(type="private")
        student_id = await office.enroll(class_["id"])
        student = office.student(student_id)
        own, of_class = await link(student), await link(student, class_["id"])
        enrollments = f"/api/v1/classes/{class_['id']}/enrollments"
        withdrawal = f"{enrollments}/{student_id}/withdrawal"
        answered(await office.staff.post(withdrawal, json={"reason": "Moved away"}))
        assert await shown(office, own) == set()
        assert (await office.served.client.get(of_class)).status_code == 404
        answered(await office.staff.post(enrollments, json={"student_id": str(student_id)}), 201)
        assert await shown(office, own) == await shown(office, of_class) == uids(class_)


class TestWhatBecomesOfMeetings:
    async def test_a_moved_meeting_is_the_same_event_at_another_time(self, office: Office) -> None:
        class_ = await office.planned()
        path, meeting = await link(office.instructor, class_["id"]), class_["meetings"][3]
        there = f"/api/v1/classes/{class_['id']}/meetings/{meeting['id']}"
        tag = (await office.served.client.get(path)).headers["etag"]
        moved = answered(await office.staff.patch(there, json={"local_time": "18:45", "duration_minutes": 30}))
        event = await event_of(office, path, meeting)
        assert (event.dtstart, event.dtend) == moments([moved])[str(event.uid)]
        assert f"{event.dtstart:%H:%M}" == "18:45"
        assert (event.sequence, event.status) == (1, EventStatus.CONFIRMED)
        assert (await office.served.client.get(path, headers={"If-None-Match": tag})).status_code == 200

    async def test_a_cancelled_meeting_stays_and_the_one_instead_of_it_is_another(self, office: Office) -> None:
        class_ = await office.planned()
        path, meeting = await link(office.instructor), class_["meetings"][3]
        there = f"/api/v1/classes/{class_['id']}/meetings/{meeting['id']}/cancellation"
        outcome = answered(await office.staff.post(there, json={"reason": "Sam is ill"}))
        event = await event_of(office, path, meeting)
        assert (event.sequence, event.status) == (1, EventStatus.CANCELLED)
        assert (event.dtstart, event.dtend) == moments([meeting])[str(event.uid)]
        assert await shown(office, path) == uids(class_, {"meetings": [outcome["replacement"]]})
        assert "Sam" not in (await office.served.client.get(path)).text

    async def test_of_a_cancelled_class_what_was_ahead_is_cancelled(self, office: Office) -> None:
        class_, [student_id] = await office.running("Sam Student")
        path = await link(office.student(student_id))
        cancellation = f"/api/v1/classes/{class_['id']}/cancellation"
        answered(await office.staff.post(cancellation, json={"reason": "Too few"}))
        now = datetime.now(UTC)
        ahead = {uid for uid, (start, _) in moments(class_["meetings"]).items() if start > now}
        events = (await calendar(office, path)).events
        assert {str(event.uid) for event in events if event.status == EventStatus.CANCELLED} == ahead
        assert {str(event.uid) for event in events} == uids(class_)

    async def test_a_substituted_meeting_is_in_the_calendar_of_who_teaches_it(self, office: Office) -> None:
        class_ = await office.planned()
        meeting = {"meetings": [class_["meetings"][3]]}
        substitute_id = await office.register("instructor", "Sub")
        substitute = office.served.as_("instructor", substitute_id)
        mine, theirs = await link(office.instructor), await link(substitute)
        there = f"/api/v1/classes/{class_['id']}/meetings/{class_['meetings'][3]['id']}/substitute"
        answered(await office.staff.put(there, json={"instructor_id": str(substitute_id)}))
        assert await shown(office, mine) == uids(class_) - uids(meeting)
        assert await shown(office, theirs) == uids(meeting)
        of_class = await link(substitute, class_["id"])
        assert await shown(office, of_class) == uids(class_)
        answered(await office.staff.delete(there))
        assert (await shown(office, mine), await shown(office, theirs)) == (uids(class_), set())
        assert (await office.served.client.get(of_class)).status_code == 404

    async def test_a_booked_make_up_is_in_the_calendar_of_the_guest(self, office: Office) -> None:
        home, [student_id] = await office.running("Sam Student")
        host, _ = await office.running("Resident", name="Kiwis")
        student, guest = office.student(student_id), host["meetings"][2]
        register = f"/api/v1/classes/{home['id']}/meetings/{home['meetings'][0]['id']}/attendance/{student_id}"
        answered(await office.instructor.put(register, json={"status": "excused"}))
        [voucher] = answered(await student.get("/api/v1/vouchers"))["items"]
        path, booking = await link(student), f"/api/v1/vouchers/{voucher['id']}/booking"
        answered(await student.post(booking, json={"class_id": host["id"], "meeting_id": guest["id"]}), 201)
        assert await shown(office, path) == uids(home, {"meetings": [guest]})
        assert (await event_of(office, path, guest)).summary == "Kiwis, make-up in meeting 3"
        answered(await student.delete(booking))
        assert await shown(office, path) == uids(home)


class TestPolling:
    async def test_who_has_the_current_version_is_told_so_and_sent_nothing(self, office: Office) -> None:
        class_ = await office.planned()
        path = await link(office.instructor, class_["id"])
        client = office.served.client
        first = await client.get(path)
        tag, modified = first.headers["etag"], first.headers["last-modified"]
        for headers in (
            {"If-None-Match": tag},
            {"If-None-Match": f'"other", W/{tag}'},
            {"If-None-Match": "*"},
            {"If-Modified-Since": modified},
            {"If-None-Match": tag, "If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        ):
            answer = await client.get(path, headers=headers)
            assert (answer.status_code, answer.content) == (304, b""), headers
            assert answer.headers["etag"] == tag
            assert answer.headers["cache-control"] == "private, no-cache"

    async def test_who_has_another_version_or_says_nonsense_gets_the_calendar(self, office: Office) -> None:
        path = await link(office.instructor)
        client = office.served.client
        modified = parsedate_to_datetime((await client.get(path)).headers["last-modified"])
        earlier = format_datetime(modified - timedelta(seconds=1), usegmt=True)
        for headers in (
            {"If-None-Match": '"other"'},
            {"If-None-Match": '"other"', "If-Modified-Since": format_datetime(datetime.now(UTC), usegmt=True)},
            {"If-None-Match": ""},
            {"If-Modified-Since": earlier},
            {"If-Modified-Since": "yesterday"},
            {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 +99999999999999999999"},
            {"If-Modified-Since": "Mon, 01 Jan 99999999999 00:00:00 GMT"},
            {"If-Modified-Since": "Mon, 23 Nov 2099 00:00:00 -0000"},
        ):
            assert (await client.get(path, headers=headers)).status_code == 200, headers

    async def test_a_change_makes_another_version(self, office: Office) -> None:
        class_ = await office.planned()
        path = await link(office.instructor, class_["id"])
        tag = (await office.served.client.get(path)).headers["etag"]
        answered(await office.staff.patch(f"/api/v1/classes/{class_['id']}", json={"name": "Kiwis"}))
        renamed = await office.served.client.get(path, headers={"If-None-Match": tag})
        assert renamed.status_code == 200
        assert "SUMMARY:Kiwis\\, meeting 1\r\n" in renamed.text

    async def test_head_says_what_get_would(self, office: Office) -> None:
        path = await link(office.instructor)
        client = office.served.client
        got, asked = await client.get(path), await client.head(path)
        for name in ("etag", "last-modified", "content-type", "content-length", "cache-control"):
            assert asked.headers[name] == got.headers[name]
        tag = {"If-None-Match": got.headers["etag"]}
        assert (await client.head(path, headers=tag)).status_code == 304
        assert (await client.head("/api/v1/calendars/none.ics")).status_code == 404
