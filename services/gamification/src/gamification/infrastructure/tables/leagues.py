"""Closed periods and leagues."""
