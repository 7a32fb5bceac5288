"""The headers by which every answer tells browsers what they must not do with it."""

from gateway.asgi import HeaderList

COMMON: HeaderList = [
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"origin-agent-cluster", b"?1"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-dns-prefetch-control", b"off"),
    (b"x-download-options", b"noopen"),
    (b"x-frame-options", b"DENY"),
    (b"x-permitted-cross-domain-policies", b"none"),
    (b"x-xss-protection", b"0"),
]

# An API answer is data: nothing in it may run, load or be framed, even if a browser were made to render it.
API: HeaderList = [*COMMON, (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")]

# The docs page is built from this origin's own files. Swagger UI writes style attributes and data: images.
PAGES: HeaderList = [
    *COMMON,
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        b"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
]
