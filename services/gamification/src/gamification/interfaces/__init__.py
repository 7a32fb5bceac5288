"""How the context is reached."""
