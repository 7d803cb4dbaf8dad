"""The page in a real Chromium: live rates, agents that die and return, a hundred agents, hostile texts, keyboard."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from snmptcp import Community, Manager, NotificationListener, OctetString
from snmptcp.fleet import Get
from snmptcp.testing import Agent, Delay
from snmptcp.web import Options, app
from tests.support.netsnmp import missing
from tests.web.making import IF_X_ENTRY, SYSTEM, device, fleet_of, target_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from snmptcp.fleet import Fleet

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

#: What would do something if it were HTML, code, or text that is shown as it is.
HOSTILE = (
    "<img src=x onerror=\"document.title='owned'\">",
    "</td></tr></table><script>document.title='owned'</script>",
    "{{7*7}} ${7*7} javascript:alert(1) &lt;b&gt; ' \" `",
    "\u202egnp.exe \u05d0" + "x" * 150,
)

#: Opens the page with the measure of its width; wide enough for all columns.
WIDE, NARROW = {"width": 1600, "height": 900}, {"width": 360, "height": 780}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def browser(anyio_backend: object) -> AsyncIterator[Browser]:
    """A Chromium, started once."""
    path = shutil.which("chromium")
    if path is None:
        missing("Chromium is not installed (Debian: apt-get install chromium)")
    playwright_api = pytest.importorskip("playwright.async_api")
    async with playwright_api.async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


class Site:
    """A page of a fleet, served below a prefix, and what a browser complained about."""

    def __init__(self, fleet: Fleet, browser: Browser, listener: NotificationListener) -> None:
        self.fleet = fleet
        self._browser = browser
        self.listener = listener
        self.complaints: list[str] = []
        self.asked: set[str] = set()
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self) -> None:
        """Serve, on the same port as before."""
        root = web.Application()
        options = Options(title="Lab", refresh=0.05)
        root.add_subapp("/deep/snmp", app(self.fleet, options=options, notifications=self.listener))
        self._runner = web.AppRunner(root, handler_cancellation=True, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Serve no more."""
        assert self._runner is not None
        await self._runner.cleanup()

    async def open(self, agent: str = "", *, dark: bool = False, size: Any = WIDE) -> Page:
        """Open the page in a window of its own."""
        scheme: Any = "dark" if dark else "light"
        context = await self._browser.new_context(viewport=size, color_scheme=scheme)
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.extend([said.text] if said.type == "error" else []))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.on("request", lambda request: self.asked.add(re.sub(r"^(\w+://[^/]+).*", r"\1", request.url)))
        await page.goto(f"http://127.0.0.1:{self.port}/deep/snmp{f'/#agent={agent}' if agent else ''}")
        return page


async def site_of(fleet: Fleet, browser: Browser) -> AsyncIterator[Site]:
    async with NotificationListener("127.0.0.1", 0, credentials=Community("public")) as listener, fleet:
        site = Site(fleet, browser, listener)
        await site.start()
        yield site
        for context in browser.contexts:
            await context.close()
        await site.stop()


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(device(links=3)) as found:
        yield found


@pytest.fixture
async def site(agent: Agent, browser: Browser) -> AsyncIterator[Site]:
    async for found in site_of(fleet_of(target_of(agent, timeout=1.0)), browser):
        yield found
        assert found.complaints == []
        assert found.asked == {f"http://127.0.0.1:{found.port}"}


async def texts(page: Page, selector: str) -> list[str]:
    return await page.locator(selector).all_text_contents()


async def test_rates_are_live_and_charts_are_drawn(site: Site) -> None:
    page = await site.open()  # the first agent is chosen
    await page.wait_for_selector("#interfaces tr:first-child td.in:has-text('kbit/s')")
    assert await page.title() == "sw1 \u2013 Lab"
    assert await texts(page, "#interfaces .pick") == ["eth1", "eth2", "eth3"]
    assert await texts(page, "#interfaces .state") == ["up", "down", "up"]
    (rate, *_) = await texts(page, "#interfaces td.in")
    assert 0.8 < float(rate.split()[0]) < 80  # 1000 octets in a second are 8 kbit/s, on an idle machine
    await page.wait_for_selector("#chart canvas")
    await page.wait_for_selector("#interfaces tr:nth-child(3) .spark canvas")
    polls = await page.text_content("#health div:nth-child(2) dd")
    await page.wait_for_selector(f"#health div:nth-child(2) dd:not(:text-is('{polls}'))")  # it goes on by itself
    await page.hover("#chart .u-over")  # the legend shows the values below the pointer
    await page.wait_for_selector("#chart-at:has-text(':')")
    await page.click("#interfaces tr:nth-child(3) .pick")
    assert await page.text_content("#chart-title") == "eth3"
    assert await page.get_attribute("#interfaces tr:nth-child(3) .pick", "aria-pressed") == "true"


async def test_the_page_survives_the_death_and_the_return_of_an_agent_and_of_the_server(
    site: Site, agent: Agent
) -> None:
    page = await site.open("sw1")
    await page.wait_for_selector("#agent-state[data-state=up]")
    await agent.aclose()
    await page.wait_for_selector("#agent-state[data-state=failing]")
    assert "ConnectFailed" in str(await page.text_content("#agent-error"))
    await page.wait_for_selector("#announce:text-is('sw1 is not reachable')", state="attached")
    await agent.start()
    await page.wait_for_selector("#agent-state[data-state=up]")
    await page.wait_for_selector("#agent-error", state="hidden")
    await page.wait_for_selector("#interfaces tr:first-child td.in:has-text('kbit/s')")
    site.fleet.remove("sw1")
    await page.wait_for_selector("#no-agent:has-text('There is no agent sw1.')")
    site.fleet.add(target_of(agent, timeout=1.0))
    await page.wait_for_selector("#interfaces tr:first-child td.in:has-text('kbit/s')")
    await site.stop()
    await page.wait_for_selector("#connection[data-state=lost]")
    site.complaints.clear()  # a browser says that a server has gone
    await site.start()
    await page.wait_for_selector("#connection[data-state=live]")
    await page.wait_for_selector("#interfaces tr:first-child td.in:has-text('kbit/s')")
    site.complaints.clear()


