"""gosnmp: a manager of other authors in Go, over TCP, as Debian packages it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.netsnmp import missing, require_program

if TYPE_CHECKING:
    from snmptcp.testing import Agent
    from tests.support.attacker import User

_GOCODE = Path("/usr/share/gocode")

_SOURCE = r"""
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/gosnmp/gosnmp"
)

var auths = map[string]gosnmp.SnmpV3AuthProtocol{
	"MD5": gosnmp.MD5, "SHA": gosnmp.SHA, "SHA-224": gosnmp.SHA224, "SHA-256": gosnmp.SHA256,
	"SHA-384": gosnmp.SHA384, "SHA-512": gosnmp.SHA512,
}

var privs = map[string]gosnmp.SnmpV3PrivProtocol{
	"DES": gosnmp.DES, "AES": gosnmp.AES, "AES-192": gosnmp.AES192, "AES-256": gosnmp.AES256,
	"AES-192-C": gosnmp.AES192C, "AES-256-C": gosnmp.AES256C,
}

func main() {
	port, _ := strconv.Atoi(os.Args[2])
	client := &gosnmp.GoSNMP{
		Target: os.Args[1], Port: uint16(port), Transport: "tcp", Community: "public", Version: gosnmp.Version2c,
		Timeout: 5 * time.Second, MaxRepetitions: 20,
	}
	if len(os.Args) > 4 {
		parameters := &gosnmp.UsmSecurityParameters{
			UserName: os.Args[4], AuthenticationProtocol: auths[os.Args[5]], AuthenticationPassphrase: os.Args[6],
		}
		client.Version, client.SecurityModel = gosnmp.Version3, gosnmp.UserSecurityModel
		client.MsgFlags, client.SecurityParameters = gosnmp.AuthNoPriv, parameters
		if os.Args[7] != "" {
			client.MsgFlags = gosnmp.AuthPriv
			parameters.PrivacyProtocol, parameters.PrivacyPassphrase = privs[os.Args[7]], os.Args[8]
		}
	}
	if err := client.Connect(); err != nil {
		panic(err)
	}
	defer client.Conn.Close()
	variables, err := client.BulkWalkAll(os.Args[3])
	if err != nil {
		panic(err)
	}
	for _, variable := range variables {
		if octets, is := variable.Value.([]byte); is {
			fmt.Println(variable.Name[1:], string(octets))
		} else {
			fmt.Println(variable.Name[1:], variable.Value)
		}
	}
}
"""


def build(folder: Path) -> Path:
    """Build the program in a folder, and return its path."""
    go = require_program("go", "golang-go")
    if not (_GOCODE / "src" / "github.com" / "gosnmp").is_dir():
        missing("gosnmp is not installed (Debian: apt-get install golang-github-gosnmp-gosnmp-dev)")
    source, program = folder / "main.go", folder / "walk"
    source.write_text(_SOURCE)
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(_GOCODE), "GOCACHE": str(folder / "cache")}
    subprocess.run(
        [go, "build", "-o", str(program), str(source)], env=environment, check=True, capture_output=True, timeout=300
    )
    return program


def walk(program: Path, agent: Agent, root: str, user: User | None = None) -> dict[str, str]:
    """Return the variables below a name as gosnmp reads them, as text; none if it fails.

    Args:
        program: what :func:`build` returns.
        agent: the agent.
        root: the name.
        user: for SNMPv3; by default the community ``public`` of SNMPv2c.
    """
    words = [user.name, user.auth, user.auth_password, user.priv, user.priv_password] if user else []
    ended = subprocess.run(
        [str(program), agent.host, str(agent.port), root, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return dict(line.split(" ", 1) for line in ended.stdout.splitlines()) if ended.returncode == 0 else {}
