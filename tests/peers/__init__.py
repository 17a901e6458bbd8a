"""Real servers of other people's making, started on loopback and spoken to as partners."""
