"""The classes of handlers' arguments."""

from __future__ import annotations

import pytest

from snmptcp.ipworks import IPWorksSNMPError, SNMPTCPMgrBadPacketEventParams, SNMPTCPMgrInformRequestEventParams
from snmptcp.ipworks.tables.events import EVENT_CLASSES, EVENTS


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.name)
def test_the_argument_of_an_event_has_its_attributes_and_lets_some_be_set(event) -> None:
    params = EVENT_CLASSES[event.name]()
    for attribute in event.attributes:
        kind = {"bytes": "Octets"}.get(attribute.kind, attribute.kind)
        assert type(getattr(params, attribute.name)).__name__ == kind
        if attribute.writable:
            setattr(params, attribute.name, 1)
            expected = {"bool": True, "int": 1, "str": "1"}[attribute.kind]
            assert getattr(params, attribute.name) == expected
        else:
            with pytest.raises(AttributeError):
                setattr(params, attribute.name, 1)


@pytest.mark.parametrize("number", [-1, 2**31, 2**33])
def test_a_number_that_cannot_be_sent_is_an_error_when_it_is_set(number) -> None:
    params = SNMPTCPMgrInformRequestEventParams()
    with pytest.raises(IPWorksSNMPError, match="error_status") as caught:
        params.error_status = number
    assert caught.value.code == 10022
    assert params.error_status == 0


def test_an_argument_takes_no_other_attributes() -> None:
    with pytest.raises(TypeError, match="nothing"):
        SNMPTCPMgrBadPacketEventParams(nothing=1)  # type: ignore[call-arg]
