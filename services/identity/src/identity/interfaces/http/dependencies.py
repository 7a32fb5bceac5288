"""What the routes of this context ask for in their signatures."""

from typing import Annotated

from babyowl_chassis.database import Pool
from babyowl_chassis.http import State
from identity.application.accounts import Accounts
from identity.application.service_accounts import ServiceAccounts
from identity.application.sign_in import SignIn
from identity.application.tokens import ChallengeTokens
from identity.infrastructure.access_tokens import SignedAccessTokens
from identity.infrastructure.signing_keys import SigningKeys

TheAccounts = Annotated[Accounts, State("accounts")]
TheSignIn = Annotated[SignIn, State("sign_in")]
TheSigningKeys = Annotated[SigningKeys, State("signing_keys")]
TheAccessTokens = Annotated[SignedAccessTokens, State("access_tokens")]
TheServiceAccounts = Annotated[ServiceAccounts, State("service_accounts")]
TheChallengeTokens = Annotated[ChallengeTokens, State("challenge_tokens")]

Primary = Annotated[Pool, State("primary")]
"""For answers that others keep: a replica that is behind would make their copy wrong for long."""
