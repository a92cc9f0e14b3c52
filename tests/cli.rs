//! The program as an organiser meets it: every command, run as a process in a folder of its own.

#[path = "cli/answers.rs"]
mod answers;
mod authority;
#[path = "cli/bad.rs"]
mod bad;
#[path = "cli/case.rs"]
mod case;
#[path = "cli/contact_lists.rs"]
mod contact_lists;
#[path = "cli/daemon.rs"]
mod daemon;
#[path = "cli/files.rs"]
mod files;
#[path = "cli/imap.rs"]
mod imap;
#[path = "cli/learning.rs"]
mod learning;
#[path = "cli/lists.rs"]
mod lists;
#[path = "cli/messages.rs"]
mod messages;
#[path = "cli/outbox.rs"]
mod outbox;
#[path = "cli/relay.rs"]
mod relay;
#[path = "cli/review.rs"]
mod review;
#[path = "cli/sending.rs"]
mod sending;
#[path = "cli/terminal.rs"]
mod terminal;
#[path = "cli/unwilling.rs"]
mod unwilling;
