//! `convoke.toml` and campaign files: as typed, then as meant.
