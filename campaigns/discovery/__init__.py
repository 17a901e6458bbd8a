"""Where copies may appear and when to look: sources, hosts, surveys, webmentions, sightings and pending pages."""
