"""``snmptcp poll`` of net-snmp's snmpd: by community, as a user of SNMPv3, and over TLS with certificates alone."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.main import main
from tests.support.snmpd import AUTH_PASSWORD, PRIV_PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.certificates import Certificates
    from tests.support.sid import TlsSnmpd

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

FILE = """
[fleet]
first_within = 0
[credentials.public]
community = "public"
[credentials.bert]
user = "bert"
auth_password_env = "BERT_AUTH"
priv_password_file = "bert.priv"
[credentials.certificate]
tsm = true
[tls.lab]
ca = "ca.pem"
certificate = "client.pem"
key = "client.key"
fingerprints = "{fingerprint}"
[jobs.system]
get = ["1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.6.0"]
interval = 0.3
[jobs.interfaces]
table = "1.3.6.1.2.1.2.2"
columns = [2, 10]
interval = 0.3
[defaults]
timeout = 30
[[targets]]
host = "{host}"
port = {tls_port}
name = "tsm"
credentials = "certificate"
tls = "lab"
[[files]]
csv = "devices.csv"
[[sinks]]
type = "sqlite"
path = "snmp.db"
"""

CSV = """\
host,port,name,credentials
{host},{port},v2c,public
{host},{port},usm,bert
"""


async def test_snmpd_is_polled_over_tcp_and_tls(
    tls_snmpd: TlsSnmpd, certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates.write(tmp_path)
    where = {"host": tls_snmpd.host, "port": tls_snmpd.port, "tls_port": tls_snmpd.tls_port}
    (tmp_path / "fleet.toml").write_text(FILE.format(**where, fingerprint=certificates.server.fingerprint))
    (tmp_path / "devices.csv").write_text(CSV.format(**where))
    (tmp_path / "bert.priv").write_text(PRIV_PASSWORD)
    monkeypatch.setenv("BERT_AUTH", AUTH_PASSWORD)
    words = ["poll", str(tmp_path / "fleet.toml"), "--duration", "2", "--no-progress"]
    assert await asyncio.to_thread(main, words) == 0

    database = sqlite3.connect(tmp_path / "snmp.db")
    for name in ("tsm", "v2c", "usm"):
        texts = database.execute("SELECT text FROM latest WHERE target = ? AND job = 'system'", (name,)).fetchall()
        assert ("a shelf in the lab",) in texts
        rates = database.execute("SELECT rate FROM latest WHERE target = ? AND type = 'Counter32'", (name,)).fetchall()
        assert rates
        assert all(rate is not None and rate >= 0 for (rate,) in rates)
    (failures,) = database.execute("SELECT sum(failing_jobs) FROM state").fetchone()
    database.close()
    assert failures == 0
