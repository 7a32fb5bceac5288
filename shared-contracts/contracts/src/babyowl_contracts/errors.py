"""What can be wrong with a document that claims to be one of our events."""


class ContractError(ValueError):
    """Base of all errors of this package; none of them goes away by trying again."""


class MalformedPayload(ContractError):
    """A payload does not fit its type. `path` names the place, e.g. `meetings[0].starts_at`."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path or 'payload'}: {reason}")
        self.path = path
        self.reason = reason


class MalformedEnvelope(ContractError):
    """The document is no CloudEvent of ours, or its data does not fit its type."""


class UnknownEventType(ContractError):
    """The type is not in this version of the contracts; a newer one may know it."""

    def __init__(self, type: str) -> None:  # noqa: A002
        super().__init__(f"unknown event type {type!r}")
        self.type = type
