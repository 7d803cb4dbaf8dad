"""Read a table, row by row: ``python examples/table.py --host 192.0.2.1 1.3.6.1.2.1.2.2 1 2 8``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import aclosing

from snmptcp import Community, Manager, SnmpError

IF_TABLE = "1.3.6.1.2.1.2.2"


async def table(host: str, port: int, community: str, oid: str, columns: list[int] | None) -> None:
    """Print a table as tab-separated text; missing cells are empty."""
    async with (
        Manager(host, port, credentials=Community(community)) as manager,
        aclosing(manager.table(oid, columns)) as rows,
    ):
        async for row in rows:
            # Without a list of columns, print the column number with each cell.
            if columns is None:
                cells = [f"{column}={value}" for column, value in row.items()]
            else:
                cells = [str(row.get(column, "")) for column in columns]
            print(row.index, *cells, sep="\t")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description="Read a table.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=161)
    parser.add_argument("--community", default="public")
    parser.add_argument("oid", nargs="?", default=IF_TABLE, metavar="OID")
    parser.add_argument("columns", nargs="*", type=int, metavar="COLUMN", help="column number; default: all columns")
    options = parser.parse_args()
    try:
        asyncio.run(table(options.host, options.port, options.community, options.oid, options.columns or None))
    except SnmpError as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
