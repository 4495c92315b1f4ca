"""One file a system, with its fastest settings that a user could have; `play` tells what each promises."""
