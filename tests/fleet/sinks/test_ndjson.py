"""The NDJSON sink: what is in the lines."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import OID, Counter64, Integer32, OctetString
from snmptcp.errors import ArgumentTypeError, ConnectFailed
from snmptcp.fleet.sinks import NdjsonSink, sample_object
from snmptcp.mib.objects import Syntax
from snmptcp.mib.values import named_value
from tests.support.files import content
from tests.support.polls import NOON, make_poll, make_sample, make_target

if TYPE_CHECKING:
    from pathlib import Path

    from snmptcp.fleet import Poll

pytestmark = pytest.mark.anyio

STATUS = Syntax("INTEGER", base="INTEGER", labels={1: "up", 2: "down"})


async def written(*polls: Poll, failures: bool = False) -> list[dict[str, Any]]:
    """Return the objects of the lines that a sink writes for polls."""
    stream = io.StringIO()
    sink = NdjsonSink(stream, failures=failures)
    await sink.open()
    await sink.write(polls)
    await sink.aclose()
    text = stream.getvalue()
    assert text.isascii()
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


async def test_a_sample_is_an_object_with_these_fields() -> None:
    assert await written(make_poll(make_sample(Counter64(2**64 - 1), rate=2.5))) == [
        {
            "kind": "sample",
            "target": "switch-1",
            "labels": {"site": "Lyon"},
            "job": "interfaces",
            "time": "2026-11-29T12:00:00.000+00:00",
            "requested_at": "2026-11-29T11:59:59.750+00:00",
            "oid": "1.3.6.1.2.1.31.1.1.1.6.3",
            "name": "ifHCInOctets",
            "index": "3",
            "type": "Counter64",
            "value": 18446744073709551615,
            "rate": 2.5,
        }
    ]


async def test_sinks_of_others_can_have_the_same_object() -> None:
    sample = make_sample(Counter64(5), rate=2.5)
    assert [sample_object(sample)] == await written(make_poll(sample))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (OctetString("a text\n"), {"type": "OctetString", "value": "a text\n"}),
        (OctetString(b"\0\xff"), {"type": "OctetString", "value": {"hex": "00ff"}}),
        (
            named_value(None, OctetString(b"\0\xff"), "0:ff"),
            {"type": "OctetString", "value": {"hex": "00ff"}, "text": "0:ff"},
        ),
        (named_value(STATUS, Integer32(2)), {"type": "Integer32", "value": 2, "label": "down"}),
        (named_value(STATUS, Integer32(7)), {"type": "Integer32", "value": 7}),
        (
            named_value(None, OID("1.3.6.1.2.1"), "mib-2"),
            {"type": "ObjectIdentifier", "value": "1.3.6.1.2.1", "text": "mib-2"},
        ),
        (named_value(None, OctetString(b"\xff"), "\udcff"), {"value": {"hex": "ff"}, "text": r"\udcff"}),
    ],
)
async def test_values_are_shown_as_in_the_output_of_json(value: Any, shown: dict[str, object]) -> None:
    (line,) = await written(make_poll(value))
    described = {key: line[key] for key in ("type", "value", "label", "text") if key in line}
    assert {"type": "OctetString", **shown} == described


async def test_a_poll_that_failed_has_a_line_if_that_is_wanted() -> None:
    poll = make_poll(Counter64(1), error=ConnectFailed("connection refused"))
    assert [line["kind"] for line in await written(poll)] == ["sample"]
    assert await written(make_poll(at=NOON + 0.5, error=ConnectFailed("connection refused")), failures=True) == [
        {
            "kind": "failure",
            "target": "switch-1",
            "labels": {"site": "Lyon"},
            "job": "interfaces",
            "time": "2026-11-29T12:00:00.500+00:00",
            "started_at": "2026-11-29T12:00:00.000+00:00",
            "error": "ConnectFailed",
            "reason": "connection refused",
        }
    ]
    assert await written(make_poll(), failures=True) == []


async def test_nothing_makes_a_line_that_is_no_json() -> None:
    odd = make_target('a"\n\udcff', {"\udcff": "\\"})
    samples = [make_sample(rate=rate, target=odd, name="\udcff") for rate in (float("nan"), float("inf"))]
    for line in await written(make_poll(*samples, target=odd, job="\ud800")):
        assert "rate" not in line
        assert (line["target"], line["labels"], line["job"], line["name"]) == (
            'a"\n\\udcff',
            {r"\udcff": "\\"},
            r"\ud800",
            r"\udcff",
        )


async def test_a_file_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "samples.ndjson"
    for number in (1, 2):
        sink = NdjsonSink(path)
        await sink.open()
        await sink.write([make_poll(Counter64(number), Counter64(number))])
        await sink.aclose()
    assert [json.loads(line)["value"] for line in content(path).splitlines()] == [1, 1, 2, 2]


async def test_a_file_that_could_not_be_opened_at_first_is_opened_by_the_next_batch(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    sink = NdjsonSink(folder / "samples.ndjson")
    with pytest.raises(FileNotFoundError, match=rf"samples cannot be written to {folder}/samples.ndjson: No such file"):
        await sink.open()
    folder.mkdir()
    await sink.write([make_poll(Counter64(1))])
    await sink.aclose()
    assert content(folder / "samples.ndjson").count("\n") == 1


@pytest.mark.parametrize("output", [5, None, object()])
def test_an_output_that_cannot_be_written_is_refused(output: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="^output must be the name of a file .*, '-', or a stream with write"):
        NdjsonSink(output)
