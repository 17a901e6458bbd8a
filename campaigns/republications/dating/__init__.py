"""The publication time of a copy: parsing of time expressions, and the choice between claims."""
