"""The counters of RFC 6353 section 7: which failure counts as what."""

from __future__ import annotations

import pytest

from snmptcp.errors import TlsFailure
from snmptcp.net.tls.counters import TlsCounters

UNKNOWN = [TlsFailure.UNKNOWN_CA, TlsFailure.SELF_SIGNED, TlsFailure.FINGERPRINT, TlsFailure.NO_CERTIFICATE]
INVALID = [
    TlsFailure.EXPIRED,
    TlsFailure.NOT_YET_VALID,
    TlsFailure.HOST_NAME,
    TlsFailure.REVOKED,
    TlsFailure.NO_CRL,
    TlsFailure.BAD_CERTIFICATE,
]
OTHER = [failure for failure in TlsFailure if failure not in (*UNKNOWN, *INVALID)]


@pytest.mark.parametrize("failure", UNKNOWN)
def test_a_certificate_that_no_trusted_authority_vouches_for_is_unknown(failure):
    counters = TlsCounters()
    counters.count_open_error(failure)
    assert counters == TlsCounters(session_open_errors=1, session_unknown_server_certificate=1)


@pytest.mark.parametrize("failure", INVALID)
def test_a_certificate_that_is_no_good_is_invalid(failure):
    counters = TlsCounters()
    counters.count_open_error(failure)
    assert counters == TlsCounters(session_open_errors=1, session_invalid_server_certificates=1)


@pytest.mark.parametrize("failure", [*OTHER, None])
def test_other_failures_of_a_client_are_open_errors_alone(failure):
    counters = TlsCounters()
    counters.count_open_error(failure)
    assert counters == TlsCounters(session_open_errors=1)


@pytest.mark.parametrize("failure", TlsFailure)
def test_a_server_counts_clients_that_are_turned_away_for_their_certificate(failure):
    counters = TlsCounters()
    counters.count_accept_error(failure)
    assert counters == TlsCounters(session_invalid_client_certificates=int(failure not in OTHER))
