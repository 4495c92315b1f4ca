"""What wakes the daemon: datagrams of this machine and, where the database passes them on, those of others."""

from __future__ import annotations

import selectors
from pathlib import Path

from core.exceptions import DatabaseError
from core.job_queue.announcement import CHANNEL, AnnouncementListener
from core.log import logger
from core.orm import Database
from core.orm.backend import News


class Announcements:
    """Listens in both ways, as far as they are to be had. What was missed meanwhile is for the slow poll to find."""

    def __init__(self, root: Path, database: Database, selector: selectors.BaseSelector) -> None:
        self._root = root
        self._database = database
        self._selector = selector
        self._datagrams: AnnouncementListener | None = None
        self._news: News | None = None

    def open(self, poll_seconds: float) -> None:
        """Listen to this machine; `poll_seconds` is how late jobs start where that cannot be had."""
        try:
            self._datagrams = AnnouncementListener(self._root)
            self._selector.register(self._datagrams, selectors.EVENT_READ)
        except OSError as error:
            text = "Announcements cannot be received (%s): new jobs start up to %g s late."
            logger.warning(text, error, poll_seconds)

    def listen_to_database(self) -> bool:
        """Listen to the database, if it can wake us and we do not listen yet; says whether we have just begun.

        Raises DatabaseError.
        """
        if self._news is not None:
            return False
        self._news = self._database.listen(CHANNEL)
        if self._news is None:
            return False
        self._selector.register(self._news, selectors.EVENT_READ)
        return True

    def have_come(self, ready: list[object]) -> bool:
        """Whether there are announcements among what is ready to be read; they are taken."""
        heard = False
        if self._datagrams is not None and self._datagrams in ready:
            self._datagrams.drain()
            heard = True
        if self._news is not None and self._news in ready:
            self._hear_news(self._news)
            heard = True
        return heard

    def close(self) -> None:
        """Stop listening."""
        if self._datagrams is not None:
            self._datagrams.close()
        self._drop_news()

    def _hear_news(self, news: News) -> None:
        try:
            news.drain()
        except DatabaseError as error:
            logger.warning("No news from the database any more, until it answers again: %s", error)
            self._drop_news()

    def _drop_news(self) -> None:
        if self._news is not None:
            self._selector.unregister(self._news)
            self._news.close()
            self._news = None
