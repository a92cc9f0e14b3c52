//! The command line as typed.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::{ops::RangeInclusive, path::PathBuf};

/// Invite people by email, in their language, and know who comes.
#[derive(Parser, Debug)]
#[command(name = "convoke", version, max_term_width = 100)]
pub struct Args {
    /// The configuration file.
    #[arg(long, global = true, default_value = "convoke.toml", value_name = "PATH", env = "CONVOKE_CONFIG")]
    pub config: PathBuf,
    /// Print JSON for programs, one object a line, where there is something to print.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Write a configuration, a campaign, templates and a list to start from. Never overwrites.
    Init(Init),
    /// Check configuration, list, templates and both servers; sends nothing.
    Check(Check),
    /// Write every letter as .eml and .html, to look at before it is sent.
    Preview(Preview),
    /// Invite everybody in the list who is not invited yet.
    Send(Send),
    /// Hold back the letters of a campaign that wait.
    Pause(Which),
    /// Let the letters of a paused campaign go.
    Resume(Which),
    /// The daemon: delivers letters and reads the mailbox until it is stopped.
    Run,
    /// Who comes? The numbers of a campaign.
    Status(Which),
    /// The guests of a campaign, or `guests fix` for a wrong address.
    Guests(Guests),
    /// Everything that happened to one guest, with the words that decided.
    Show(Show),
    /// Go through the mails that need a look: all those of a guest together, one key each time.
    Review(Which),
    /// Record what a guest told you otherwise.
    Record(Record),
    /// Letters that wait, are uncertain or failed; `outbox resend`, `outbox confirm` and `outbox cancel`.
    Outbox(Outbox),
    /// Read every kept mail again with the rules and the model of today, and show what differs.
    Reread(Reread),
    /// What you have ruled on mails, for the corpus that the judge learns from: `learned export`.
    Learned(Learned),
    /// What would be understood of these messages? Needs no configuration and touches nothing.
    Read(Read),
    /// Run your own campaign against a mail server inside this program: no real mail.
    Rehearse(Rehearse),
    /// Write the guests and their answers to a file (.csv or .xlsx).
    Export(Export),
    /// Copy the database, also while the daemon runs.
    Backup(Backup),
    /// See it all work in twenty seconds, without a server or an account.
    Demo(Demo),
}

/// CAMPAIGN.
#[derive(ClapArgs, Debug, Clone)]
pub struct Which {
    /// A campaign file or the name of a known campaign; left out, the only one.
    pub campaign: Option<String>,
}

#[derive(ClapArgs, Debug)]
pub struct Init {
    /// The folder to write into.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
}

#[derive(ClapArgs, Debug)]
pub struct Check {
    #[command(flatten)]
    pub which: Which,
    /// Do not sign in to the servers.
    #[arg(long)]
    pub offline: bool,
}

#[derive(ClapArgs, Debug)]
pub struct Preview {
    #[command(flatten)]
    pub which: Which,
    /// The folder to write into.
    #[arg(long, default_value = "preview", value_name = "FOLDER")]
    pub to: PathBuf,
    /// Only this guest (address).
    #[arg(long, value_name = "EMAIL")]
    pub guest: Option<String>,
    /// At most so many letters.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

#[derive(ClapArgs, Debug)]
pub struct Send {
    #[command(flatten)]
    pub which: Which,
    /// The number of letters that this call would queue, as a confirmation; asked for when left out.
    #[arg(long, value_name = "N")]
    pub yes: Option<usize>,
    /// Show what would be sent, and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Invite at most so many now.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Leave out the rows that are wrong; they are written to LIST.skipped.csv.
    #[arg(long)]
    pub skip_bad: bool,
    /// Take the templates, the event and the sender as they are now for guests invited from now on, though they were changed
    /// since the first `send`; letters that are queued stay as they were.
    #[arg(long)]
    pub new_templates: bool,
    /// Send one letter to this address instead; nothing is counted.
    #[arg(long, value_name = "ME@…", conflicts_with_all = ["yes", "limit", "dry_run"])]
    pub test: Option<String>,
    /// With --test: written as to this guest of the list (address).
    #[arg(long = "as", value_name = "EMAIL", requires = "test")]
    pub as_guest: Option<String>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// As they were invited.
    Invited,
    Name,
    Email,
    Standing,
    /// The last change first.
    Since,
}

#[derive(ClapArgs, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Guests {
    #[command(subcommand)]
    pub fix: Option<GuestsCommand>,
    #[command(flatten)]
    pub which: Which,
    /// Only guests of this standing: accept, decline, delegate, tentative, silent, needs_look, unreachable.
    #[arg(long, value_name = "STANDING", value_delimiter = ',')]
    pub standing: Vec<String>,
    /// Only guests whose newest letter is here: queued, sending, sent, uncertain, failed, bounced, cancelled.
    #[arg(long, value_name = "DELIVERY", value_delimiter = ',')]
    pub delivery: Vec<String>,
    /// Only guests whose name or address contains these words, in any order, with or without accents.
    #[arg(long, value_name = "TEXT")]
    pub find: Option<String>,
    #[arg(long, value_enum, default_value = "invited")]
    pub sort: Sort,
}

