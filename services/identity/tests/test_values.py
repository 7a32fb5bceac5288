"""The rulebook of addresses, profiles and passwords."""

import pytest

from babyowl_chassis.ids import new_id
from babyowl_kernel import Actor, Err, Ok
from identity.domain import values
from identity.domain.errors import (
    AvatarUrlInvalid,
    DisplayNameInvalid,
    EmailInvalid,
    LocaleInvalid,
    OwnAccount,
    PasswordTooCommon,
    PasswordTooShort,
    RoleOutOfReach,
    TimeZoneUnknown,
)
from identity.domain.policies import own_account, password_refused, role_out_of_reach
from identity.domain.values import Email, UserRole

ANA = Email("ana@example.org")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ana@Example.ORG ", "ana@example.org"),
        ("ana.b+class-3@mail.example.co.id", "ana.b+class-3@mail.example.co.id"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_an_address_has_one_spelling(typed: str, kept: str) -> None:
    assert Email.parse(typed) == Ok(Email(kept))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ana",
        "ana@",
        "@example.org",
        "ana@example",
        "ana@@example.org",
        "ana b@example.org",
        "ana..b@example.org",
        ".ana@example.org",
        "ana@-example.org",
        "ana@example..org",
        "ana@127.0.0.1",
        "ana@example.org\nBcc: all@example.org",
        "anä@example.org",
        "a" * 65 + "@example.org",
        "a@" + "b" * 250 + ".org",
        "a@" + ".".join(["b" * 60] * 5) + ".org",
    ],
)
def test_what_no_mail_can_be_sent_to_is_no_address(typed: str) -> None:
    assert Email.parse(typed) == Err(EmailInvalid())


def test_a_name_is_one_line_of_at_most_a_hundred_signs() -> None:
    assert values.display_name("  Ana \n María  Łęcka ") == Ok("Ana María Łęcka")
    assert values.display_name("x" * 100) == Ok("x" * 100)
    for bad in ("", " \t ", "x" * 101, "a\u200eb", "bell\a"):
        assert values.display_name(bad) == Err(DisplayNameInvalid())


@pytest.mark.parametrize("url", ["http://x.org/a.png", "javascript:alert(1)", "https://", "https://x y", "//x"])
def test_an_avatar_comes_over_https(url: str) -> None:
    assert values.avatar_url("https://x.org/a.png") == Ok("https://x.org/a.png")
    assert values.avatar_url(url) == Err(AvatarUrlInvalid())


@pytest.mark.parametrize("zone", ["", "Mars/Base", "asia/jakarta", "../etc/passwd", "America", "GMT+7"])
def test_a_zone_is_one_of_the_iana_database(zone: str) -> None:
    assert values.time_zone("Asia/Jakarta") == Ok("Asia/Jakarta")
    assert values.time_zone(zone) == Err(TimeZoneUnknown())


@pytest.mark.parametrize("tag", ["", "EN", "en_GB", "english", "en-GB-oxendict"])
def test_a_locale_is_a_language_and_perhaps_a_region(tag: str) -> None:
    assert [values.locale(good) for good in ("id", "pt-BR")] == [Ok("id"), Ok("pt-BR")]
    assert values.locale(tag) == Err(LocaleInvalid())


@pytest.mark.parametrize("password", ["correct horse", "8 signs!", "Ünïcödé", "pässwörter sind länger als 72 " * 8])
def test_a_password_needs_length_and_nothing_else(password: str) -> None:
    expected = None if len(password) >= 8 else PasswordTooShort(8)
    assert password_refused(password, ANA) == expected


@pytest.mark.parametrize(
    "password", ["password123", "PASSWORD", "12345678", "aaaaaaaaaa", "ana@example.org", "ｐａｓｓｗｏｒｄ"]
)
def test_a_password_that_anybody_would_try_first_will_not_do(password: str) -> None:
    assert password_refused(password, ANA) == PasswordTooCommon()


@pytest.mark.parametrize(
    ("role", "reaches"),
    [
        ("super_admin", set(UserRole)),
        ("staff", {UserRole.STUDENT, UserRole.INSTRUCTOR}),
        ("instructor", set()),
        ("student", set()),
    ],
)
def test_staff_look_after_students_and_instructors_and_a_super_admin_after_everybody(
    role: str, reaches: set[UserRole]
) -> None:
    by = Actor(new_id(), frozenset({role}))
    for other in UserRole:
        expected = None if other in reaches else RoleOutOfReach(other)
        assert role_out_of_reach(by, other) == expected


def test_nobody_changes_the_state_of_their_own_account() -> None:
    admin = Actor(new_id(), frozenset({"super_admin"}))
    assert own_account(admin, admin.user_id) == OwnAccount()
    assert own_account(admin, new_id()) is None
