"""Whether the files that a job manager has loaded are still the files on the disk."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from core import clock
from core.job_manager.release import Release

_LOOK_SECONDS = 3.0
#: While files are being copied each look is another one: what was seen twice is what was meant.
_LOOK_AGAIN_SECONDS = 1.0
#: However many files there are, looking at one part of them takes a thousandth of one processor's time at most.
_LOOKS_SHARE = 1000
#: What could not be loaded may lack something that is no file of ours.
_TRY_AGAIN_SECONDS = 60.0
_SUFFIXES = (".py", ".json", ".yaml", ".yml", ".so")
_LEFT_OUT = ("__pycache__", "node_modules")
#: pip makes or replaces one of these whenever it installs, upgrades or removes a package.
_OF_PACKAGES = (".dist-info", ".egg-info", ".egg-link", ".pth")
_PACKAGE_FOLDERS = ("site-packages", "dist-packages")
_CORE = Path(__file__).resolve().parents[1]

#: Time of change in nanoseconds, size, inode: what differs when a file was written again or put in another's place.
_State = tuple[int, int, int]


class _Part:
    """Files that are looked at together, as often as the time allows that it takes."""

    def __init__(self, look: Callable[[], dict[str, _State]]) -> None:
        self.look = look
        self.seen = look()
        #: Whether two looks have found the same.
        self.is_settled = True
        self._next_look_at = clock.monotonic() + _LOOK_SECONDS

    def tend(self) -> bool:
        """Look, if it is time; says whether it was."""
        now = clock.monotonic()
        if now < self._next_look_at:
            return False
        began = time.thread_time()
        before, self.seen = self.seen, self.look()
        rest = (time.thread_time() - began) * _LOOKS_SHARE
        self.is_settled = self.seen == before
        self._next_look_at = now + max(rest, _LOOK_SECONDS if self.is_settled else _LOOK_AGAIN_SECONDS)
        return True

    def hasten(self) -> None:
        """Look again soon."""
        self._next_look_at = min(self._next_look_at, clock.monotonic() + _LOOK_AGAIN_SECONDS)


class CodeWatch:
    """Looks at the files of core, modules and metadata, at the interpreter's packages, and where a link to all leads.

    Those of modules and the installation are few, and change while somebody works on them: they are looked at apart.
    `module_paths` are the modules' folders, wherever they lie. `loaded_at` is when this process began to load, in
    seconds of the monotonic clock: what was written since then may have come too late.
    """

    def __init__(self, release: Release, module_paths: Iterable[Path], loaded_at: float) -> None:
        root = self._root = release.root
        self._release = release
        own = root / "modules"
        others = [path for path in module_paths if not path.is_relative_to(own)]
        data = [root / "data" / name for name in ("metadata", "i18n", "layouts")]
        self._folders = [own, *others, *data]
        self._parts = [_Part(self._look_at_own), _Part(self._look_at_shared)]
        self._loaded = {**self._seen, **_where(release)}
        self._is_outdated = _has_younger(self._loaded, loaded_at)
        self._refused: dict[str, _State] | None = None
        self._try_again_at = 0.0

    def changes(self) -> list[str]:
        """The files that are not as they were loaded, once two looks have found the same; mostly none.

        Cheap enough to be called every second.
        """
        have_looked = [part.tend() for part in self._parts]
        if not any(have_looked):
            return []
        if not all(part.is_settled for part in self._parts):
            for part in self._parts:  # what is being installed may come to all of them
                part.hasten()
            return []
        seen = self._seen
        if seen == self._refused and clock.monotonic() < self._try_again_at:
            return []
        found = {name.removeprefix(f"{self._root}/") for name, _ in self._loaded.items() ^ seen.items()}
        return sorted(found) or (["a file that was written while it was loaded"] if self._is_outdated else [])

    def have_moved_on(self) -> bool:
        """Whether the files are not what they were when `changes` named some any more."""
        return any(part.look() != part.seen for part in self._parts)

    def refuse(self) -> None:
        """What was seen last cannot be loaded: it is no change for a minute, unless the files change again."""
        self._refused, self._try_again_at = self._seen, clock.monotonic() + _TRY_AGAIN_SECONDS

    @property
    def _seen(self) -> dict[str, _State]:
        return {name: state for part in self._parts for name, state in part.seen.items()}

    def _look_at_own(self) -> dict[str, _State]:
        found = _where(self._release.latest())
        for folder in self._folders:
            found.update(_files(folder, follows_links=folder.name == "modules"))
        return {**found, **_states_of(self._root / "data" / "modules.json")}

    def _look_at_shared(self) -> dict[str, _State]:
        """Core, and the interpreter with its packages."""
        found = {**dict(self._of_packages()), **dict(_files(_CORE))}
        return {**found, **_states_of(Path(os.path.realpath(sys.executable)))}

    @staticmethod
    def _of_packages() -> Iterator[tuple[str, _State]]:
        for folder in sys.path:
            if folder.endswith(_PACKAGE_FOLDERS):
                yield from ((each.path, _state(each)) for each in _entries(folder) if each.name.endswith(_OF_PACKAGES))


def _where(release: Release) -> dict[str, _State]:
    """To which folder the installation's place leads."""
    try:
        return {str(release.place): (0, 0, release.root.stat().st_ino)}
    except OSError:  # it is gone
        return {}


def _files(folder: str | Path, *, follows_links: bool = False) -> Iterator[tuple[str, _State]]:
    """A folder's files of code and metadata; links to folders are followed in the first level only, where asked for."""
    for entry in _entries(folder):
        try:
            if entry.is_dir(follow_symlinks=follows_links):
                if entry.name not in _LEFT_OUT:
                    yield from _files(entry.path)
            elif entry.name.endswith(_SUFFIXES):
                yield entry.path, _state(entry)
        except OSError:  # it is gone meanwhile, or a link that leads nowhere
            continue


def _entries(folder: str | Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as listing:
            return [entry for entry in listing if not entry.name.startswith(".")]
    except OSError:
        return []


def _state(entry: os.DirEntry[str]) -> _State:
    stat = entry.stat()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _states_of(file: Path) -> dict[str, _State]:
    try:
        stat = file.stat()
    except OSError:
        return {}
    return {str(file): (stat.st_mtime_ns, stat.st_size, stat.st_ino)}


def _has_younger(files: Iterable[str], moment: float) -> bool:
    """Whether the kernel says that a file came or was written after the moment, and not in the future."""
    now = clock.now().timestamp()
    since = now - (clock.monotonic() - moment)
    for file in files:
        try:
            if since < os.stat(file).st_ctime <= now:  # noqa: PTH116 - hundreds of files, half the time of Path.stat
                return True
        except OSError:
            continue
    return False
