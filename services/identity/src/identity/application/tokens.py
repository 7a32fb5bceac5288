"""Tokens that are recomputed instead of stored: those of challenges, and the successors of refresh tokens."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from uuid import UUID

from identity.domain.values import ChallengePurpose, TokenHash


def token_hash(token: str) -> TokenHash:
    """What is kept of a token. Tokens have 256 bits, so that a plain hash cannot be guessed back."""
    return TokenHash(hashlib.sha256(token.encode()).digest())


class ChallengeTokens:
    """The token of a challenge follows from its id: whoever sends the message can be given it again."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def token(self, challenge_id: UUID, purpose: ChallengePurpose) -> str:
        """What the link in the message carries."""
        return _derived(self._secret, f"challenge:{purpose}:{challenge_id}".encode())

    def seal(self, challenge_id: UUID, purpose: ChallengePurpose) -> TokenHash:
        """What is kept of it."""
        return token_hash(self.token(challenge_id, purpose))


class RefreshTokens:
    """The first token of a session is random, each further one follows from the one it replaces.

    So two tabs that show the same token get the same successor, which still is nowhere stored. The token
    replaced is 256 random bits, thus stands for its family and generation.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def first(self) -> str:
        """A token that nothing else follows from."""
        return secrets.token_urlsafe(32)

    def successor(self, token: str) -> str:
        """The one token that replaces this one."""
        return _derived(self._secret, b"refresh:" + token_hash(token))


def _derived(secret: bytes, words: bytes) -> str:
    return urlsafe_b64encode(hmac.digest(secret, words, "sha256")).rstrip(b"=").decode()
