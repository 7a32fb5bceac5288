"""Learning: courses, and what students have done in them."""
