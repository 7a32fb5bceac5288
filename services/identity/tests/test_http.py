"""Accounts over HTTP, as the people use them; every token is one that Identity signed itself."""

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving
from babyowl_contracts import identity as contract
from identity.domain.values import UserRole

from .world import AUTH, PASSWORD, bearing, message_of, provision, sign_in

ME = "/api/v1/me"
USERS = "/api/v1/users"
ANA = "ana@example.org"
REGISTRATION = {"email": "Ana@Example.org", "password": PASSWORD, "display_name": "Ana", "locale": "id"}


async def registered(real: Serving) -> None:
    answer = await real.client.post(f"{AUTH}/register", json=REGISTRATION)
    assert answer.status_code == 202, answer.text


async def verified(real: Serving) -> None:
    await registered(real)
    token = (await message_of(real, contract.EmailVerificationRequested))["token"]
    answer = await real.client.post(f"{AUTH}/verify-email", json={"token": token})
    assert answer.status_code == 204, answer.text


async def test_from_registering_to_ones_own_profile(real: Serving) -> None:
    await registered(real)
    waiting = await real.client.post(f"{AUTH}/login", json={"email": ANA, "password": PASSWORD})
    assert (waiting.status_code, waiting.json()["code"]) == (401, "invalid_credentials")
    token = (await message_of(real, contract.EmailVerificationRequested))["token"]
    assert (await real.client.post(f"{AUTH}/verify-email", json={"token": token})).status_code == 204
    tokens = await sign_in(real, "ANA@example.org ")
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    me = await real.client.get(ME, headers=bearing(tokens))
    assert me.status_code == 200
    shown = me.json()
    assert (shown["email"], shown["display_name"], shown["role"], shown["status"], shown["locale"]) == (
        ANA,
        "Ana",
        "student",
        "active",
        "id",
    )
    assert not {"password", "epoch", "challenges"} & set(shown)
    again = await real.client.post(f"{AUTH}/verify-email", json={"token": token})
    assert (again.status_code, again.json()["code"]) == (422, "challenge_invalid")


async def test_registering_tells_nobody_whether_an_address_is_known(real: Serving) -> None:
    first = await real.client.post(f"{AUTH}/register", json=REGISTRATION)
    second = await real.client.post(f"{AUTH}/register", json=REGISTRATION)
    await provision(real, UserRole.STAFF, "staff@example.org")
    known = await real.client.post(f"{AUTH}/register", json={**REGISTRATION, "email": "staff@example.org"})
    assert [answer.status_code for answer in (first, second, known)] == [202] * 3
    assert first.json() == second.json() == known.json()
    for path in ("forgot-password", "resend-verification"):
        answers = [
            await real.client.post(f"{AUTH}/{path}", json={"email": email}) for email in (ANA, "nobody@example.org")
        ]
        assert [(answer.status_code, answer.json()) for answer in answers] == [(202, first.json())] * 2


async def test_blanks_are_part_of_a_password(real: Serving) -> None:
    await provision(real, UserRole.STUDENT, ANA, password="  blanks around  ")
    await sign_in(real, ANA, "  blanks around  ")
    trimmed = await real.client.post(f"{AUTH}/login", json={"email": ANA, "password": "blanks around"})
    assert trimmed.json()["code"] == "invalid_credentials"


@pytest.mark.parametrize(
    ("changed", "path", "code"),
    [
        ({"email": "ana@example"}, "body.email", "email_invalid"),
        ({"display_name": "\u200e\u200e"}, "body.display_name", "display_name_invalid"),
        ({"time_zone": "Mars/Base"}, "body.time_zone", "time_zone_unknown"),
        ({"locale": "EN"}, "body.locale", "locale_invalid"),
        ({"password": "x" * 257}, "body.password", "string_too_long"),
        ({"password": None}, "body.password", "string_type"),
        ({"role": "staff"}, "body.role", "extra_forbidden"),
        ({"email": "a\x00@example.org"}, "body", "value_error"),
    ],
)
async def test_a_wrong_field_is_named_with_its_code(
    real: Serving, changed: dict[str, object], path: str, code: str
) -> None:
    answer = await real.client.post(f"{AUTH}/register", json={**REGISTRATION, **changed})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert [(error["path"], error["code"]) for error in answer.json()["errors"]] == [(path, code)]
    assert await real.events() == []