async def test_hostile_texts_stay_texts(site: Site, agent: Agent) -> None:
    for index, text in enumerate(HOSTILE[:3], 1):
        agent.mib[f"{IF_X_ENTRY}.18.{index}"] = OctetString(text)
    agent.mib[f"{SYSTEM}.5.0"] = OctetString(HOSTILE[0])
    agent.mib[f"{SYSTEM}.6.0"] = OctetString(HOSTILE[3])
    page = await site.open("sw1", size=NARROW)
    await page.wait_for_selector("#interfaces .alias:has-text('onerror')")
    assert await texts(page, "#interfaces .alias") == list(HOSTILE[:3])
    assert await page.locator("#interfaces tr").count() == 3
    async with Manager("127.0.0.1", site.listener.port, credentials=Community("public")) as sender:
        await sender.inform("1.3.6.1.6.3.1.1.5.3", (f"{SYSTEM}.5.0", HOSTILE[1]))
    await page.wait_for_selector("#traps dd:has-text('owned')")
    await page.click("#tab-walk")
    await page.click("#walk-start")
    await page.wait_for_selector("#walk-rows .value:has-text('onerror')")
    assert await page.locator("main img, main script, aside script, aside img").count() == 0
    assert await page.title() == "sw1 \u2013 Lab"
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


async def test_a_hundred_agents_are_listed_and_found(agent: Agent, browser: Browser) -> None:
    jobs = [Get(f"{SYSTEM}.5.0", interval=0.5)]
    targets = [
        target_of(agent, f"device-{number}", jobs=jobs, labels={"rack": f"r{number % 7}"}) for number in range(100)
    ]
    async for site in site_of(fleet_of(*targets), browser):
        page = await site.open("device-99")
        await page.wait_for_selector("#agents li:nth-child(100) .dot[data-state=up]")
        names = await texts(page, "#agents .name")
        assert names == [f"device-{number}" for number in range(100)]
        assert await page.text_content("#agent-name") == "device-99"
        await page.fill("#filter", "device-42")
        assert await texts(page, "#agents .name") == ["device-42"]
        await page.fill("#filter", "nothing like this")
        await page.wait_for_selector("#agents-none:has-text('No agent matches.')")
        assert site.complaints == []


async def test_a_walk_streams_and_can_be_stopped_and_packets_are_explained(site: Site, agent: Agent) -> None:
    for number in range(1, 400):
        agent.mib[f"1.3.6.1.4.1.58888.{number}"] = OctetString(f"value {number}")
    page = await site.open("sw1")
    await page.wait_for_selector("#agent-state[data-state=up]")
    await page.click("#tab-walk")
    agent.inject(Delay(0.3), times=None)
    await page.fill("#walk-root", "1.3.6.1.4.1.58888")
    await page.click("#walk-start")
    await page.wait_for_selector("#walk-rows tr:nth-child(10)")  # while it runs
    assert await page.is_disabled("#walk-start")
    await page.click("#walk-stop")
    await page.wait_for_selector("#walk-state:has-text('stopped after')")
    assert await page.locator("#walk-rows tr").count() < 399
    agent.clear_faults()
    await page.fill("#walk-limit", "7")
    await page.click("#walk-start")
    await page.wait_for_selector("#walk-state:has-text('7 variables, which is the limit')")
    await page.fill("#walk-root", "nonsense")
    await page.click("#walk-start")
    await page.wait_for_selector("#walk-state:has-text('nonsense')")
    site.complaints.clear()  # a browser says that a request was refused
    await page.click("#tab-packets")
    await page.click("#packets-start")
    await page.wait_for_selector("#packets li:nth-child(2) pre:has-text('Response-PDU')")
    assert "public" not in "".join(await texts(page, "#packets pre"))


async def test_it_works_with_the_keyboard_and_tells_roles_and_names(site: Site) -> None:
    page = await site.open("sw1", dark=True, size=NARROW)
    await page.wait_for_selector("#interfaces tr:first-child td.in:has-text('kbit/s')")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Skip to the agent"
    await page.focus("#tab-interfaces")
    await page.keyboard.press("ArrowRight")
    assert await page.get_attribute("#tab-walk", "aria-selected") == "true"
    assert await page.evaluate("document.activeElement.id") == "tab-walk"
    assert await page.is_visible("#panel-walk")
    await page.keyboard.press("ArrowLeft")
    for role, name in (
        ("navigation", "Agents"),
        ("main", ""),
        ("complementary", "Traps and informs"),
        ("table", "Interfaces"),
        ("tab", "Packets"),
        ("searchbox", "Find agents by name, address or label"),
    ):
        await page.get_by_role(role, name=name or None).first.wait_for()  # type: ignore[arg-type]
    assert await page.locator("#interfaces th[scope=row]").count() == 3
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    colours = await page.evaluate("[getComputedStyle(document.body).backgroundColor, innerWidth]")
    assert colours == ["rgb(15, 20, 25)", 360]
