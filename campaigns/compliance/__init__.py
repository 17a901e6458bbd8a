"""Rules as dated data, the findings they propose, inspections of partner sites, and the outcome of each finding."""
