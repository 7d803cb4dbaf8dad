"""What ``snmptcp delta`` watches: counters and interfaces, read again and again, and compared."""
