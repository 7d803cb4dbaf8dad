"""Annotations as the reference shows them: with full names that have links, and with the names of types' aliases.

Modules import many names for type checkers alone (``if TYPE_CHECKING:``), so that Python itself cannot evaluate their
annotations.  While the reference is made, these imports are done.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
from typing import TYPE_CHECKING, Any

from _site.public import is_alias, package_modules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

__all__ = ("import_names_of_annotations", "name_aliases")


def import_names_of_annotations() -> None:
    """Import into each module what it imports for type checkers alone, as far as the packages are installed."""
    done: set[str] = set()
    while waiting := [module for module in package_modules() if module.__name__ not in done]:
        for module in waiting:
            done.add(module.__name__)
            for statement in _guarded_imports(module):
                _run(statement, vars(module))


def _guarded_imports(module: ModuleType) -> list[ast.stmt]:
    try:
        tree = ast.parse(inspect.getsource(module))
    except OSError:  # compiled, or empty
        return []
    return [
        statement
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        if isinstance(statement, ast.Import | ast.ImportFrom)
    ]


def _run(statement: ast.stmt, names: dict[str, Any]) -> None:
    with contextlib.suppress(ImportError):  # of an optional package: its names are shown without a link
        exec(compile(ast.Module([statement], []), "<names of annotations>", "exec"), names)  # noqa: S102 - our own code


def name_aliases(aliases: Mapping[str, object]) -> None:
    """Make annotations show the public aliases of types by their names.

    Python would put the definition in the place of ``Credentials``: three classes, in each signature.  So a class with
    the alias's public name stands in for it, wherever an annotation finds it.

    Args:
        aliases: what each alias stands for, by the place that describes it.
    """
    stand_ins = {}
    for place, item in aliases.items():
        module, _, name = place.rpartition(".")
        stand_ins[name, repr(item)] = type(name, (), {"__module__": module})
    for each in package_modules():
        for name, item in list(vars(each).items()):
            if is_alias(item) and (name, repr(item)) in stand_ins:
                setattr(each, name, stand_ins[name, repr(item)])
