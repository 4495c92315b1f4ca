"""What may be wrong with `data/` and the disk under it."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.job_manager.finding import Finding
from core.job_manager.pause import user_name
from core.sentence import Sentence, first_of

_MEBIBYTE = 1024**2
# A million job logs are not all looked at: what is wrong with one is wrong with many.
_MOST_LOOKED_AT = 20_000
_MOST_NAMED = 5
_MUCH_LOG = 1024 * _MEBIBYTE
_FULL, _NEARLY_FULL = 100 * _MEBIBYTE, 1024 * _MEBIBYTE
# A share as well: a small disk of its own for data/ is full of what it is meant for.
_NEARLY_FULL_SHARE, _FEW_FILES_SHARE = 0.05, 0.01
_OF_NETWORKS = re.compile(r"nfs\d?|cifs|smb\d?|smbfs|9p|ceph|afs|glusterfs|lustre|fuse\.(sshfs|glusterfs|s3fs|rclone)")
_ESCAPED = re.compile(r"\\([0-7]{3})")
_MOUNTS = Path("/proc/self/mountinfo")


@dataclass
class _Seen:
    """What a walk through the folder has come across."""

    strangers: list[Path] = field(default_factory=list)
    unwritable: list[Path] = field(default_factory=list)
    log_bytes: int = 0


def judge_folder(data: Path) -> Iterator[Finding]:
    """Files of another owner, files that cannot be written, and logs that have grown."""
    try:
        status = data.stat()
    except OSError:
        return  # it is made at first use
    owner = status.st_uid
    me = os.geteuid()
    if owner != me:
        text = Sentence(
            "{folder} belongs to {owner}, and this command runs as {user}: what it writes the other cannot change.",
            folder=data,
            owner=user_name(owner),
            user=user_name(me),
        )
        remedy = Sentence(
            "Run all commands, and cron, as {owner}: sudo -u '#{number}' python console.py doctor",
            owner=user_name(owner),
            number=owner,
        )
        yield Finding("files", text, remedy, is_error=True)
    seen = _Seen()
    _judge_entry(data, status, owner, seen)
    _walk(data, owner, seen)
    name = user_name(owner)
    if seen.strangers:
        text = Sentence(
            "In {folder} these do not belong to {owner}, as the folder does: {files}.",
            folder=data,
            owner=name,
            files=_named(seen.strangers),
        )
        remedy = Sentence("As root: {command}", command=f"chown -R {owner} {data}")
        yield Finding("files", text, remedy, is_error=True)
    if seen.unwritable:
        text = Sentence(
            "Of {folder} these cannot be written by {owner}: {files}.",
            folder=data,
            owner=name,
            files=_named(seen.unwritable),
        )
        remedy = Sentence("As root: {command}", command=f"chmod -R u+rwX {data}")
        yield Finding("files", text, remedy, is_error=True)
    if seen.log_bytes > _MUCH_LOG:
        text = Sentence(
            "The logs in {folder} take {size} or more.",
            folder=data / "logs",
            size=f"{seen.log_bytes // _MEBIBYTE} MiB",
        )
        remedy = Sentence(
            '"python console.py job add ClearEntities" takes old jobs with their logs; logger.maxFileNumber, '
            "logger.maxFileSizeMiB and autoDeleteAfterDays say how much stays."
        )
        yield Finding("logs", text, remedy)


def judge_space(folder: Path) -> Iterator[Finding]:
    """Whether the disk is full, or nearly so, in bytes or in files."""
    usage = shutil.disk_usage(folder)
    share = usage.free / usage.total if usage.total else 1.0
    text = Sentence(
        "The disk of {folder} has {size} left, {share}.",
        folder=folder,
        size=f"{usage.free // _MEBIBYTE} MiB",
        share=f"{share:.1%}",
    )
    remedy = Sentence("Make room: when it is full no job starts or ends.")
    if usage.free < _FULL:
        yield Finding("disk", text, remedy, is_error=True)
    elif usage.free < _NEARLY_FULL and share < _NEARLY_FULL_SHARE:
        yield Finding("disk", text, remedy)
    system = os.statvfs(folder)
    if system.f_files and system.f_favail / system.f_files < _FEW_FILES_SHARE:
        text = Sentence(
            "The disk of {folder} has room for {count} more files only.", folder=folder, count=system.f_favail
        )
        yield Finding("disk", text, Sentence("Remove files that nobody needs, such as old logs."), is_error=True)


def judge_place(database: Path) -> Iterator[Finding]:
    """Whether a SQLite file lies where its locks cannot be trusted."""
    kind = file_system_of(database.parent.resolve(), _MOUNTS.read_text())
    if kind is not None and _OF_NETWORKS.fullmatch(kind):
        text = Sentence(
            "The database {file} lies on a network file system ({kind}), whose locks SQLite cannot trust.",
            file=database,
            kind=kind,
        )
        remedy = Sentence('Move data/ to a disk of this machine, or take a server: "python console.py database copy".')
        yield Finding("disk", text, remedy, is_error=True)


def file_system_of(path: Path, mounts: str) -> str | None:
    """The type of the file system that holds the path, by the text of `/proc/self/mountinfo` (proc(5))."""
    kind, longest = None, -1
    for line in mounts.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split()
        if not separator or len(fields) < 5:
            continue
        place = Path(_ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[4]))
        if (
            path.is_relative_to(place) and len(place.parts) >= longest
        ):  # the last of those on one place covers the others
            kind, longest = after.split()[0], len(place.parts)
    return kind


def _walk(data: Path, owner: int, seen: _Seen) -> None:
    logs, left = data / "logs", _MOST_LOOKED_AT
    folders = [data]
    while folders and left > 0:
        folder = folders.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            seen.unwritable.append(folder)
            continue
        for entry in entries[:left]:
            try:
                status = entry.stat()
            except OSError:  # it is gone by now, or leads nowhere
                continue
            path = Path(entry.path)
            _judge_entry(path, status, owner, seen)
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif path.is_relative_to(logs):
                seen.log_bytes += status.st_size
        left -= len(entries)


def _judge_entry(path: Path, status: os.stat_result, owner: int, seen: _Seen) -> None:
    if status.st_uid != owner:
        seen.strangers.append(path)
    # Not by asking the kernel alone: root may write everything, and the owner may not.
    needed = stat.S_IWUSR | (stat.S_IXUSR if stat.S_ISDIR(status.st_mode) else 0)
    if status.st_uid == owner and status.st_mode & needed != needed:
        seen.unwritable.append(path)


def _named(paths: list[Path]) -> Sentence:
    return first_of([path.name for path in paths], _MOST_NAMED)