#[derive(Subcommand, Debug)]
pub enum GuestsCommand {
    /// Give a guest another address and invite again.
    Fix {
        /// The guest's address, or token.
        email: String,
        /// The right address.
        #[arg(long, value_name = "NEW")]
        to: String,
        /// Also where another guest of the campaign has that address: both read it.
        #[arg(long)]
        shared: bool,
        /// The campaign, where the guest is in several.
        #[arg(long)]
        campaign: Option<String>,
    },
}

#[derive(ClapArgs, Debug)]
pub struct Show {
    /// The guest's address, or token.
    pub email: String,
    /// The campaign, where the guest is in several.
    #[arg(long)]
    pub campaign: Option<String>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Accept,
    Decline,
    Delegate,
    Tentative,
}

/// How many people one guest may come with, the guest included.
pub const PEOPLE: RangeInclusive<u32> = 1..=1_000;

fn people() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(i64::from(*PEOPLE.start())..=i64::from(*PEOPLE.end()))
}

#[derive(ClapArgs, Debug)]
pub struct Record {
    /// The guest's address, or token.
    pub email: String,
    pub answer: Decision,
    /// How many come in all, the guest included. Left out, the number stays that stood.
    #[arg(long, value_name = "N", value_parser = people())]
    pub party: Option<u32>,
    /// Who comes instead: a name, an address, or "Name <address>". Left out, it stays who was to come.
    #[arg(long, value_name = "WHO")]
    pub instead: Option<String>,
    /// How you know.
    #[arg(long, default_value = "")]
    pub note: String,
    /// The guest's newest mail says so, and was misread: its words are kept as an example to learn from.
    #[arg(long)]
    pub by_mail: bool,
    /// The campaign, where the guest is in several.
    #[arg(long)]
    pub campaign: Option<String>,
}

#[derive(ClapArgs, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Outbox {
    #[command(subcommand)]
    pub word: Option<OutboxCommand>,
    #[command(flatten)]
    pub which: WhichOrAll,
}

/// CAMPAIGN of a list that goes over all.
#[derive(ClapArgs, Debug)]
pub struct WhichOrAll {
    /// A campaign file or the name of a known campaign; left out, all of them.
    pub campaign: Option<String>,
}

#[derive(Subcommand, Debug)]
pub enum OutboxCommand {
    /// Send letters again that are uncertain, failed or bounced, or that were withdrawn. One that is uncertain goes alone.
    Resend {
        /// The guests' addresses, or tokens.
        #[arg(value_name = "EMAIL", required_unless_present = "failed", conflicts_with_all = ["failed", "yes"])]
        emails: Vec<String>,
        /// All letters of the campaign that were refused for good. Left out, and told, are those to addresses that do not exist,
        /// those that may have left before, and those whose guests have said no or asked for no more letters.
        #[arg(long)]
        failed: bool,
        /// With --failed: the number of letters that this call would queue, as a confirmation; asked for when left out.
        #[arg(long, value_name = "N", requires = "failed")]
        yes: Option<usize>,
        /// The campaign, where there are several.
        #[arg(long)]
        campaign: Option<String>,
    },
    /// Count letters as sent that are uncertain, or that wait in a restored backup and have left since.
    Confirm {
        /// The guests' addresses, or tokens.
        #[arg(value_name = "EMAIL", required_unless_present = "uncertain", conflicts_with_all = ["uncertain", "yes"])]
        emails: Vec<String>,
        /// All letters of the campaign that are uncertain. Left out, and told, are those that wait in a restored backup.
        #[arg(long)]
        uncertain: bool,
        /// With --uncertain: the number of letters that this call would count as sent, as a confirmation; asked for when left out.
        #[arg(long, value_name = "N", requires = "uncertain")]
        yes: Option<usize>,
        /// The campaign, where there are several.
        #[arg(long)]
        campaign: Option<String>,
    },
    /// Withdraw letters that wait; `send` invites their guests again.
    Cancel {
        /// The guest's address, or token.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        email: Option<String>,
        /// All letters of the campaign that wait.
        #[arg(long)]
        all: bool,
        #[arg(long)]
        campaign: Option<String>,
    },
}

#[derive(ClapArgs, Debug)]
pub struct Reread {
    #[command(flatten)]
    pub which: Which,
    /// Write the differences; without it nothing is changed.
    #[arg(long)]
    pub apply: bool,
}

#[derive(ClapArgs, Debug)]
pub struct Learned {
    #[command(subcommand)]
    pub word: LearnedCommand,
}

#[derive(Subcommand, Debug)]
pub enum LearnedCommand {
    /// Write the mails that you have ruled on as JSON lines, without the names and addresses of those who wrote them.
    Export {
        /// The new file; left out, standard output. Never overwrites.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
}

#[derive(ClapArgs, Debug)]
pub struct Read {
    /// Messages, mbox files or folders; - for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

#[derive(ClapArgs, Debug)]
pub struct Rehearse {
    #[command(flatten)]
    pub which: Which,
    /// Keep database and messages in this folder, which is new or empty.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

#[derive(ClapArgs, Debug)]
pub struct Export {
    #[command(flatten)]
    pub which: Which,
    /// The file, .csv or .xlsx; left out, CSV goes to standard output. Never overwrites.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

#[derive(ClapArgs, Debug)]
pub struct Backup {
    /// The new file. Never overwrites.
    pub file: PathBuf,
}

#[derive(ClapArgs, Debug)]
pub struct Demo {
    /// Keep database and messages in this folder, which is new or empty, to look at.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}
