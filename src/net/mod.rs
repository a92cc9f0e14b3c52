//! Sockets: SMTP out, IMAP in, TLS, sign-in.