async def test_a_password_anybody_would_guess_is_refused_by_its_rule(real: Serving) -> None:
    short = await real.client.post(f"{AUTH}/register", json={**REGISTRATION, "password": "seven77"})
    assert (short.status_code, short.json()["code"], short.json()["least"]) == (422, "password_too_short", 8)
    common = await real.client.post(f"{AUTH}/register", json={**REGISTRATION, "password": "password123"})
    assert common.json()["code"] == "password_too_common"


async def test_a_refused_password_is_not_repeated_in_the_answer(real: Serving) -> None:
    answer = await real.client.post(f"{AUTH}/login", json={"email": ANA, "password": ["hunter2-hunter2"]})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text


async def test_refresh_trades_tokens_and_two_tabs_get_the_same(real: Serving) -> None:
    await verified(real)
    tokens = await sign_in(real, ANA)
    tabs = [
        (await real.client.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})).json()
        for _ in range(2)
    ]
    assert tabs[0]["refresh_token"] == tabs[1]["refresh_token"] != tokens["refresh_token"]
    for tab in tabs:
        assert (await real.client.get(ME, headers=bearing(tab))).status_code == 200
    unknown = await real.client.post(f"{AUTH}/refresh", json={"refresh_token": "x" * 43})
    assert (unknown.status_code, unknown.json()["code"]) == (401, "refresh_token_invalid")


async def test_a_spent_refresh_token_after_the_grace_ends_the_session_at_once(real: Serving) -> None:
    await verified(real)
    tokens = await sign_in(real, ANA)
    spent = {"refresh_token": tokens["refresh_token"]}
    newer = (await real.client.post(f"{AUTH}/refresh", json=spent)).json()
    await real.resources.database.execute(
        "UPDATE refresh_tokens SET first_used_at = first_used_at - interval '11 seconds' WHERE uses = 1"
    )
    thief = await real.client.post(f"{AUTH}/refresh", json=spent)
    assert (thief.status_code, thief.json()["code"]) == (401, "refresh_token_reused")
    victim = await real.client.post(f"{AUTH}/refresh", json={"refresh_token": newer["refresh_token"]})
    assert victim.json()["code"] == "refresh_token_invalid"
    for held in (tokens, newer):
        assert (await real.client.get(ME, headers=bearing(held))).json()["code"] == "invalid_token"


async def test_signing_out_here_leaves_the_other_device_alone(real: Serving) -> None:
    await verified(real)
    here, there = await sign_in(real, ANA), await sign_in(real, ANA)
    assert (await real.client.post(f"{AUTH}/logout", headers=bearing(here))).status_code == 204
    assert (await real.client.get(ME, headers=bearing(here))).status_code == 401
    ended = await real.client.post(f"{AUTH}/refresh", json={"refresh_token": here["refresh_token"]})
    assert ended.status_code == 401
    assert (await real.client.get(ME, headers=bearing(there))).status_code == 200


@pytest.mark.parametrize("how", ["logout-everywhere", "change-password", "reset-password", "deactivate", "role"])
async def test_what_ends_all_sessions_ends_their_access_tokens_too(real: Serving, how: str) -> None:
    await verified(real)
    await provision(real, UserRole.SUPER_ADMIN, "root@example.org")
    devices = [await sign_in(real, ANA) for _ in range(2)]
    other, admin = await sign_in(real, "root@example.org"), bearing(await sign_in(real, "root@example.org"))
    user_id = (await real.client.get(ME, headers=bearing(devices[0]))).json()["id"]
    match how:
        case "logout-everywhere":
            answer = await real.client.post(f"{AUTH}/logout-everywhere", headers=bearing(devices[0]))
        case "change-password":
            answer = await real.client.post(
                f"{AUTH}/change-password",
                json={"current_password": PASSWORD, "new_password": "another decent one"},
                headers=bearing(devices[0]),
            )
        case "reset-password":
            await real.client.post(f"{AUTH}/forgot-password", json={"email": ANA})
            token = (await message_of(real, contract.PasswordResetRequested))["token"]
            body = {"token": token, "password": "another decent one"}
            answer = await real.client.post(f"{AUTH}/reset-password", json=body)
        case "deactivate":
            answer = await real.client.post(f"{USERS}/{user_id}/deactivate", headers=admin)
        case _:
            answer = await real.client.put(f"{USERS}/{user_id}/role", json={"role": "instructor"}, headers=admin)
    assert answer.status_code in {200, 204}, answer.text
    for device in devices:
        assert (await real.client.get(ME, headers=bearing(device))).json()["code"] == "invalid_token"
        refused = await real.client.post(f"{AUTH}/refresh", json={"refresh_token": device["refresh_token"]})
        assert refused.status_code == 401
    assert (await real.client.get(ME, headers=bearing(other))).status_code == 200


