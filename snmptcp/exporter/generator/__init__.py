"""Modules of snmp.yml from the names of MIB objects, as snmp_exporter's generator makes them, without net-snmp."""

from snmptcp.exporter.generator.building import build_module
from snmptcp.exporter.generator.orders import ModuleOrder, read_orders
from snmptcp.exporter.generator.output import generate, generate_file

__all__ = ("ModuleOrder", "build_module", "generate", "generate_file", "read_orders")
