//! IMAP in.
