"""The API of releases: submitting, approving, publishing, correcting and recalling bulletins; series and their days."""
