"""`python -m babyowl_local.mailbox`; see `main`."""

from babyowl_local.mailbox.main import run

run()
