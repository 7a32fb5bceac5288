"""Notification: tells people by e-mail what happened; a flat service, since it has no rules of its own."""
