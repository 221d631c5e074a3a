"""Load settings from TOML or runtime properties into frozen structs, and resolve the locations that they name."""
