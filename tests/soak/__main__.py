"""A soak: many agents with faults, requests at a rate, and a listener beside them: what ``nox -s soak`` runs."""

from __future__ import annotations

import argparse
import asyncio
import sys

from tests.soak.plan import Plan
from tests.soak.report import result_as_text
from tests.soak.run import soak


def main() -> int:
    """Run a soak; return 1 if a mark is missed.  Ctrl-C and SIGTERM end it early, with its figures."""
    default = Plan()
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    for name, kind, text in (
        ("minutes", float, "how long"),
        ("agents", int, "how many agents"),
        ("rate", float, "requests a second, over all agents"),
        ("faults", float, "percent of the answers that are faulty, and of the agents with an outage in a minute"),
        ("notifications", float, "traps and informs a second"),
        ("seed", int, "of the random choices"),
    ):
        parser.add_argument(
            f"--{name}", type=kind, default=getattr(default, name), help=f"{text} (default: %(default)s)"
        )
    plan = Plan(**vars(parser.parse_args()))
    result = asyncio.run(soak(plan, lambda line: print(line, flush=True)))
    print()
    print(result_as_text(result))
    return 0 if result.met else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
