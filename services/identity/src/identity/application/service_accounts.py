"""The services' own accounts: each may ask the others for what it needs, and for nothing else."""

import hmac
from collections.abc import Mapping

from babyowl_kernel import Err, Ok, Result
from identity.domain.errors import ServiceCredentialsInvalid

SCOPES: dict[str, frozenset[str]] = {
    "class": frozenset({"people:read", "courses:read"}),
    "learning": frozenset({"people:read", "access:read"}),
    "gamification": frozenset({"people:read", "events:read"}),
    "notification": frozenset({"challenges:read", "contacts:read"}),
}
"""What each service's token lets it do. A client that is not in here gets no token, whatever its secret."""


class ServiceAccounts:
    """Client ids and their secrets, as configured."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = {client: secret.encode() for client, secret in secrets.items()}

    def scopes_of(self, client_id: str, secret: str) -> Result[frozenset[str], ServiceCredentialsInvalid]:
        """What this client may do, if the secret is right."""
        right = hmac.compare_digest(self._secrets.get(client_id, b""), secret.encode())
        if not right or not secret or client_id not in SCOPES:
            return Err(ServiceCredentialsInvalid())
        return Ok(SCOPES[client_id])
