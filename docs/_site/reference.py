"""The reference, from the docstrings: an extension of Sphinx, used by docs/conf.py together with autodoc.

A page lists names in a block that begins with three backticks and ``{public}``.  The block becomes the directives of
autodoc for these names, and each name that a docstring or an annotation mentions becomes a link.
"""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, get_type_hints

from sphinx import addnodes
from sphinx.ext.napoleon import Config as Style
from sphinx.ext.napoleon.docstring import GoogleDocstring
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.nodes import find_pending_xref_condition
from sphinx.util.typing import restify, stringify_annotation

from _site import inventory
from _site.annotations import import_names_of_annotations, name_aliases
from _site.docstrings import described_attributes, without_attributes
from _site.members import members_of
from _site.public import PublicNames, is_alias, package_modules

if TYPE_CHECKING:
    from types import ModuleType

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config

__all__ = ("BLOCK", "NAMES", "UNDESCRIBED", "setup")

#: A block of public names on a page.
BLOCK = re.compile(r"^```\{public\}\n(.*?)^```$", re.DOTALL | re.MULTILINE)

#: The place of a table of all names of a module.
NAMES = re.compile(r"^```\{names\}\n(\S+)\n```$", re.MULTILINE)

#: A text up to the end of its first sentence, or to a semicolon, but not inside of parentheses or code.
_FIRST_SENTENCE = re.compile(r"(?:``.*?``|\([^()]*\)|[^.;(]|[.;](?!\s|$))*")

#: A page of ours that a docstring names.
_PAGE = re.compile(r"(?:``)?\bdocs/([\w-]+)\.md\b(?:``)?")

#: Names of other projects that have no link: their documentation does not have them, or not where it is expected.
UNDESCRIBED = frozenset(
    {
        "distributed.Security",
        "distributed.deploy.cluster.Cluster",
        "distributed.security.Security",
        "socket.AddressFamily",
    }
)


class Reference:
    """What the hooks share: the public names, and what the source says above constants."""

    def __init__(self) -> None:
        self.names = PublicNames()
        import_names_of_annotations()
        self._values = {place: self._value(place) for place in self.names.places.values()}
        self._comments = {
            place: _comment(place, item)
            for place, item in self._values.items()
            if not (inspect.isclass(item) or inspect.isfunction(item))
        }
        aliases = {place: item for place, item in self._values.items() if is_alias(item)}
        self._definitions = {place: restify(_evaluated(place, item), "smart") for place, item in aliases.items()}
        name_aliases(aliases)
        self._described = {
            f"{place}.{name}": lines
            for place, item in self._values.items()
            if inspect.isclass(item)
            for name, lines in self._attributes(item).items()
        }

    @staticmethod
    def _value(place: str) -> Any:
        module, _, name = place.rpartition(".")
        return getattr(import_module(module), name)

    def _is_public(self, kind: type) -> bool:
        return self.names.place_of(kind) is not None

    def _attributes(self, kind: type) -> dict[str, list[str]]:
        """Return what docstrings say about the attributes that are shown as members."""
        shown = members_of(kind, self._is_public)
        return {
            name: lines
            for owner in reversed(kind.__mro__)
            for name, lines in described_attributes(owner).items()
            if name in shown
        }

    # -------------------------------------------------------------------------------------- pages

    def expand(self, _app: Sphinx, _page: str, source: list[str]) -> None:
        """Put directives in the place of the blocks of names."""
        source[0] = BLOCK.sub(lambda block: self._directives(block[1].split()), source[0])
        source[0] = NAMES.sub(lambda block: self._table(block[1]), source[0])

    def _table(self, module: str) -> str:
        """Return a table of all names of a module, with the first sentence about each."""
        lines = [f".. py:currentmodule:: {module}", "", ".. list-table::", "   :widths: auto", ""]
        for name in import_module(module).__all__:
            place = self.names.places[f"{module}.{name}"]
            lines += [f"   * - :py:obj:`{name} <{place}>`", f"     - {self._first_sentence(place)}"]
        return "\n".join(["```{eval-rst}", *lines, "", "```"])

    def _first_sentence(self, place: str) -> str:
        about = self._comments.get(place) or (inspect.getdoc(self._values[place]) or "").split("\n\n")[0].splitlines()
        found = _FIRST_SENTENCE.match(" ".join(about))
        return f"{found[0] if found else ''}."

    def _directives(self, places: list[str]) -> str:
        lines = [line for place in places for line in [*self._directive(place), ""]]
        return "\n".join(["```{eval-rst}", *lines, "```"])

    def _directive(self, place: str) -> list[str]:
        item = self._values[place]
        if inspect.isfunction(item):
            return [f".. autofunction:: {place}"]
        if inspect.isclass(item):
            kind = "exception" if issubclass(item, BaseException) else "class"
            members = members_of(item, self._is_public)
            options = [f"   :members: {', '.join(members)}", "   :undoc-members:"] if members else []
            has_bases = any(self._public_bases(base) != [object] for base in item.__bases__)
            return [f".. auto{kind}:: {place}", *(["   :show-inheritance:"] if has_bases else []), *options]
        module, _, name = place.rpartition(".")
        options = [f"   :module: {module}"]
        comment = ["", *(f"   {line}" for line in self._comments[place])]
        if is_alias(item):
            return [f".. py:type:: {name}", *options, *comment, "", f"   Stands for {self._definitions[place]}."]
        options += [f"   :type: {stringify_annotation(type(item))}"]
        options += [f"   :value: {item!r}"] if isinstance(item, int | float | str) else []
        return [f".. py:data:: {name}", *options, *comment]

    # --------------------------------------------------------------------------------- docstrings

    def docstring(  # noqa: PLR0917 - Sphinx gives them by position
        self, app: Sphinx, what: str, name: str, item: Any, options: Any, lines: list[str]
    ) -> None:
        """Say at each attribute what the docstring of its class says about it, and not in both places."""
        if name in self._described:
            lines[:] = self._described[name]
        elif lines and re.match(r"Alias for field number \d+$", lines[0]):
            lines[:] = []
        elif inspect.isclass(item) and what in {"class", "exception"}:
            lines[:] = without_attributes(lines, members_of(item, self._is_public))
        lines[:] = [_PAGE.sub(r":doc:`/\1`", line) for line in lines]
        # For attributes napoleon would take what stands before a colon for a type.
        kind: Any = "method" if what in {"attribute", "property", "data"} else what
        style: Any = Style()  # what the extension would add to Sphinx's configuration
        lines[:] = GoogleDocstring(lines, style, app, kind, name, item, options).lines()

    def signature(self, *arguments: Any) -> tuple[str, str | None] | None:
        """Show default values that are not Python (`<factory>`) as three dots."""
        *_, signature, returned = arguments
        if signature is None or "<" not in signature:
            return None
        return re.sub(r"= ?<[^>]*>", "= ...", signature), returned

    def bases(self, _app: Sphinx, _name: str, _item: Any, _options: Any, bases: list[Any]) -> None:
        """Show public classes in the place of bases that are not public."""
        shown = dict.fromkeys(found for base in bases for found in self._public_bases(base) if found is not object)
        bases[:] = shown or [object]

    def _public_bases(self, base: Any) -> list[Any]:
        kind = getattr(base, "__origin__", base)
        if not getattr(kind, "__module__", "").startswith("snmptcp") or self._is_public(kind):
            return [base]
        return [found for each in kind.__bases__ for found in self._public_bases(each)]

    # -------------------------------------------------------------------------------------- links

    def link(self, app: Sphinx, doctree: nodes.document) -> None:
        """Give each reference to a name of Python the full name under which its documentation describes it."""
        for node in list(doctree.findall(addnodes.pending_xref)):
            if node.get("refdomain") != "py":
                continue
            meant = node["reftarget"], *_place_of_text(node)
            found = self.names.find(*meant)
            if found is not None:
                node["reftarget"], node["reftype"] = found, "obj"
            elif self.names.is_internal(*meant) or node["reftarget"] in UNDESCRIBED:
                shown = find_pending_xref_condition(node, "resolved") or node
                node.replace_self(shown.children)
            elif node["reftarget"] not in app.config.names_elsewhere:
                node["reftarget"] = self._usual_name(node["reftarget"], app.config.names_elsewhere)
            # Nothing is guessed: `type` is the built-in class, and not an attribute with that name.
            for attribute in ("refspecific", "py:class", "py:module"):
                node.attributes.pop(attribute, None)

    @staticmethod
    def _usual_name(target: str, known: frozenset[str]) -> str:
        """Return a name of another package as its documentation has it: `asyncio.Future` for `_asyncio.Future`."""
        parts = target.split(".")
        usual = [f"{'.'.join(parts[:length]).lstrip('_')}.{parts[-1]}" for length in range(1, len(parts))]
        usual.append(target.replace(".web_app.", ".web.").replace(".helpers.", ".web."))
        return next((name for name in usual if name in known), target)


