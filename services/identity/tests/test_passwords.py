"""How passwords are kept."""

import asyncio
import threading
from collections.abc import Iterator

import bcrypt
import pytest

from identity.infrastructure.passwords import BcryptPasswords, HashingBusy


@pytest.fixture
def passwords() -> Iterator[BcryptPasswords]:
    made = BcryptPasswords("pepper", rounds=4, threads=1, queue=1)
    yield made
    made.close()


async def test_a_password_is_recognised_and_another_is_not(passwords: BcryptPasswords) -> None:
    kept = await passwords.hash("correct horse")
    assert kept.startswith("$2b$04$")
    assert await passwords.verify("correct horse", kept)
    assert not await passwords.verify("correct  horse", kept)
    assert not await passwords.verify("anything", None)


async def test_what_follows_byte_seventy_two_counts(passwords: BcryptPasswords) -> None:
    """bcrypt itself ignores it, or since 5.0 raises: others let people in with the wrong end."""
    start = "x" * 72
    kept = await passwords.hash(f"{start} right end")
    assert await passwords.verify(f"{start} right end", kept)
    assert not await passwords.verify(f"{start} wrong end", kept)
    assert not await passwords.verify(start, kept)


async def test_a_password_is_the_same_on_every_keyboard(passwords: BcryptPasswords) -> None:
    kept = await passwords.hash("caf\u00e9 au lait")
    assert await passwords.verify("cafe\u0301 au lait", kept)


async def test_a_stolen_hash_is_worth_nothing_without_the_pepper(passwords: BcryptPasswords) -> None:
    kept = await passwords.hash("correct horse")
    other = BcryptPasswords("another pepper", rounds=4, threads=1, queue=1)
    assert not await other.verify("correct horse", kept)
    other.close()


async def test_an_unknown_account_costs_as_much_as_a_known_one(
    passwords: BcryptPasswords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No stopwatch: the same function is called as often, on a hash of the same cost."""
    costs: list[bytes] = []
    original = bcrypt.checkpw

    def counting(password: bytes, hashed: bytes) -> bool:
        costs.append(hashed[:7])
        return original(password, hashed)

    kept = await passwords.hash("correct horse")
    monkeypatch.setattr(bcrypt, "checkpw", counting)
    await passwords.verify("wrong", kept)
    await passwords.verify("wrong", None)
    assert costs == [b"$2b$04$", b"$2b$04$"]


async def test_more_than_the_machine_bears_is_refused_at_once_and_room_is_made_again(
    passwords: BcryptPasswords, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    monkeypatch.setattr(bcrypt, "checkpw", lambda *_: gate.wait(10))
    working = [asyncio.create_task(passwords.verify("x", None)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(HashingBusy) as busy:
        await passwords.verify("one too many", None)
    assert (busy.value.status_code, busy.value.headers) == (503, {"Retry-After": "3"})
    gate.set()
    await asyncio.gather(*working)
    assert await passwords.verify("x", None) is False
