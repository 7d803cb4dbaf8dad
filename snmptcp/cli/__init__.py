"""The command ``snmptcp``."""

from snmptcp.starting import begin_loading

begin_loading()
