"""What keeps the page safe in a browser."""

from __future__ import annotations

import pytest

from snmptcp.web.guard import HEADERS, refusal

OWN = frozenset(("localhost", "127.0.0.1", "::1"))


def test_the_policy_allows_nothing_from_elsewhere_and_no_inline_code() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8161", "127.0.0.1:8161", "[::1]:8161", "LOCALHOST:1", "[::1]"]
)
def test_a_page_may_be_asked_by_its_own_names(host: str) -> None:
    assert refusal({"Host": host}, OWN, navigates=False) is None


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8161", "127.0.0.1.evil.example:8161", "", "2130706433"])
def test_a_page_may_not_be_asked_by_the_name_of_another_site(host: str) -> None:
    assert refusal({"Host": host}, OWN, navigates=True) is not None
    assert refusal({"Host": host}, None, navigates=True) is None


@pytest.mark.parametrize(
    ("site", "allowed"), [("same-origin", True), ("none", True), ("cross-site", False), ("same-site", False)]
)
def test_pages_of_other_sites_may_link_to_the_page_but_not_ask(site: str, allowed: bool) -> None:
    assert (refusal({"Sec-Fetch-Site": site}, None, navigates=False) is None) is allowed
    assert refusal({"Sec-Fetch-Site": site}, None, navigates=True) is None


def test_programs_say_nothing_of_sites_and_may_ask() -> None:
    assert refusal({}, None, navigates=False) is None