async def test_a_reactivated_person_signs_in_again_with_the_old_password(real: Serving) -> None:
    user = await provision(real, UserRole.STUDENT, ANA)
    staff = real_staff = bearing(await _staff(real))
    assert (await real.client.post(f"{USERS}/{user.id}/deactivate", headers=staff)).json()["status"] == (
        "deactivated"
    )
    closed = await real.client.post(f"{AUTH}/login", json={"email": ANA, "password": PASSWORD})
    assert closed.json()["code"] == "invalid_credentials"
    opened = await real.client.post(f"{USERS}/{user.id}/reactivate", headers=real_staff)
    assert opened.json()["status"] == "active"
    await sign_in(real, ANA)


async def test_a_profile_is_changed_where_it_is_named_and_never_over_anothers_change(real: Serving) -> None:
    await verified(real)
    headers = bearing(await sign_in(real, ANA))
    read = await real.client.get(ME, headers=headers)
    changed = await real.client.patch(
        ME,
        json={"time_zone": "Asia/Jakarta", "avatar_url": "https://x.org/a.png"},
        headers={**headers, "If-Match": read.headers["ETag"]},
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["display_name"], changed.json()["time_zone"]) == ("Ana", "Asia/Jakarta")
    assert changed.headers["ETag"] != read.headers["ETag"]
    stale = await real.client.patch(
        ME, json={"display_name": "B"}, headers={**headers, "If-Match": read.headers["ETag"]}
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    without = await real.client.patch(ME, json={"avatar_url": None}, headers=headers)
    assert (without.status_code, without.json()["avatar_url"]) == (200, None)
    for body in ({}, {"display_name": ""}, {"time_zone": None}, {"email": "b@example.org"}):
        assert (await real.client.patch(ME, json=body, headers=headers)).status_code == 422


async def _staff(real: Serving) -> dict[str, object]:
    await provision(real, UserRole.STAFF, "staff@example.org")
    return await sign_in(real, "staff@example.org")


async def test_staff_create_an_instructor_who_is_sent_a_link_and_signs_in(real: Serving) -> None:
    staff = bearing(await _staff(real))
    body = {"email": ANA, "display_name": "Ana", "role": "instructor", "password": PASSWORD}
    created = await real.client.post(USERS, json=body, headers={**staff, "Idempotency-Key": "once"})
    assert created.status_code == 201, created.text
    assert (created.json()["role"], created.json()["status"]) == ("instructor", "pending")
    again = await real.client.post(USERS, json=body, headers={**staff, "Idempotency-Key": "once"})
    assert (again.status_code, again.json()) == (201, created.json())
    taken = await real.client.post(USERS, json=body, headers=staff)
    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")
    message = await message_of(real, contract.EmailVerificationRequested)
    await real.client.post(f"{AUTH}/verify-email", json={"token": message["token"]})
    await sign_in(real, ANA)


async def test_the_invited_choose_a_password_with_the_link(real: Serving) -> None:
    staff = bearing(await _staff(real))
    created = await real.client.post(USERS, json={"email": ANA, "display_name": "Ana"}, headers=staff)
    assert (created.status_code, created.json()["role"]) == (201, "student")
    token = (await message_of(real, contract.EmailVerificationRequested))["token"]
    without = await real.client.post(f"{AUTH}/verify-email", json={"token": token})
    assert (without.status_code, without.json()["code"]) == (422, "password_required")
    chosen = await real.client.post(f"{AUTH}/verify-email", json={"token": token, "password": PASSWORD})
    assert chosen.status_code == 204
    await sign_in(real, ANA)


async def test_staff_make_no_staff_and_nobody_raises_themselves(real: Serving) -> None:
    staff = bearing(await _staff(real))
    for role in ("staff", "super_admin"):
        body = {"email": ANA, "display_name": "Ana", "role": role}
        refused = await real.client.post(USERS, json=body, headers=staff)
        assert (refused.status_code, refused.json()["code"]) == (403, "role_out_of_reach")
    admin = await provision(real, UserRole.SUPER_ADMIN, "root@example.org")
    headers = bearing(await sign_in(real, "root@example.org"))
    own = await real.client.put(f"{USERS}/{admin.id}/role", json={"role": "student"}, headers=headers)
    assert (own.status_code, own.json()["code"]) == (403, "own_account")


async def test_the_list_of_users_is_searched_filtered_and_paged(served: Serving) -> None:
    people = [await provision(served, UserRole.STUDENT, f"student{n}@example.org") for n in range(5)]
    await provision(served, UserRole.INSTRUCTOR, "100%_sure@example.org")
    staff = served.as_("staff")
    seen: list[str] = []
    path: str | None = f"{USERS}?role=student&limit=2"
    while path:
        answer = await staff.get(path)
        assert answer.status_code == 200, answer.text
        seen += [user["id"] for user in answer.json()["items"]]
        path = answer.links["next"]["url"] if answer.json()["next_cursor"] else None
    assert seen == [str(user.id) for user in reversed(people)]

    async def found(**query: str) -> list[str]:
        items = (await staff.get(USERS, params=query)).json()["items"]
        return [user["email"] for user in items]

    assert await found(q="STUDENT3") == ["student3@example.org"]
    assert await found(q="%_") == ["100%_sure@example.org"]
    assert await found(q="\\") == []
    assert await found(role="instructor", status="active") == ["100%_sure@example.org"]
    assert await found(status="deactivated") == []
    for wrong in ({"role": "king"}, {"limit": "0"}, {"limit": "101"}, {"cursor": "?"}, {"q": "\x00"}):
        assert (await staff.get(USERS, params=wrong)).status_code == 422
    other_list = (await staff.get(USERS, params={"limit": "1"})).json()["next_cursor"]
    assert (await staff.get(USERS, params={"cursor": other_list[:-4]})).json()["code"] == "invalid_cursor"


async def test_one_user_is_shown_or_not_found(served: Serving) -> None:
    user = await provision(served, UserRole.STUDENT, ANA)
    staff = served.as_("staff")
    shown = await staff.get(f"{USERS}/{user.id}")
    assert (shown.json()["email"], shown.headers["ETag"]) == (ANA, f'"{user.version}"')
    nobody = await staff.get(f"{USERS}/{new_id()}")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "user_not_found")
    for path in ("deactivate", "reactivate"):
        assert (await staff.post(f"{USERS}/{new_id()}/{path}")).status_code == 404
    assert (await served.as_("student").get(ME)).json()["code"] == "user_not_found"


