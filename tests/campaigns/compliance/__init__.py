"""Tests of the compliance rules, findings and inspections."""
