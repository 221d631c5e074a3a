"""The composition: settings, environment, sources, replay, release, command line."""