def _place_of_text(node: nodes.Element) -> tuple[str | None, str | None]:
    """Return the module and the class or function whose signature or description a reference is in."""
    above: nodes.Element | None = node
    while above is not None:
        if isinstance(above, addnodes.desc_signature) and above.get("module"):
            return above["module"], above["fullname"].split(".")[0]
        above = above.parent
    return node.get("py:module"), node.get("py:class")


def _home(place: str, item: object) -> ModuleType:
    """Return the module that defines a public constant or alias, which is the one with a comment (``#:``) above it."""
    name = place.rpartition(".")[2]
    for module in package_modules():
        if vars(module).get(name) is item and ("", name) in _comments_of(module):
            return module
    raise ValueError(f"{place} has no comment (#:) above its definition")


def _comments_of(module: ModuleType) -> dict[tuple[str, str], list[str]]:
    return ModuleAnalyzer.for_module(module.__name__).find_attr_docs() if getattr(module, "__file__", None) else {}


def _comment(place: str, item: object) -> list[str]:
    """Return the comment above a public constant or alias."""
    return [line for line in _comments_of(_home(place, item))["", place.rpartition(".")[2]] if line]


def _evaluated(place: str, alias: Any) -> Any:
    """Return an alias of types in which no name is a text."""

    def function() -> None: ...

    function.__annotations__ = {"return": alias}
    return get_type_hints(function, vars(_home(place, alias)))["return"]


def _use_inventories(app: Sphinx, config: Config) -> None:
    """Let intersphinx use the inventories that are here, so that a build needs no network."""
    config.intersphinx_mapping = inventory.write_all(app.doctreedir / "inventories")
    config.names_elsewhere = frozenset(
        name for project in config.intersphinx_mapping for name in inventory.read(project).names
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the hooks."""
    reference = Reference()
    app.add_config_value("names_elsewhere", frozenset(), "env", types=frozenset)
    app.connect("config-inited", _use_inventories, priority=100)  # before intersphinx looks at its settings
    app.connect("source-read", reference.expand)
    app.connect("autodoc-process-docstring", reference.docstring)
    app.connect("autodoc-process-signature", reference.signature)
    app.connect("autodoc-process-bases", reference.bases)
    app.connect("doctree-read", reference.link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
