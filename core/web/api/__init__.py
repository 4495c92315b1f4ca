"""The routes below /api, a file for each noun; each declares what comes in and what goes out."""
