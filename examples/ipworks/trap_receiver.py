"""A trap receiver with SNMPTCPMgr: prints traps and informs, and acknowledges informs.

    python trap_receiver.py PORT [COUNT]

It ends after COUNT notifications, or with Ctrl-C.
"""

import sys

from snmptcp.ipworks import *

if len(sys.argv) < 2:
    print(__doc__)
    sys.exit(2)

mgr = SNMPTCPMgr()
wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 0
received = 0


def show_objects():
    global received
    received += 1
    for i in range(mgr.obj_count):
        print("  " + mgr.get_obj_id(i) + " = " + mgr.get_obj_value(i))
    sys.stdout.flush()


def fire_trap(e):
    print("Trap %s of %s from %s, uptime %i" % (e.trap_oid, e.community or e.user, e.source_address, e.time_stamp))
    show_objects()


def fire_inform_request(e):
    print("Inform of %s from %s" % (e.community or e.user, e.source_address))
    e.respond = True
    show_objects()


def fire_bad_packet(e):
    print("Bad packet from %s: %s" % (e.source_address, e.error_description))


mgr.on_trap = fire_trap
mgr.on_inform_request = fire_inform_request
mgr.on_bad_packet = fire_bad_packet

try:
    mgr.set_local_port(sys.argv[1])
    mgr.set_active(True)
    print("Listening on port %i" % mgr.get_local_port())
    sys.stdout.flush()
    while not wanted or received < wanted:
        mgr.do_events()
except IPWorksSNMPError as e:
    print("ERROR %i: %s" % (e.code, e.message))
    sys.exit(1)
except KeyboardInterrupt:
    pass
finally:
    mgr.active = False
