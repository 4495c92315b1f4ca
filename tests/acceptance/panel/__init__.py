"""A package, so that its fixtures end with it: a browser's event loop would be in the way of other tests."""
