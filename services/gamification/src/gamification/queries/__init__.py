"""Reads: one SQL statement, one flat answer each."""
