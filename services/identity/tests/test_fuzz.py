from babyowl_chassis.testing.fuzz import fuzzing
from identity.bootstrap import service

test_no_input_breaks_the_service = fuzzing(service)
