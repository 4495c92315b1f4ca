"""Everything is killed at random while thousands of jobs run; then each job is held against what it wrote itself."""
