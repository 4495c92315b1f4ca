"""How fast it is, each figure beside a raw limit of the same machine in the same run; nothing in core imports this."""
