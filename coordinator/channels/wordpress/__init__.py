"""WordPress sites of partners."""
