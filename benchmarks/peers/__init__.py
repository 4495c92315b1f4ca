"""Other job systems, drained as ours is. What runs in their virtual environment (`play`, `work`, `systems`) knows
nothing of ours, and the rest nothing of their libraries."""
