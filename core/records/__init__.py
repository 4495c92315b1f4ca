"""What record services are made of: their events, what comes in, what goes out, pages. Nothing here saves anything."""
