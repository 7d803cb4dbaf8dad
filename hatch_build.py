"""Wheels with a compiled codec, where ``SNMPTCP_COMPILE=1 pip install .`` asks for them.

Without that variable nothing here does anything: the wheel is pure Python and needs no compiler.  With it mypyc turns
the modules below into extension modules that lie beside their own source; ``snmptcp.codec.COMPILED`` tells which is
in use, and there is one source for both.
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

#: What pays: the codec, and what every message passes on its way through the engine and the security models.
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
    "snmptcp/protocol/request.py",
    "snmptcp/protocol/session.py",
    "snmptcp/protocol/walk.py",
    "snmptcp/security/community.py",
    "snmptcp/security/engine_clock.py",
    "snmptcp/security/usm.py",
    "snmptcp/security/usm_keys.py",
    "snmptcp/security/usm_message.py",
)

_SETUP = """
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
    ),
)
"""


class CompiledCodec(BuildHookInterface):  # type: ignore[type-arg]  # hatchling says nothing of its configuration's type
    """Adds the extension modules to the wheel."""

    def dependencies(self) -> list[str]:
        """Return what building needs: nothing, unless it is asked for."""
        return ["mypy[mypyc]>=1.18", "setuptools>=77"] if _wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and tell where the results go."""
        if not _wanted() or self.target_name != "wheel" or version == "editable":
            return
        self._directory = tempfile.TemporaryDirectory(prefix="snmptcp-compile-")
        folder = Path(self._directory.name)
        for extension in compile_modules(Path(self.root), folder):
            build_data["force_include"][str(extension)] = extension.relative_to(folder).as_posix()
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Forget what was built on the way."""
        if _wanted() and hasattr(self, "_directory"):
            self._directory.cleanup()


def compile_modules(root: Path, folder: Path) -> list[Path]:
    """Compile a copy of the package; return the extension modules.

    Args:
        root: of the project.
        folder: an empty one, to work in.
    """
    shutil.copytree(root / "snmptcp", folder / "snmptcp", ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd"))
    (folder / "setup.py").write_text(_SETUP.format(modules=list(MODULES)))
    subprocess.run([sys.executable, "setup.py", "-q", "build_ext", "--inplace"], cwd=folder, check=True)
    built = [path for suffix in ("so", "pyd") for path in folder.rglob(f"*.{suffix}")]
    return sorted(path for path in built if "build" not in path.relative_to(folder).parts)


def _wanted() -> bool:
    return os.environ.get("SNMPTCP_COMPILE", "") not in ("", "0")
