"""What a job may become: its states, and every statement that changes its status. Nothing here runs a job."""
