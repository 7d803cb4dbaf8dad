"""The command ``snmptcp``."""
