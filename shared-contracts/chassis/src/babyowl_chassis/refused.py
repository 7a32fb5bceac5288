"""From a refusal to an exception, for where a request must end here and now."""

from typing import Any, TypeVar

from babyowl_kernel import Err, Refusal, Result

T = TypeVar("T")


class Refused(Exception):
    """The business said no; the edge answers with the refusal's problem document."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def refused(refusal: Refusal) -> Refused:
    """To be raised: `raise refused(ClassNotFound(class_id))`."""
    return Refused(refusal)


def accepted(result: Result[T, Any]) -> T:
    """The value of an Ok; raises Refused for an Err."""
    if isinstance(result, Err):
        raise Refused(result.refusal)
    return result.value
