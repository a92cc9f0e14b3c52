//! Commands: the edge where errors become words and exit codes.
//!
//! Exit codes: 0 done, 1 failed (lists, templates, servers), 2 wrong usage or configuration,
//! 3 sent as far as possible, letters are waiting, uncertain or failed.

mod args;
mod asking;
mod backup;
mod check;
mod demo;
mod desk;
mod export;
mod folders;
mod guests;
mod hands;
mod init;
mod learned;
mod letters;
mod list;
mod log;
mod number;
mod outbox;
mod pause;
mod preview;
mod progress;
mod read;
mod record;
mod rehearse;
mod reread;
mod review;
mod run;
mod send;
mod show;
mod stage;
mod status;
mod table;
mod ticks;
mod words;

use args::{Args, Command};
use clap::Parser as _;
use std::{io::Write as _, panic, process::ExitCode};

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Exit {
    Done,
    Failed,
    Waiting,
}

/// Wrong usage: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// Builds an error for wrong usage, with its cure in the words.
fn usage(words: impl Into<String>) -> anyhow::Error {
    Usage(words.into()).into()
}

/// The program.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            words::complain(format_args!("convoke: cannot start: {error}"));
            return ExitCode::from(1);
        }
    };
    tell_plainly_of_a_full_disk();
    let outcome = panic::catch_unwind(panic::AssertUnwindSafe(|| runtime.block_on(dispatch(args))));
    runtime.shutdown_timeout(std::time::Duration::from_millis(100));
    let outcome = match outcome {
        Err(fall) if cannot_print(&*fall).is_some() => Ok(Exit::Failed),
        Err(fall) => panic::resume_unwind(fall),
        Ok(outcome) => outcome,
    };
    match outcome {
        Ok(Exit::Done) => ExitCode::SUCCESS,
        Ok(Exit::Failed) => ExitCode::from(1),
        Ok(Exit::Waiting) => ExitCode::from(3),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            words::complain(format_args!("convoke: {error:#}"));
            let wrong_use =
                error.chain().any(|cause| cause.is::<Usage>() || cause.is::<desk::NoCampaign>() || cause.is::<crate::config::Refused>());
            ExitCode::from(if wrong_use { 2 } else { 1 })
        }
    }
}

/// The macros that print know no other way to say that it cannot be done than to fall over.
fn tell_plainly_of_a_full_disk() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |fall| match cannot_print(fall.payload()) {
        Some(why) => drop(writeln!(std::io::stderr(), "convoke: cannot write to {why}")),
        None => usual(fall),
    }));
}

/// Where something could not be printed, and why; None of any other fall.
fn cannot_print(fall: &(dyn std::any::Any + Send)) -> Option<&str> {
    fall.downcast_ref::<String>()?.strip_prefix("failed printing to ")
}

/// `convoke guests | head` is not an error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe))
}

async fn dispatch(args: Args) -> anyhow::Result<Exit> {
    let Args { config, json, command } = args;
    match command {
        Command::Init(options) => init::run(&options),
        Command::Check(options) => check::run(&config, &options).await,
        Command::Preview(options) => preview::run(&config, &options).await,
        Command::Send(options) => send::run(&config, &options, json).await,
        Command::Pause(which) => pause::run(&config, &which, true).await,
        Command::Resume(which) => pause::run(&config, &which, false).await,
        Command::Run => run::run(&config).await,
        Command::Status(which) => status::run(&config, &which, json).await,
        Command::Guests(options) => guests::run(&config, options, json).await,
        Command::Show(options) => show::run(&config, &options, json).await,
        Command::Review(which) => review::run(&config, &which, json).await,
        Command::Record(options) => record::run(&config, options).await,
        Command::Outbox(options) => outbox::run(&config, options, json).await,
        Command::Reread(options) => reread::run(&config, &options, json).await,
        Command::Learned(options) => learned::run(&config, &options).await,
        Command::Read(options) => read::run(&options, json),
        Command::Rehearse(options) => rehearse::run(&config, &options, json).await,
        Command::Export(options) => export::run(&config, &options).await,
        Command::Backup(options) => backup::run(&config, &options).await,
        Command::Demo(options) => demo::run(&options, json).await,
    }
}
