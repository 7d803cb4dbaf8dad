"""Credentials and octets to protected octets, and back.  Pure: time is an argument, nothing is sent."""
