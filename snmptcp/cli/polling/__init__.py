"""What ``snmptcp poll`` runs: a fleet of a file, with a view, and its end."""
