"""A manager with SNMPTCPMgr: get, set, and SNMPv3 with discovery.

python manager.py HOST PORT get OID...
python manager.py HOST PORT set OID TYPE VALUE
python manager.py HOST PORT -v3 USER AUTH_PASSWORD ENC_PASSWORD get OID...
"""

import sys

from snmptcp.ipworks import *

arguments = sys.argv[1:]
words = arguments[6:] if arguments[2:3] == ["-v3"] else arguments[2:]
if words[:1] not in (["get"], ["set"]) or len(words) < 2 or (words[0] == "set" and len(words) != 4):
    print(__doc__)
    sys.exit(2)

mgr = SNMPTCPMgr()


def fire_error(e):
    print("Error %i: %s" % (e.error_code, e.description))


def fire_discovery_response(e):
    print("Discovered engine %s, boots %i" % (e.engine_id.hex(), e.engine_boots))


mgr.on_error = fire_error
mgr.on_discovery_response = fire_discovery_response

try:
    mgr.set_remote_host(arguments[0])
    mgr.set_remote_port(arguments[1])
    mgr.set_timeout(10)

    if arguments[2] == "-v3":
        mgr.set_snmp_version(3)
        mgr.set_user(arguments[3])
        mgr.set_authentication_protocol(2)  # SHA
        mgr.set_authentication_password(arguments[4])
        mgr.set_encryption_algorithm(2)  # AES
        mgr.set_encryption_password(arguments[5])
        mgr.set_active(True)
        mgr.discover()
    else:
        mgr.set_snmp_version(2)
        mgr.set_community("private" if words[0] == "set" else "public")
        mgr.set_active(True)

    if words[0] == "get":
        mgr.set_obj_count(len(words) - 1)
        for i, oid in enumerate(words[1:]):
            mgr.set_obj_id(i, oid)
        mgr.send_get_request()
    else:
        mgr.set_obj_count(1)
        mgr.set_obj_id(0, words[1])
        mgr.set_obj_type(0, words[2])
        mgr.set_obj_value(0, words[3])
        mgr.send_set_request()

    if mgr.get_error_status() == 0:
        for i in range(mgr.get_obj_count()):
            print("%s (%s) = " % (mgr.get_obj_id(i), mgr.get_obj_type_string(i)) + mgr.get_obj_value(i))
    else:
        print("Error status %i: %s" % (mgr.get_error_status(), mgr.get_error_description()))
except IPWorksSNMPError as e:
    print("ERROR %i: %s" % (e.code, e.message))
    sys.exit(1)
finally:
    mgr.set_active(False)
