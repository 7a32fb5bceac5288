"""`python -m gamification all`."""

from babyowl_chassis.cli import main
from gamification.bootstrap import service

if __name__ == "__main__":
    main(service)
