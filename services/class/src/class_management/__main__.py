"""`python -m class_management all|web|worker|migrate|…`"""

from babyowl_chassis.cli import main
from class_management.bootstrap import service

main(service)
