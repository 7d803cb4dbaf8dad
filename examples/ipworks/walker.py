"""A walker with SNMPTCPMgr: prints each object as its event delivers it, then counts the objects in the arrays.

python walker.py HOST PORT TABLE [LIMIT]
"""

import sys

from snmptcp.ipworks import *

if len(sys.argv) < 4:
    print(__doc__)
    sys.exit(2)

mgr = SNMPTCPMgr()
seen = 0


def fire_response(e):
    global seen
    if e.error_status != 0:
        print("Error status %i: %s" % (e.error_status, e.error_description))
        return
    seen += 1
    print(mgr.get_obj_id(0) + " = " + mgr.get_obj_value(0))


mgr.on_response = fire_response

try:
    mgr.remote_host = sys.argv[1]
    mgr.remote_port = sys.argv[2]
    mgr.timeout = 10
    mgr.config("TimeoutInMilliseconds=False")
    if len(sys.argv) > 4:
        mgr.walk_limit = sys.argv[4]
    mgr.walk(sys.argv[3])  # activates the object
    print("%i objects by events, %i in the arrays" % (seen, mgr.obj_count))
except IPWorksSNMPError as e:
    print("ERROR %i: %s" % (e.code, e.message))
    sys.exit(1)
finally:
    mgr.active = False
