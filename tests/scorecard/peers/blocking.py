"""Programs that use the blocking calls: ``blocking threads PORT``, ``blocking fork PORT``, ``blocking ctrl-c PORT``.

Each prints how many seconds closing has taken in its last line, and ``ctrl-c`` when it was interrupted.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time

from snmptcp import Community
from snmptcp.sync import SyncManager
from tests.scorecard.peers import say
from tests.scorecard.peers.agents import UPTIME


def _manager(port: int) -> SyncManager:
    return SyncManager("127.0.0.1", port, credentials=Community("public"))


def _close(manager: SyncManager) -> float:
    began = time.monotonic()
    manager.close()
    return time.monotonic() - began


def _threads(port: int) -> None:
    """Ask in eight threads, each with a manager of its own, and close all of them in this one."""
    managers = [_manager(port) for _ in range(8)]

    def ask(manager: SyncManager) -> None:
        for _ in range(50):
            manager.get(UPTIME)

    threads = [threading.Thread(target=ask, args=(manager,)) for manager in managers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = max(map(_close, managers))
    gc.collect()
    say(seconds)


def _fork(port: int) -> None:
    """Ask before a fork, and in both processes after it."""
    manager = _manager(port)
    manager.get(UPTIME)
    child = os.fork()
    manager.get(UPTIME)
    seconds = _close(manager)
    gc.collect()
    if not child:
        sys.stdout.flush()
        os._exit(0 if seconds < 1 else 1)
    _, status = os.waitpid(child, 0)
    manager = _manager(port)  # the agent still serves
    manager.get(UPTIME)
    say(max(seconds, _close(manager)) if status == 0 else float("inf"))


def _ctrl_c(port: int) -> None:
    """Be interrupted in the middle of a call, and end as programs do."""
    main = threading.main_thread().ident
    assert main is not None
    with _manager(port) as manager:
        threading.Timer(0.5, signal.pthread_kill, (main, signal.SIGINT)).start()
        try:
            while True:
                manager.get(UPTIME)
        except KeyboardInterrupt:
            say(time.monotonic())


if __name__ == "__main__":
    {"threads": _threads, "fork": _fork, "ctrl-c": _ctrl_c}[sys.argv[1]](int(sys.argv[2]))
