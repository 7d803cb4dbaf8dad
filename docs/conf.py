"""Sphinx's configuration: `nox -s docs` makes a site of the pages in this folder."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import snmptcp

project = "snmptcp"
author = "The snmptcp developers"
version = release = snmptcp.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "_site.contents",
    "_site.reference",
    "_site.repository",
]
exclude_patterns = ["_site", "man"]
highlight_language = "text"
nitpicky = True  # a reference that leads nowhere is a warning, and `nox -s docs` makes warnings errors

html_theme = "furo"
html_title = f"snmptcp {release}"
html_copy_source = False
html_static_path = ["_site/static"]
html_css_files = ["site.css"]

# Headings have the anchors that GitHub gives them.
myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
