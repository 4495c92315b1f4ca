"""Server-sent events: one look at the database a second for all who listen, however many they are."""
