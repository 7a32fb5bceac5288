"""What the local platform tells its processes."""

import stat
from email.utils import parseaddr
from pathlib import Path

import email_validator
import pytest

from babyowl_local.environment import LOGINS, MAIL_FROM, kept_secrets


@pytest.mark.parametrize("address", [parseaddr(MAIL_FROM)[1], *(login.email for login in LOGINS)])
def test_sender_and_demo_logins_have_addresses_that_the_services_accept(address: str) -> None:
    assert email_validator.validate_email(address, check_deliverability=False).normalized == address


def test_the_shared_password_is_long_enough_to_be_accepted() -> None:
    assert all(len(login.password) >= 12 for login in LOGINS)


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    made = kept_secrets(path)
    assert kept_secrets(path) == made
    assert len(set(made.values())) == len(made)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
