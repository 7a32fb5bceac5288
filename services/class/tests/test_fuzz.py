from babyowl_chassis.testing.fuzz import fuzzing
from class_management.bootstrap import service

test_no_input_breaks_the_service = fuzzing(service)
