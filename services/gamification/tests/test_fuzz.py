from babyowl_chassis.testing.fuzz import fuzzing
from gamification.bootstrap import service

test_no_input_breaks_the_service = fuzzing(service)
