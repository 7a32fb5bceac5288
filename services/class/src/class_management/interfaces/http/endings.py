"""How a class ends: completed, or called off."""

from uuid import UUID

from fastapi import APIRouter

from babyowl_chassis.http import Body, Staff, TheBus
from class_management.application.commands.cancel_class import CancelClass
from class_management.application.commands.complete_class import CompleteClass
from class_management.interfaces.http.bodies import Reason
from class_management.interfaces.http.views import ClassView

router = APIRouter(prefix="/api/v1/classes/{class_id}", tags=["Classes"])


class CompletionBody(Body):
    """Whether meetings that still lie ahead are cancelled; otherwise they are in the way."""

    cancel_remaining: bool = False


class CancellationBody(Body):
    """Why the class does not take place."""

    reason: Reason


@router.post("/completion")
async def complete_class(class_id: UUID, body: CompletionBody, user: Staff, bus: TheBus) -> ClassView:
    """Bring a class to its end. Marks can still be corrected."""
    command = CompleteClass(class_id=class_id, cancel_remaining=body.cancel_remaining, by=user.actor)
    return await bus.answer(command, ClassView)


@router.post("/cancellation")
async def cancel_class(class_id: UUID, body: CancellationBody, user: Staff, bus: TheBus) -> ClassView:
    """Call a class off, with all its meetings ahead. Credits stay on the accounts, and can be transferred."""
    return await bus.answer(CancelClass(class_id=class_id, reason=body.reason, by=user.actor), ClassView)
