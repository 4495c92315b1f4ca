"""`python -m core.worker_parent <root> <descriptor> [flags]`: the workers' parent, as the job manager starts it."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.loading import without_collections

if TYPE_CHECKING:
    from core.container import Container


def main() -> None:
    """Serve the job manager at the other end of the descriptor."""
    with without_collections():
        from core.application import Application
        from core.exceptions import ConfigurationError
        from core.job_manager.worker_parent import WorkerParent

    root, control, *arguments = sys.argv[1:]
    os.set_inheritable(int(control), False)
    os.chdir(root)

    def boot() -> Container:
        container = Application(root).container
        problem = container.get("config").problem
        if problem is not None:
            # The defaults may name another database; the job manager tries again in a second.
            raise ConfigurationError(problem)
        return container

    WorkerParent(Path(root), socket.socket(fileno=int(control)), arguments, boot).serve()


if __name__ == "__main__":
    main()
