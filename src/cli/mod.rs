//! Commands: the edge where errors become words and exit codes.
