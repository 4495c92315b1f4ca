"""The pages for people: routes, a file for each noun. What they show and do is asked of services; no SQL in here."""
