"""The limit of open files: raised before a fleet opens more connections than it allows.

Contains: the limit of this process.  Does not contain: how many connections a fleet keeps.
"""

from __future__ import annotations

from snmptcp.fleet.polling.connections import OTHER_FILES

try:
    import resource
except ImportError:  # Windows, where sockets are no files and have no such limit
    resource = None  # type: ignore[assignment]  # mypy takes the name for the module alone

__all__ = ("allow_open_files",)


def allow_open_files(connections: int, *, fixed: bool = True) -> list[str]:
    """Allow as many open files as connections need; return what there is to tell.

    The soft limit is raised to the hard one if it is too low.

    Args:
        connections: how many there may be at once.
        fixed: whether there will be as many even if the limit does not allow them: a fleet without max_connections
            has as many as it allows.
    """
    if resource is None:
        return []
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = connections + OTHER_FILES
    if _is_enough(soft, needed):
        return []
    told = []
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError) as error:  # macOS allows less than it says
            told.append(f"the limit of open files ({soft:,}) could not be raised: {error}")
        else:
            told.append(f"the limit of open files was raised from {soft:,} to {_text(hard)}")
            soft = hard
    if fixed and not _is_enough(soft, needed):
        most = max(1, soft - OTHER_FILES)
        told.append(
            f"{connections:,} connections need more open files than {soft:,}: set max_connections to {most:,} or less "
            "in [fleet], or raise the limit with ulimit -n"
        )
    return told


def _is_enough(limit: int, needed: int) -> bool:
    return limit == resource.RLIM_INFINITY or limit >= needed


def _text(limit: int) -> str:
    return "infinity" if limit == resource.RLIM_INFINITY else f"{limit:,}"
