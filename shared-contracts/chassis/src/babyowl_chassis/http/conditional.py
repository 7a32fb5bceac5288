"""ETag and If-Match, where two people may edit the same thing."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from babyowl_chassis.refused import Refused
from babyowl_kernel import Invalid

_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


@dataclass(frozen=True, slots=True)
class MalformedEtag(Invalid):
    """If-Match holds something this service never sent as an ETag."""

    @property
    def reason(self) -> str:
        """One sentence for the person who asked."""
        return 'If-Match must hold an ETag of this resource, such as "3".'


def etag(version: int) -> str:
    """The ETag of this version of a resource."""
    return f'"{version}"'


async def _if_match(
    if_match: Annotated[
        str | None,
        Header(
            max_length=40,
            description="The `ETag` of the version you have seen: if it has changed since, the answer is 412. "
            "Without it, or with `*`, it does not matter.",
        ),
    ] = None,
) -> int | None:
    if if_match is None or if_match == "*":
        return None
    matched = _ETAG.fullmatch(if_match)
    if matched is None:
        raise Refused(MalformedEtag())
    return int(matched[1])


IfMatch = Annotated[int | None, Depends(_if_match)]
"""The version the sender has seen; None when they don't mind."""
