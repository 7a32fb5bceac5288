"""The game behind the class: quests, badges, leaderboards where children have aliases, and leagues."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from babyowl_demo.academy import Person, check, expect, until
from babyowl_demo.story import Story

FIRST_EXERCISE = "first_exercise"
TOLD = 8
"""So many entries of a list are told."""
MONDAY, CLOSED_BY = 0, 2
"""At this hour of it the leagues' last week has closed."""


@dataclass(slots=True)
class Game:
    """What the children of the story make of their points."""

    story: Story

    async def play(self) -> None:
        """Every act of it but the last."""
        await self.quests_and_badges()
        await self.a_badge_is_taken_away()
        await self.names_on_the_leaderboard()
        await self.why_this_rank()

    async def quests_and_badges(self) -> None:
        """What Ada was asked to do, what she has got for it, and what she could do next."""
        story, ada = self.story, self.story.students["Ada"]
        story.teller.act("Quests and badges")
        answer = await ada.asks("GET", "/api/v1/players/me/quests")
        asked = expect(answer, 200)
        quests = [quest for cadence in ("daily", "weekly") for quest in asked[cadence]["items"]]
        # Her day and week began with nothing to do, and so ask for what there was first: the lesson of a minute ago.
        check(bool(quests), "a newcomer has quests on the first day")
        said = ", ".join(f"“{quest['title']}” {quest['progress']}/{quest['target']}" for quest in quests)
        await story.teller.tell("Ada looks for quests", answer, said)
        answer = await ada.asks("GET", "/api/v1/players/me/badges")
        held = [each["badge"] for each in expect(answer, 200)["items"] if each["earned_on"]]
        check(FIRST_EXERCISE in {badge["id"] for badge in held}, f"the first exercise earns a badge: {held}")
        await story.teller.tell("Ada looks at her badges", answer, ", ".join(badge["title"] for badge in held))
        medal = held[0]["picture"]
        picture = await story.gateway.get(medal["url"])
        check(picture.headers["Content-Type"].startswith("image/svg+xml"), "a badge has a picture")
        check("<title" in picture.text, "a picture has words for who does not see it")
        await story.teller.tell(f"The picture of “{held[0]['title']}”, for anybody", picture, medal["text"])
        answer = await ada.asks("GET", "/api/v1/players/me/feed")
        entries = expect(answer, 200)["items"]
        total = (await story.player("Ada"))["total_xp"]
        check(sum(entry["amount"] for entry in entries) == total, f"the feed adds up to {total}: {entries}")
        check(all(entry["title"] for entry in entries), f"everything has a title: {entries}")
        await story.teller.tell("She reads what has happened", answer, f"{len(entries)} entries, {total} XP")
        for entry in entries[:TOLD]:
            level = f" → level {entry['new_level']}" if entry["new_level"] else ""
            story.teller.note(f"  {entry['amount']:+4d}  {entry['title']}{level}")
        answer = await ada.asks("GET", "/api/v1/players/me/goals")
        goals = expect(answer, 200)
        nearest = goals["badges"][0]
        said = (
            f"{goals['level']['missing_xp']} XP to level {goals['level']['level']}; "
            f"“{nearest['badge']['title']}” {nearest['value']}/{nearest['badge']['at_least']}"
        )
        check(goals["streak"]["active_today"] and goals["streak"]["tonight"] == "unchanged", "today is kept")
        await story.teller.tell("And what comes next", answer, said)

    async def a_badge_is_taken_away(self) -> None:
        """Staff take a badge away, with a reason and its points; and give it back."""
        story, ada = self.story, self.story.students["Ada"]
        story.teller.act("A badge is taken away, and given back")
        before = (await story.player("Ada"))["total_xp"]
        path = f"/api/v1/players/{ada.id}/badges/{FIRST_EXERCISE}/revocation"
        answer = await story.staff.asks("POST", path, {"reason": "Her brother did the exercise."})
        expect(answer, 201)
        await story.teller.tell(
            "Staff take Ada's badge away", answer, then=("gamification.BadgeRevoked", "gamification.XpEarned")
        )
        [badge] = [each for each in await self._badges() if each["badge"]["id"] == FIRST_EXERCISE]
        check(badge["earned_on"] is None and badge["revoked"]["reason"].endswith("exercise."), "Ada is told why")
        check((await story.player("Ada"))["total_xp"] < before, "its points went with it")
        answer = await story.staff.asks("DELETE", path)
        expect(answer, 204)
        await story.teller.tell(
            "It was a mistake: they give it back",
            answer,
            then=("gamification.BadgeUnlocked", "gamification.XpEarned"),
        )
        check((await story.player("Ada"))["total_xp"] == before, "and so did they come back")

    async def names_on_the_leaderboard(self) -> None:
        """A learner goes by an alias, another one leaves the boards; both at once, for everybody."""
        story = self.story
        ada, carla, dijkstra = (story.students[name] for name in ("Ada", "Carla", "Dijkstra"))
        story.teller.act("Names on the leaderboard")
        answer = await ada.asks("GET", "/api/v1/players/me/alias-suggestions")
        free = expect(answer, 200)["items"]
        alias = free[0]
        await story.teller.tell("Ada looks for an alias", answer, ", ".join(free[:TOLD]))
        answer = await ada.asks("PATCH", "/api/v1/players/me", {"alias": "Teacher Ines"})
        expect(answer, 422, "alias_unsuitable")
        await story.teller.tell("She would like one of her own words", answer)
        answer = await ada.asks("PATCH", "/api/v1/players/me", {"alias": alias})
        check(expect(answer, 200)["alias"] == alias, "an alias is as it was chosen")
        await story.teller.tell("Ada chooses one of those that are free", answer, f"“{alias}”")
        answer = await carla.asks("PATCH", "/api/v1/players/me", {"alias": alias.upper()})
        expect(answer, 409, "alias_taken")
        await story.teller.tell("Carla would like the same, in capitals", answer)
        answer = await dijkstra.asks("PATCH", "/api/v1/players/me", {"leaderboard": "hidden"})
        expect(answer, 200)
        await story.teller.tell("Dijkstra leaves the leaderboards", answer)
        answer = await self._board(carla, "monthly")
        places = expect(answer, 200)["items"]
        first = places[0]
        check((first["name"], first["player_id"]) == (alias, None), f"alias: {first}")
        check("Dijkstra" not in {place["name"] for place in places}, f"who has left is on no board: {places}")
        said = ", ".join(f"{place['rank']}. {place['name']} ({place['xp']})" for place in places)
        await story.teller.tell("What Carla sees of the month", answer, said)
        answer = await self._board(dijkstra, "monthly/me")
        check(expect(answer, 200)["rank"] is None, "who has left has no rank")
        await story.teller.tell("What Dijkstra sees of himself", answer, "no rank")
        answer = await story.students["Hedy"].asks("GET", "/api/v1/leaderboards/weekly")
        expect(answer, 403, "seat_required")
        await story.teller.tell("Hedy, who has no seat, asks for the academy's", answer)

    async def why_this_rank(self) -> None:
        """The points behind a rank, one by one; and the instructor's view of a child's days."""
        story, ada, emmy = self.story, self.story.students["Ada"], self.story.students["Emmy"]
        story.teller.act("Why this rank")
        answer = await self._board(emmy, "weekly/me")
        mine = expect(answer, 200)
        names = ", ".join(f"{place['rank']}. {place['name']}" for place in mine["items"])
        await story.teller.tell("Emmy asks where she stands, and beside whom", answer, names)
        answer = await self._board(ada, "weekly/me/points")
        mine = expect(answer, 200)
        check(sum(points["amount"] for points in mine["items"]) == mine["xp"], f"the points add up: {mine}")
        await story.teller.tell("Ada asks why she is first", answer, f"{mine['xp']} XP this week")
        for points in mine["items"][:TOLD]:
            story.teller.note(f"  {points['amount']:+4d}  {points['title']}")
        answer = await story.instructor.asks("GET", f"/api/v1/players/{emmy.id}/xp-by-day")
        days = expect(answer, 200)["items"]
        check(sum(day["xp"] for day in days) == (await story.player("Emmy"))["total_xp"], "the days add up")
        await story.teller.tell("Ines looks at Emmy's last 30 days", answer, f"{days[-1]['xp']} XP today")

    async def a_league(self) -> None:
        """Who has earned points this week gets a seat among about thirty others."""
        story, ada = self.story, self.story.students["Ada"]
        story.teller.act("A league")
        answer = await ada.asks("GET", "/api/v1/rulebook")
        now = datetime.now(ZoneInfo(expect(answer, 200)["academy_time_zone"]))
        if now.weekday() == MONDAY and now.hour < CLOSED_BY:
            story.teller.note(
                "The last week is still open for what is on its way; seats are given when it has closed."
            )
            return
        answer = await until(ada, "/api/v1/leagues/me", lambda league: league["rank"] is not None)
        mine = expect(answer, 200)
        check(mine["league"] == "bronze", f"everybody begins in the lowest league: {mine}")
        said = f"{mine['league']}, {mine['rank']}. of {len(mine['items'])}, {mine['promoted']} will go up"
        await story.teller.tell("Ada finds herself in a league", answer, said)

    async def _board(self, who: Person, board: str) -> httpx.Response:
        return await who.asks("GET", f"/api/v1/leaderboards/{board}", params={"class_id": self.story.class_id})

    async def _badges(self) -> list[dict[str, Any]]:
        answer = await self.story.students["Ada"].asks("GET", "/api/v1/players/me/badges")
        badges: list[dict[str, Any]] = expect(answer, 200)["items"]
        return badges
