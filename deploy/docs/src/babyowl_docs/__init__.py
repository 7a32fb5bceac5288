"""Writes the reference of the API from the services' own OpenAPI documents, merged as the gateway merges them."""
