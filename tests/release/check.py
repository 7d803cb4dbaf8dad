"""Checks what would be released: ``python -m tests.release.check`` (``nox -s release-check`` installs what it needs).

* builds the source distribution and the wheel, and the wheel once more from the source distribution: both are the same;
* ``twine check --strict`` of both; the metadata name the licences, and the address of the project;
* the wheel has each file of the package and no other, the licences, the manual page and the scripts for completion;
  the source distribution has what is needed to test it;
* installs the wheel into a fresh environment of each Python that is found, without extras: the command runs, a GET and
  a walk of an embedded agent succeed;
* prints sizes, and how much longer ``import snmptcp`` takes than ``import asyncio``.

It ends with 1 if something is wrong.
"""

from __future__ import annotations

import argparse
import email.parser
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

ROOT = Path(__file__).parents[2]

#: Which Pythons are looked for.
PYTHONS = ("3.11", "3.12", "3.13", "3.14")

#: What the wheel installs beside the package, and what the source distribution needs.
SHARED = ("man/man1/snmptcp.1", "bash-completion/completions/snmptcp", "zsh/site-functions/_snmptcp")
NEEDED = (
    ".ci/run",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "benchmarks/README.md",
    "docs/design.md",
    "examples/get.py",
    "hatch_build.py",
    "noxfile.py",
    "pyproject.toml",
    "pytest_snmptcp.py",
    "snmptcp/codec/makers.pxd",
    "snmptcp/codec/varbinds.pxd",
    "tests/conftest.py",
)

#: The releases that the wheel must be smaller than, in octets.
LARGEST_WHEEL = 2_000_000
LARGEST_SOURCE = 6_000_000

TRIAL = """
import asyncio
from snmptcp import Community, Manager
from snmptcp.testing import Agent

async def main():
    async with Agent({"1.3.6.1.2.1.1.5.0": "trial"}) as agent:
        async with Manager(agent.host, agent.port, credentials=Community("public")) as manager:
            assert str(await manager.get_value("1.3.6.1.2.1.1.5.0")) == "trial"
            assert [str(varbind.value) async for varbind in manager.walk("1.3.6.1.2.1.1")] == ["trial"]

asyncio.run(main())
"""


class Report:
    """What was found; prints each line at once."""

    def __init__(self) -> None:
        self.wrong = 0

    def fact(self, text: str) -> None:
        """Print a fact."""
        print(f"      {text}", flush=True)

    def check(self, name: str, problem: str = "") -> None:
        """Print a check that has passed, or what is wrong."""
        self.wrong += bool(problem)
        print(f"WRONG {name}: {problem}" if problem else f"ok    {name}", flush=True)


# ---------------------------------------------------------------------------------------- the files


