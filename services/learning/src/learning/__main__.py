"""Runs the service: `python -m learning all`."""

from babyowl_chassis.cli import main
from learning.bootstrap import service

main(service)
