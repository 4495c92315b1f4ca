"""Who may see and do what: what the handlers of pages declare to be for those alone who may."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from core.access import Identity
from core.web.signed_in import Allowed

ReadsJobs = Annotated[Identity, Depends(Allowed("read", "Job"))]
CreatesJobs = Annotated[Identity, Depends(Allowed("create", "Job"))]
EditsJobs = Annotated[Identity, Depends(Allowed("edit", "Job"))]
RunsJobs = Annotated[Identity, Depends(Allowed("run", "Job"))]
CancelsJobs = Annotated[Identity, Depends(Allowed("cancel", "Job"))]
RetriesJobs = Annotated[Identity, Depends(Allowed("retry", "Job"))]
DeletesJobs = Annotated[Identity, Depends(Allowed("delete", "Job"))]
ReadsSchedules = Annotated[Identity, Depends(Allowed("read", "ScheduledJob"))]
ReadsJobManager = Annotated[Identity, Depends(Allowed("read", "JobManager"))]
PausesJobManager = Annotated[Identity, Depends(Allowed("pause", "JobManager"))]
CreatesSchedules = Annotated[Identity, Depends(Allowed("create", "ScheduledJob"))]
EditsSchedules = Annotated[Identity, Depends(Allowed("edit", "ScheduledJob"))]
RunsSchedules = Annotated[Identity, Depends(Allowed("run", "ScheduledJob"))]
DeletesSchedules = Annotated[Identity, Depends(Allowed("delete", "ScheduledJob"))]
PausesSchedules = Annotated[Identity, Depends(Allowed("pause", "ScheduledJob"))]
