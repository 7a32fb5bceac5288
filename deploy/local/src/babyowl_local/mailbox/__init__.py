"""A local mailbox: takes every message over SMTP, delivers none, and shows them on a page."""