def build(source: Path, target: Path, *what: str) -> None:
    """Build distributions of a folder."""
    subprocess.run(
        [sys.executable, "-m", "build", *what, "--outdir", str(target), str(source)],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def only(folder: Path, pattern: str) -> Path:
    """Return the only file of a folder that fits."""
    (found,) = folder.glob(pattern)
    return found


def contents(wheel: Path) -> dict[str, str]:
    """Return the digests of a wheel's files by their names, without those that name the build."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


def metadata_of(wheel: Path) -> Message:
    """Return a wheel's metadata."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.parser.BytesParser().parsebytes(archive.read(name))


def package_files() -> Iterator[str]:
    """Yield the files of the package, as git knows them, without those that only compilers read."""
    listed = subprocess.run(
        ["git", "ls-files", "snmptcp"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    yield from (name for name in listed if not name.endswith(".pxd"))


def check_wheel(report: Report, wheel: Path) -> None:
    """Check the contents and the metadata of a wheel."""
    names = set(contents(wheel))
    ours = set(package_files())
    modules = {name for name in names if name.startswith("snmptcp/")}
    report.check("the wheel has the package's files", _listed(ours - modules))
    report.check("the wheel has no other files in the package", _listed(modules - ours))
    report.check("the wheel has the pytest plugin", "" if "pytest_snmptcp.py" in names else "it is missing")
    missing = [name for name in SHARED if not any(path.endswith(f"share/{name}") for path in names)]
    report.check("the wheel has the manual page and the scripts for completion", _listed(missing))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    licences = [
        name for name in project["license-files"] if not any(path.endswith(f"licenses/{name}") for path in names)
    ]
    report.check("the wheel has the licences", _listed(licences))
    metadata = metadata_of(wheel)
    found = metadata["License-Expression"]
    report.check("the metadata tell the licence", "" if found == project["license"] else f"it is {found}")
    urls = metadata.get_all("Project-URL") or []
    report.check("the metadata tell where the project is", "" if urls else "add [project.urls] to pyproject.toml")
    size = wheel.stat().st_size
    report.check(f"the wheel has {size:,} octets", "" if size < LARGEST_WHEEL else f"more than {LARGEST_WHEEL:,}")


def check_source(report: Report, archive: Path) -> None:
    """Check the contents of a source distribution."""
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    report.check("the source has what tests and builds need", _listed(name for name in NEEDED if name not in names))
    odd = [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".so"))]
    report.check("the source has nothing that was made", _listed(odd))
    size = archive.stat().st_size
    report.check(f"the source has {size:,} octets", "" if size < LARGEST_SOURCE else f"more than {LARGEST_SOURCE:,}")


def check_rebuilt(report: Report, archive: Path, wheel: Path, folder: Path) -> None:
    """Check that the source distribution builds the same wheel."""
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    build(only(folder, "*"), folder / "dist", "--wheel")
    again = only(folder / "dist", "*.whl")
    report.check("the source builds the same wheel", "" if contents(again) == contents(wheel) else "it differs")


def _listed(names: object) -> str:
    """Return a few names as text; ``""`` for none."""
    assert hasattr(names, "__iter__")
    found = sorted(names)
    return ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")


# ----------------------------------------------------------------------------------- the installation


def interpreters(given: list[str]) -> dict[str, str]:
    """Return the Pythons that run, by their version: those that are given, this one, and those of the PATH."""
    found: dict[str, str] = {}
    for path in (*given, sys.executable, *(f"python{version}" for version in PYTHONS)):
        command = shutil.which(path)
        if command is None:
            continue
        code = "import sys; print('{}.{}'.format(*sys.version_info))"
        done = subprocess.run([command, "-c", code], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            found.setdefault(done.stdout.strip(), command)
    return found


def check_installed(report: Report, version: str, interpreter: str, wheel: Path, folder: Path) -> None:
    """Install the wheel as a user would, and use it."""
    subprocess.run([interpreter, "-m", "venv", str(folder)], check=True)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(scripts / "python")
    steps = {
        "it installs": [python, "-m", "pip", "install", "-q", str(wheel)],
        "its dependencies agree": [python, "-m", "pip", "check"],
        "the command runs": [str(scripts / "snmptcp"), "--version"],
        "a GET and a walk succeed": [python, "-W", "error", "-c", TRIAL],
    }
    for name, command in steps.items():
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        report.check(f"Python {version}: {name}", (done.stdout + done.stderr).strip() if done.returncode else "")
        if done.returncode:
            return
    more = 1e3 * (_seconds(python, "import asyncio, snmptcp") - _seconds(python, "import asyncio"))
    report.fact(f"Python {version}: import snmptcp takes {more:.0f} ms more than import asyncio")


def _seconds(python: str, code: str, turns: int = 7) -> float:
    """Return the least time that a program takes."""
    times = []
    for _ in range(turns):
        began = time.perf_counter()
        subprocess.run([python, "-c", code], check=True)
        times.append(time.perf_counter() - began)
    return min(times)


# --------------------------------------------------------------------------------------------- all


def main() -> int:
    """Check; return 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.release.check", description="Check what would be released.")
    parser.add_argument("--dist", type=Path, metavar="FOLDER", help="keep the distributions in this folder")
    parser.add_argument("--python", action="append", default=[], metavar="PATH", help="try this Python, too")
    arguments = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="snmptcp-release-") as name:
        folder = Path(name)
        dist = arguments.dist or folder / "dist"
        build(ROOT, dist, "--sdist", "--wheel")
        wheel, archive = only(dist, "*.whl"), only(dist, "*.tar.gz")
        report.fact(f"{wheel.name}, {archive.name}")
        done = subprocess.run(
            [sys.executable, "-m", "twine", "check", "--strict", str(wheel), str(archive)],
            capture_output=True,
            text=True,
            check=False,
        )
        report.check("twine check", done.stdout.strip() if done.returncode else "")
        check_wheel(report, wheel)
        check_source(report, archive)
        check_rebuilt(report, archive, wheel, folder / "source")
        found = interpreters(arguments.python)
        for version, interpreter in found.items():
            check_installed(report, version, interpreter, wheel, folder / version)
        report.fact(f"not found: {', '.join(f'Python {each}' for each in PYTHONS if each not in found) or 'none'}")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
