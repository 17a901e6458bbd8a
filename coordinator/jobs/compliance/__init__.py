"""Jobs of compliance: evaluation of rules, inspections of sites."""
