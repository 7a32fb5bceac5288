"""The public keys that everybody checks access tokens with."""

from fastapi import APIRouter, Response

from babyowl_chassis.http import View
from identity.interfaces.http.dependencies import TheSigningKeys

router = APIRouter(tags=["Signing keys"])


class KeyView(View):
    """An RSA public key (RFC 7517)."""

    kty: str
    use: str
    alg: str
    kid: str
    n: str
    e: str


class KeySetView(View):
    """Those that will sign, the one that signs, and those whose tokens may still be alive."""

    keys: list[KeyView]


@router.get("/.well-known/jwks.json")
async def signing_keys(keys: TheSigningKeys, response: Response) -> KeySetView:
    """Keys are shown ten minutes before they sign, so that five minutes in a cache do no harm."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return KeySetView.model_validate((await keys.ring()).jwks)