async def test_guesses_are_counted_by_the_address_the_gateway_saw(real: Serving) -> None:
    """What a client writes into X-Forwarded-For stands before what the gateway adds, and counts for nothing."""
    body = {"email": ANA, "password": "wrong guess"}

    async def guess(forwarded: str) -> int:
        return (
            await real.client.post(f"{AUTH}/login", json=body, headers={"X-Forwarded-For": forwarded})
        ).status_code

    client = f"203.0.113.{new_id().int % 256}"
    answers = [await guess(f"10.0.0.{n}, {client}") for n in range(9)]
    assert answers == [401] * 8 + [429]
    assert await guess("10.0.0.9, 198.51.100.7") == 401
    waiting = await real.client.post(f"{AUTH}/login", json=body, headers={"X-Forwarded-For": client})
    assert (waiting.json()["code"], waiting.headers["Retry-After"]) == (
        "too_many_attempts",
        str(waiting.json()["retry_after"]),
    )


async def test_malformed_requests_are_told_so(real: Serving) -> None:
    malformed = await real.client.post(
        f"{AUTH}/login", content=b'{"email": ', headers={"Content-Type": "application/json"}
    )
    assert (malformed.status_code, malformed.json()["code"]) == (400, "malformed_json")
    headers = bearing(await _staff(real))
    assert (await real.client.get(f"{USERS}/not-an-id", headers=headers)).status_code == 422


async def test_the_keys_are_shown_to_everybody_and_only_their_public_part(real: Serving) -> None:
    answer = await real.client.get("/.well-known/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    [key] = answer.json()["keys"]
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}
    assert (key["kty"], key["alg"]) == ("RSA", "RS256")
