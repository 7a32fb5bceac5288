"""Leaderboards: how learners appear on them, and what their cache has yet to hear."""
