"""ETag and If-Match."""

import pytest

from babyowl_chassis.http.conditional import MalformedEtag, _if_match, etag
from babyowl_chassis.refused import Refused


@pytest.mark.parametrize(
    ("header", "version"),
    [(None, None), ("*", None), (etag(3), 3), ('W/"3"', 3), ('"0"', 0), ('"999999999"', 999999999)],
)
async def test_an_etag_of_ours_says_which_version_was_seen(header: str | None, version: int | None) -> None:
    assert await _if_match(header) == version


@pytest.mark.parametrize("header", ["", "3", '"three"', '"-1"', '"1", "2"', '"12345678901"', "W/3", '"3"x'])
async def test_anything_else_is_refused_by_name(header: str) -> None:
    with pytest.raises(Refused) as refused:
        await _if_match(header)
    assert refused.value.refusal == MalformedEtag()
