"""`python -m identity all|web|worker|migrate|seed|…`"""

from babyowl_chassis.cli import main
from identity.bootstrap import service

main(service)
