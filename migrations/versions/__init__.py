"""One file a change of the database, each with its way back."""
