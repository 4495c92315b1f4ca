"""Starts that stand in the database though no worker was told: the connection was lost while they were committed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.job_queue.queue import HeldRun, JobQueue
from core.job_queue.run import not_completed
from core.log import logger
from core.orm.database import Database


def take_back_unbegun(
    database: Database, queue: JobQueue, held: Mapping[tuple[str, int], HeldRun], workers: Collection[str]
) -> dict[tuple[str, int], HeldRun]:
    """Put those that stand under the name of one of our workers back into the queue; returns the others.

    `held` are the rows of all runs that our workers do not run.
    """
    unbegun = [each for each in held.values() if each.run.process in workers]
    # Where somebody else writes, the next look is early enough.
    if unbegun and database.turn.try_acquire():
        with database.write(turn_held=True) as connection:
            for each in unbegun:
                logger.warning("Job %s was never begun, and is put back into the queue.", each.run.job_id)
                if not queue.take_back(connection, each.run):  # it was canceled meanwhile
                    queue.finish(connection, [not_completed(each.run, "It was never begun.")])
        queue.announce()
    return {key: each for key, each in held.items() if each not in unbegun}
