"""The project's tasks: `nox -s demo`, `tests`, `lint`, `typing`, `docs`, `benchmarks`, `release-check`, `fuzz`,
`scorecard`, `soak`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "typing", "tests"]

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]

#: Two processes with whole files each, because many tests wait for a timeout.  (`-- -n 0` for one process.)
SIDE_BY_SIDE = ("-n", "2", "--dist", "loadfile")


def install(session: nox.Session, *groups: str) -> None:
    """Install the project as a user would, and the dependency groups."""
    session.install(".", *[need for group in groups for need in nox.project.dependency_groups(PROJECT, group)])


@nox.session
def demo(session: nox.Session) -> None:
    """Walk a real device's recording over TCP, and print a table and the rate."""
    install(session)
    session.run("snmptcp", "demo", *session.posargs)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests; `nox -s tests -- -k walk` passes options to pytest."""
    install(session, "tests")
    session.run("python", "-X", "dev", "-m", "pytest", *SIDE_BY_SIDE, *session.posargs)


@nox.session
def tests_compiled(session: nox.Session) -> None:
    """Run the tests of the compiled packages, and of those above them, against a compiled wheel."""
    session.install(".", *nox.project.dependency_groups(PROJECT, "tests"), env={"SNMPTCP_COMPILE": "1"})
    # Elsewhere: here the source would be imported instead of the wheel.
    here, elsewhere = Path.cwd(), Path(session.create_tmp())
    for name in ("tests", "docs", "examples", "README.md", "pyproject.toml"):
        target = elsewhere / name
        if (here / name).is_dir():
            shutil.copytree(here / name, target, dirs_exist_ok=True)
        else:
            shutil.copy(here / name, target)
    session.chdir(elsewhere)
    session.run("python", "-c", "from snmptcp.codec import COMPILED; assert COMPILED")
    rooms = ("codec", "protocol", "security", "properties", "manager", "net")
    alone = ("test_oid.py", "test_values.py", "test_usm.py")
    targets = session.posargs or ["-p", "no:cacheprovider", *(f"tests/{each}" for each in (*rooms, *alone))]
    session.run("python", "-X", "dev", "-m", "pytest", *targets)


@nox.session
def coverage(session: nox.Session) -> None:
    """Run the tests and report the lines and branches that they miss."""
    install(session, "tests")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "report")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and import contracts."""
    install(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports")


@nox.session
def typing(session: nox.Session) -> None:
    """Check types."""
    install(session, "typing")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Make the documentation site in build/docs, without a network; warnings are errors, and the result is checked."""
    install(session, "docs")
    site = Path("build") / "docs"
    shutil.rmtree(site, ignore_errors=True)  # pages that are no more
    session.run("python", "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "2", "-b", "html", "docs", str(site))
    session.run("python", "docs/_site/check.py", str(site))


def pysnmp_alone(session: nox.Session) -> str:
    """Return the interpreter of an environment with pysnmp: its MIB compiler and ours have the same package name."""
    folder = Path(session.create_tmp()) / "pysnmp"
    peers = nox.project.dependency_groups(PROJECT, "benchmark-peers")
    (need,) = [peer for peer in peers if peer.startswith("pysnmp==")]
    session.run("python", "-m", "venv", str(folder))
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    session.run(str(python), "-m", "pip", "install", "-q", need, "pysmi>=1.5", external=True)  # it reads MIB modules
    return str(python)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Run the benchmarks; print ratios to the raw wire and to peers, and the goals that are met or missed."""
    install(session, "benchmarks")
    session.run("python", "-m", "benchmarks.mib_names", "--pysnmp", pysnmp_alone(session))
    for peer in nox.project.dependency_groups(PROJECT, "benchmark-peers"):
        session.run("python", "-m", "pip", "install", "-q", peer, success_codes=[0, 1])  # go on without it
    results = Path("build") / "benchmarks"
    results.mkdir(parents=True, exist_ok=True)
    pictures = {name: ("--picture", str(results / f"{name}.png")) for name in ("compare", "scale")}
    for name in ("compare", "start", "scale", "latency", "facade", "sinks", "fleet"):
        options = [*pictures.get(name, ()), *(session.posargs if name == "compare" else ())]
        session.run("python", "-m", f"benchmarks.{name}", "--json", str(results / f"{name}.json"), *options)
    for name in ("exporter", "hostile", "instructions"):
        session.run("python", "-m", f"benchmarks.{name}")
    session.run("python", "-m", "benchmarks.goals", str(results))


@nox.session(name="release-check")
def release_check(session: nox.Session) -> None:
    """Build what would be released, check it, and try it with each Python that there is."""
    install(session, "release")
    session.run("python", "-m", "tests.release.check", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Fuzz what takes octets from a peer, a minute each; `-- --seconds 600 session` for ten minutes of one target."""
    install(session, "tests", "fuzz")
    session.run("python", "-m", "tests.fuzz.run", *session.posargs)


@nox.session
def scorecard(session: nox.Session) -> None:
    """Measure the rows of docs/reliability.md, ten minutes in all; `-- R5 R8 --minutes 30` for two, and for longer."""
    install(session, "tests")
    for need in nox.project.dependency_groups(PROJECT, "fuzz"):
        session.run("python", "-m", "pip", "install", "-q", need, success_codes=[0, 1])  # R4 says what is missing
    session.run("python", "-m", "tests.scorecard", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Ask 200 faulty agents for an hour, and check every answer; `-- --minutes 5 --rate 100` for less."""
    install(session, "tests")
    session.run("python", "-m", "tests.soak", *session.posargs)
