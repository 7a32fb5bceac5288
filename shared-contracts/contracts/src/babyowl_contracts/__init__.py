"""Baby Owl's domain events, as services publish them and integrators receive them; standard library only.

```python
envelope = Envelope.from_json(message.body)
match envelope.data:
    case AttendanceMarked(student_id=student, status="present"): ...
```
"""

from babyowl_contracts import class_, gamification, identity, learning  # noqa: F401  # fills REGISTRY
from babyowl_contracts.codec import JSON, decode, encode
from babyowl_contracts.envelope import CONTENT_TYPE, Envelope
from babyowl_contracts.errors import ContractError, MalformedEnvelope, MalformedPayload, UnknownEventType
from babyowl_contracts.event import REGISTRY, Event

__all__ = [
    "CONTENT_TYPE",
    "JSON",
    "REGISTRY",
    "ContractError",
    "Envelope",
    "Event",
    "MalformedEnvelope",
    "MalformedPayload",
    "UnknownEventType",
    "decode",
    "encode",
]
