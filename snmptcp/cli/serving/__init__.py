"""What ``snmptcp web`` and ``snmptcp demo --web`` share: the page's server, and agents to show."""
