//! Tests against real mail servers: a private Postfix and Dovecot and Postfix's smtp-sink, on loopback.
//!
//! A server that is missing fails the test with what to install; nothing is passed over in silence.

mod answers;
mod authority;
<<<<<<< HEAD
mod delay;
=======
mod campaign;
mod daemon;
>>>>>>> campaign
mod dialogue;
mod dovecot;
mod harness;
mod imap;
<<<<<<< HEAD
mod kill;
=======
mod installation;
>>>>>>> campaign
mod lmtp;
mod outage;
mod phrases;
mod postfix;
mod process;
<<<<<<< HEAD
mod sending;
=======
mod script;
mod silence;
>>>>>>> campaign
mod sink;
mod smtp;
