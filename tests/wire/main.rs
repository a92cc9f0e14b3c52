//! Tests against real mail servers: a private Postfix and Dovecot and Postfix's smtp-sink, on loopback.
//!
//! A server that is missing fails the test with what to install; nothing is passed over in silence.

mod answers;
mod authority;
mod campaign;
mod clock;
mod copies;
mod daemon;
mod delay;
mod dialogue;
mod dovecot;
mod harness;
mod imap;
mod installation;
mod invited;
mod kill;
mod lmtp;
mod outage;
mod phrases;
mod postfix;
mod process;
mod script;
mod sending;
mod silence;
mod sink;
mod smtp;
