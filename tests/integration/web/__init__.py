"""A package, so that what its fixtures put in the place of other code ends with it."""
