"""What lists of jobs can be narrowed down to."""

from __future__ import annotations

from core import clock
from core.job_queue.states import PENDING, RUNNING
from core.orm.api_where import Conditions
from core.SelectManagers.Base import Base


class Job(Base):
    """The filters of jobs."""

    def bool_filter_job_manager_items(self) -> Conditions:
        """What runs, and what is due."""
        return {"status": [PENDING, RUNNING], "type!=": None, "executeTime<=": clock.now()}
