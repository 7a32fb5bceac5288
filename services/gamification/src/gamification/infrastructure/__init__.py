"""How the context is kept in Postgres."""
