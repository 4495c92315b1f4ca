"""HTTP: the REST API, and who is let in. What is done for a request is done by services; no SQL in here."""
