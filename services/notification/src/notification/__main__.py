"""`python -m notification all|web|worker|migrate|…`"""

from babyowl_chassis.cli import main
from notification.bootstrap import service

main(service)
