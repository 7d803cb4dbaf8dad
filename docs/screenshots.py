"""Makes the pictures of docs/web.md: ``python docs/screenshots.py [FOLDER]``.

It needs Debian's package ``chromium`` and playwright from PyPI.  What is shown is that of ``snmptcp demo --web``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright

import snmptcp.web
from snmptcp import Community, NotificationListener
from snmptcp.cli.serving.devices import shown_agents
from snmptcp.cli.serving.server import serving
from snmptcp.fleet import BackOff, Fleet
from snmptcp.mib import Mib

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from playwright.async_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
FOLDER = Path(__file__).parent / "images"

#: How long agents are polled before the first picture, so that charts have something to show, in seconds.
PATIENCE = 60.0

AGENT = "edge-turku-4"


@dataclass(frozen=True)
class Picture:
    """A picture.

    Attributes:
        name: its file, without the ending.
        width: of the window, in pixels.
        height: of the window.
        scheme: ``light`` or ``dark``.
        view: the tab that is shown.
    """

    name: str
    width: int
    height: int
    scheme: str
    view: str = "interfaces"


PICTURES = (
    Picture("web-wide-light", 1600, 900, "light"),
    Picture("web-wide-dark", 1600, 900, "dark"),
    Picture("web-narrow-light", 360, 1900, "light"),
    Picture("web-narrow-dark", 360, 1900, "dark"),
    Picture("web-walk", 1100, 800, "light", view="walk"),
    Picture("web-packets", 1100, 800, "dark", view="packets"),
)


@contextlib.asynccontextmanager
async def page() -> AsyncGenerator[str, None]:
    """Serve the page of the demonstration, and yield its URL."""
    async with contextlib.AsyncExitStack() as stack:
        listener = NotificationListener("127.0.0.1", 0, credentials=Community("public"))
        await stack.enter_async_context(listener)
        targets = await stack.enter_async_context(shown_agents(12, ("127.0.0.1", listener.port)))
        jobs, back_off = snmptcp.web.interface_jobs(1.0), BackOff(first=1.0, most=4.0)
        fleet = Fleet(targets, jobs=jobs, mib=Mib(), first_within=1.0, grace=0.3, back_off=back_off)
        await stack.enter_async_context(fleet)
        options = snmptcp.web.Options(title="snmptcp demo")
        application = snmptcp.web.app(fleet, notifications=listener, options=options)
        yield await stack.enter_async_context(serving(application, "127.0.0.1", 0))


async def show(shown: Page, view: str) -> None:
    """Choose a tab, and let it show something."""
    await shown.click(f"#tab-{view}")
    if view == "walk":
        await shown.fill("#walk-root", "ifTable")
        await shown.click("#walk-start")
        await shown.wait_for_selector("#walk-rows tr:nth-child(20)")
        await shown.wait_for_selector("#walk-start:not([disabled])")
    elif view == "packets":
        await shown.fill("#packets-names", "sysName.0 ifOperStatus.1")
        await shown.click("#packets-start")
        await shown.wait_for_selector("#packets li:nth-child(2)")
    else:
        await shown.wait_for_selector("#interfaces tr")
        await shown.evaluate("document.querySelector('#interfaces').scrollIntoView()")
        await shown.wait_for_selector(".spark canvas")
        await shown.evaluate("window.scrollTo(0, 0)")


async def take(browser: Browser, url: str, picture: Picture, folder: Path) -> None:
    """Take a picture."""
    size = {"width": picture.width, "height": picture.height}
    scheme = "dark" if picture.scheme == "dark" else "light"
    # Playwright's type of a size is private, and a dictionary.
    context = await browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    shown = await context.new_page()
    await shown.goto(f"{url}#agent={AGENT}")
    await show(shown, picture.view)
    await asyncio.sleep(2.0)
    await shown.screenshot(path=folder / f"{picture.name}.png")
    await context.close()
    print(folder / f"{picture.name}.png")


async def main(folder: Path) -> None:
    """Take all pictures."""
    async with page() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        await asyncio.sleep(PATIENCE)
        for picture in PICTURES:
            await take(browser, url, picture, folder)
        await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make the pictures of docs/web.md.")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    where: Path = parser.parse_args().folder
    where.mkdir(exist_ok=True)
    asyncio.run(main(where))
