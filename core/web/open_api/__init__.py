"""What the API takes and answers, as OpenAPI 3.1 says it; read from the metadata and from the routes."""
