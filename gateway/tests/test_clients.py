"""Where a request comes from is believed only as far as the trusted proxies reach."""

from ipaddress import ip_network

import pytest

from gateway.clients import ClientAddresses, household, is_private

from .house import Opens

BEHIND_TWO = ClientAddresses([ip_network("10.0.0.0/8"), ip_network("fd00::/8")])


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("203.0.113.5", b"1.2.3.4", "203.0.113.5"),
        ("10.0.0.1", b"203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", b"1.2.3.4, 203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", b"203.0.113.5, 10.0.0.9", "203.0.113.5"),
        ("10.0.0.1", b"evil, 10.0.0.9", "10.0.0.9"),
        ("10.0.0.1", b"", "10.0.0.1"),
        ("10.0.0.1", b"10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ("fd00::1", b"2001:db8::5", "2001:db8::5"),
    ],
)
def test_the_chain_is_read_from_the_gateway_outward(peer: str, forwarded_for: bytes, client: str) -> None:
    assert BEHIND_TWO.resolve(peer, [forwarded_for]) == client


def test_without_trusted_proxies_only_the_peer_counts() -> None:
    assert ClientAddresses([]).resolve("10.0.0.1", [b"1.2.3.4"]) == "10.0.0.1"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("not an address", "unknown"),
    ],
)
def test_a_household_is_counted_as_one(address: str, counted: str) -> None:
    assert household(address) == counted


def test_private_addresses_are_told_from_public_ones() -> None:
    assert is_private("127.0.0.1")
    assert is_private("10.1.2.3")
    assert not is_private("8.8.8.8")
    assert not is_private("testclient")


async def test_a_trusted_proxy_says_who_came_and_how(house_with: Opens) -> None:
    async with house_with(trusted_proxies=["127.0.0.1/32"]) as house:
        said = {
            "X-Forwarded-For": "198.51.100.9",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "babyowl.academy",
        }
        await house.client.get("/api/v1/courses", headers=house.someone() | said)
        seen = house.services.last
        assert seen.values("x-forwarded-for") == ["198.51.100.9"]
        assert seen.values("x-forwarded-proto") == ["https"]
        assert seen.values("x-forwarded-host") == ["babyowl.academy"]
