"""Republications, the unit that is counted: attribution, dating, evidence, review, the life of each copy, and views."""
