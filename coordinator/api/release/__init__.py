"""The API of releases: series and their days."""
