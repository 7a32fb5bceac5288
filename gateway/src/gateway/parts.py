"""What the planes and pages of one gateway share."""

from dataclasses import dataclass

from babyowl_chassis.auth import FetchedKeys
from gateway.clients import ClientAddresses
from gateway.cors import Cors
from gateway.doorkeeper import Doorkeeper
from gateway.ledger import Ledger
from gateway.live import LiveConnections
from gateway.quota import Quota
from gateway.routes import RouteTable
from gateway.upstream import Upstreams


@dataclass(frozen=True, slots=True)
class Parts:
    """All there is one of."""

    table: RouteTable
    keys: FetchedKeys
    quota: Quota
    doorkeeper: Doorkeeper
    upstreams: Upstreams
    cors: Cors
    addresses: ClientAddresses
    live: LiveConnections
    ledger: Ledger
    is_traced: bool
