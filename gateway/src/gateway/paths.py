"""A request's path, brought into one form before anything is decided by it.

What two servers could read differently is refused, for the gateway must route what the service will read.
"""

import re

MAX_TARGET_BYTES = 8192

_PLAIN = re.compile(rb"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9\-._~!$&'()*+,;=:@]+)+/?|/")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_FIRST_PRINTABLE, _DELETE = 0x20, 0x7F


class BadPath(ValueError):
    """The path could be read in more than one way, or is none."""


def normalise(raw: bytes) -> str:
    """The path without `.` and empty segments and without needless escapes; all else byte for byte.

    Raises BadPath for `..`, for escaped slashes, backslashes and control characters, and for broken escapes.
    """
    if _PLAIN.fullmatch(raw):
        return raw.decode("ascii")
    if not raw.startswith(b"/"):
        raise BadPath("The path must begin with a slash.")
    plain = _ESCAPE.sub(_unescape, raw)
    if b"\\" in plain or any(byte <= _FIRST_PRINTABLE or byte >= _DELETE for byte in plain):
        raise BadPath("The path holds a backslash, a space or a control character.")
    *inner, last = plain.split(b"/")[1:]
    if b".." in inner or last == b"..":
        raise BadPath("The path must not climb with '..'.")
    if last == b".":
        last = b""
    kept = [segment for segment in inner if segment not in {b"", b"."}]
    return b"/".join([b"", *kept, last]).decode("ascii")


def _unescape(escape: re.Match[bytes]) -> bytes:
    digits = escape.group(1)
    if digits is None:
        raise BadPath("The path holds a broken percent escape.")
    byte = int(digits, 16)
    if byte in b"/\\" or byte < _FIRST_PRINTABLE or byte == _DELETE:
        raise BadPath("The path holds an escaped slash, backslash or control character.")
    return bytes((byte,)) if byte in _UNRESERVED else escape.group(0)
