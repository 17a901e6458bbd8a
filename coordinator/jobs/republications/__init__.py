"""Jobs of republications: page checks with evidence, rejudgement, confirmation by upload."""
