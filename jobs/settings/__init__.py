"""Settings: TOML or runtime properties, checked, as frozen structs; the storage locations that they name."""
