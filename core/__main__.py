"""`python -m core <root> <words>`: a console command in the installation `root`."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from core.application import Application
from core.exceptions import AtroError
from core.terminal import output

USAGE = "Usage: python -m core <root> <words>, where <root> is a folder with modules/ and data/."
# What a shell reports for a program that SIGINT ended.
_INTERRUPTED = 130
#: What a disk, its permissions or somebody's hand refuse, and no program's fault: what to do about it.
_ADVICE = {
    **dict.fromkeys((errno.EACCES, errno.EPERM), "Does it belong to another user?"),
    errno.EROFS: "The disk is read-only.",
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "Make room on the disk."),
    errno.EISDIR: "A folder lies where a file belongs: take it away.",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the words mean, and answer its exit code; 2 where no installation is named."""
    root, *words = (sys.argv[1:] if argv is None else argv) or [""]
    if not root or not Path(root).is_dir():
        output.note(USAGE)
        return 2
    return _run(_place(Path(root)), words)


def _is_no_interrupt(record: logging.LogRecord) -> bool:
    """Whether a library says something else than that Ctrl-C came amid its work, as SQLAlchemy's pool does."""
    return not (record.exc_info and isinstance(record.exc_info[1], KeyboardInterrupt))


def _place(root: Path) -> Path:
    """The folder by the name that a person gave it: the shell knows the link that Python's own folder does not."""
    by_shell = Path(os.environ.get("PWD", ""))
    if root.is_absolute() and root == root.resolve() and by_shell.is_absolute() and by_shell.resolve() == root:
        return by_shell
    return root.absolute()


def _run(root: Path, words: list[str]) -> int:
    if logging.lastResort is not None:
        logging.lastResort.addFilter(_is_no_interrupt)
    try:
        # Modules may name their files relative to the root, as in AtroCore.
        os.chdir(root)
        with Application(root) as application:
            code = application.run(words)
        output.flush()
        return code
    except AtroError as error:
        output.error(str(error))
        return 1
    except BrokenPipeError:
        # Who read our output has had enough (`job list | head -1`); Python flushes once more at the end.
        output.discard()
        return 1
    except OSError as error:
        if error.errno not in _ADVICE:
            raise
        output.error(f"{error.filename or root / 'data'}: {error.strerror}. {_ADVICE[error.errno]}")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
