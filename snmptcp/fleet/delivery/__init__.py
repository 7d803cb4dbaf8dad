"""Delivery: each poll of a fleet to its sinks and to the loops over it, through queues that are bounded."""
