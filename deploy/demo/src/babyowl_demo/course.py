"""The course of the story, read from the files that Learning ships as seed data."""

import tomllib
from pathlib import Path
from typing import Any
