"""The files of the page: complete, without references to elsewhere, and without ways for values to become HTML."""

from __future__ import annotations

import re

import pytest

from snmptcp.web.assets import read_assets

ASSETS = read_assets()
OURS = sorted(name for name in ASSETS if not name.startswith("uplot/"))
SCRIPTS = [name for name in OURS if name.endswith(".js")]

#: What parses text as HTML or as code.
DANGEROUS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(|new Function|srcdoc|\.style\b"
)


def text(name: str) -> str:
    return ASSETS[name].octets.decode()


def test_all_files_have_types_and_the_licence_is_not_served() -> None:
    assert {"index.html", "style.css", "main.js", "icon.svg", "uplot/uPlot.iife.min.js"} <= set(ASSETS)
    assert not any("LICENSE" in name for name in ASSETS)
    assert ASSETS["main.js"].content_type == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_makes_html_of_text(name: str) -> None:
    assert DANGEROUS.findall(text(name)) == []


def test_the_vendored_library_makes_no_html_of_text() -> None:
    assert "innerHTML" not in text("uplot/uPlot.iife.min.js")
    assert "eval(" not in text("uplot/uPlot.iife.min.js")


@pytest.mark.parametrize("name", OURS)
def test_no_file_refers_to_another_host_or_to_the_root_of_its_own(name: str) -> None:
    body = text(name).replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"https?://|\burl\(", body) == []
    assert re.findall(r"""(?:src|href|fetch\(|EventSource\()\s*=?\s*["'`(]/""", body) == []


def test_the_page_has_no_inline_code_or_style() -> None:
    body = text("index.html")
    assert re.findall(r"<script(?![^>]*\bsrc=)", body) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", body) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_a_module_imports_is_there(name: str) -> None:
    for imported in re.findall(r'from "\./([\w.]+)"', text(name)):
        assert imported in ASSETS


def test_what_the_page_refers_to_is_there() -> None:
    body = text("index.html")
    assert set(re.findall(r'(?:src|href)="static/([^"]+)"', body)) <= set(ASSETS)
    ids = set(re.findall(r'\bid="([\w-]+)"', body))
    used = {found for name in SCRIPTS for found in re.findall(r'byId\("([\w-]+)"\)', text(name))}
    assert used <= ids
    assert set(re.findall(r'aria-(?:controls|labelledby)="([\w-]+)"', body)) <= ids


def test_colours_have_enough_contrast_in_both_schemes() -> None:
    """WCAG AA: 4.5 to 1 for text."""
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in _schemes(text("style.css")))
    dark = {**light, **dark}
    pairs = [
        *((ink, paper) for ink in ("text", "quiet", "in", "out", "bad") for paper in ("card", "chosen", "soft")),
        *(("accent", "card"), ("on-accent", "accent"), ("text", "page"), ("quiet", "page")),
        *((kind, f"{kind}-soft") for kind in ("good", "bad", "idle")),
    ]
    for scheme in (light, dark):
        poor = {pair: _contrast(scheme[pair[0]], scheme[pair[1]]) for pair in pairs}
        assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}


def _schemes(style: str) -> tuple[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    return light, dark


def _contrast(one: str, other: str) -> float:
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
