"""Who runs the jobs, and when: daemon, parent, workers. No SQL stands here."""
