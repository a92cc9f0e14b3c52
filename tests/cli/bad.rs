//! init, check, preview, export, backup: files in, files out.
