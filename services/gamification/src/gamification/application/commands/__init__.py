"""What learners can ask the context to do."""
