"""Build hook: ``SNMPTCP_COMPILE=1 pip install .`` makes a wheel with modules compiled by mypyc and Cython.

Without that variable the wheel is pure Python and needs no compiler.  With it, the modules below become extension
modules beside their source.  mypyc compiles those that work with classes and numbers of our own; Cython compiles the
decoder's innermost loop, because it can create instances of Python's own types in C.  ``snmptcp.codec.COMPILED`` tells
which are in use.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: The modules of the hot path: codec, sessions and security models.  mypyc compiles them.
MODULES = (
    "snmptcp/codec/ber.py",
    "snmptcp/codec/framer.py",
    "snmptcp/codec/message.py",
    "snmptcp/codec/pdu.py",
    "snmptcp/protocol/correlator.py",
    "snmptcp/protocol/deadline.py",
    "snmptcp/protocol/discovery.py",
    "snmptcp/protocol/exchange.py",
    "snmptcp/protocol/ids.py",
    "snmptcp/protocol/in_flight.py",
    "snmptcp/protocol/probes.py",
    "snmptcp/protocol/reasons.py",
    "snmptcp/protocol/repetitions.py",
    "snmptcp/protocol/request.py",
    "snmptcp/protocol/responses.py",
    "snmptcp/protocol/session.py",
    "snmptcp/protocol/time_proof.py",
    "snmptcp/protocol/walk.py",
    "snmptcp/security/community.py",
    "snmptcp/security/engine_clock.py",
    "snmptcp/security/usm.py",
    "snmptcp/security/usm_envelope.py",
    "snmptcp/security/usm_head.py",
    "snmptcp/security/usm_keys.py",
    "snmptcp/security/usm_message.py",
)

#: Cython compiles these, with the types of the file ``.pxd`` beside each.
CYTHON_MODULES = ("snmptcp/codec/varbinds.py",)

#: Annotations are no types in C: where they say ``bytes``, subclasses are allowed, too.
_DIRECTIVES = {"language_level": "3", "annotation_typing": False, "freethreading_compatible": True}

_SETUP = """
from Cython.Build import cythonize
from mypyc.build import mypycify
from setuptools import setup

setup(
    name="snmptcp-compiled",
    packages=[],
    ext_modules=mypycify(
        ["--follow-imports=silent", "--ignore-missing-imports", *{modules!r}],
        opt_level="3",
        debug_level="0",
        group_name="snmptcp",
    )
    + cythonize({cython_modules!r}, compiler_directives={directives!r}, quiet=True),
)
"""


class CompiledCodec(BuildHookInterface):  # type: ignore[type-arg]  # hatchling does not declare the type
    """Adds the extension modules to a wheel."""

    def dependencies(self) -> list[str]:
        """Return the build dependencies: none for a pure wheel."""
        return ["Cython>=3.1", "mypy[mypyc]>=1.18", "setuptools>=77"] if _wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and add the results to the wheel."""
        if not _wanted() or self.target_name != "wheel" or version == "editable":
            return
        self._directory = tempfile.TemporaryDirectory(prefix="snmptcp-compile-")
        folder = Path(self._directory.name)
        for extension in compile_modules(Path(self.root), folder):
            build_data["force_include"][str(extension)] = extension.relative_to(folder).as_posix()
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Delete the intermediate files."""
        if _wanted() and hasattr(self, "_directory"):
            self._directory.cleanup()


def compile_modules(root: Path, folder: Path) -> list[Path]:
    """Compile a copy of the package; return the extension modules.

    Args:
        root: the project's folder.
        folder: an empty folder for the build.
    """
    shutil.copytree(root / "snmptcp", folder / "snmptcp", ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd"))
    setup = _SETUP.format(modules=list(MODULES), cython_modules=list(CYTHON_MODULES), directives=_DIRECTIVES)
    (folder / "setup.py").write_text(setup)
    subprocess.run([sys.executable, "setup.py", "-q", "build_ext", "--inplace"], cwd=folder, check=True)
    built = [path for suffix in ("so", "pyd") for path in folder.rglob(f"*.{suffix}")]
    return sorted(path for path in built if "build" not in path.relative_to(folder).parts)


def _wanted() -> bool:
    return os.environ.get("SNMPTCP_COMPILE", "") not in ("", "0")
