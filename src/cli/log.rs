//! The log of `run`: lines on standard error, where systemd takes them.

use std::{
    io::{self, IsTerminal as _, Write},
    os::unix::fs::MetadataExt as _,
};
use tracing_subscriber::{EnvFilter, filter::LevelFilter, fmt::MakeWriter};

/// Begins to log; colours only for a terminal, priorities for systemd's journal.
pub fn begin() {
    let filter = EnvFilter::new(filter(&std::env::var("CONVOKE_LOG").unwrap_or_default()));
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let journal = is_journal();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Lines { journal }).with_ansi(colours).with_target(false);
    // A line that cannot be written (a full disk, a pipe that nobody reads) is lost; to complain of it in the same place would end the
    // program.
    let lines = lines.log_internal_errors(false);
    // The journal has times of its own.
    let _ = if journal { lines.without_time().try_init() } else { lines.try_init() };
}

/// Whether standard error is the journal's, as systemd tells in `JOURNAL_STREAM` (systemd.exec(5)): it may have been redirected since.
fn is_journal() -> bool {
    let told = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    let Ok(stream) = std::fs::metadata("/proc/self/fd/2") else { return false };
    told == format!("{}:{}", stream.dev(), stream.ino())
}

struct Lines {
    journal: bool,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { priority: "" }
    }

    fn make_writer_for(&'a self, of: &tracing::Metadata<'_>) -> Line {
        Line { priority: if self.journal { priority(*of.level()) } else { "" } }
    }
}

/// What stands before a line of this level (sd-daemon(3)), so that `journalctl -p warning` finds what went wrong.
fn priority(level: tracing::Level) -> &'static str {
    match level {
        tracing::Level::ERROR => "<3>",
        tracing::Level::WARN => "<4>",
        tracing::Level::INFO => "<6>",
        _ => "<7>",
    }
}

struct Line {
    priority: &'static str,
}

impl Write for Line {
    /// Takes a whole line, as the formatter hands it over.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = [self.priority.as_bytes(), line].concat();
        io::stderr().write_all(&text)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// What is logged. `CONVOKE_LOG` is a level, or levels for parts of this crate (`convoke::net=trace`), apart by commas. Of the
/// libraries no more than information is heard, whatever it asks for: below that they print letters, names and sign-in lines.
fn filter(asked: &str) -> String {
    let mut filter = "info,rustls=warn".to_owned();
    for word in asked.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match word.parse::<LevelFilter>() {
            Ok(level) if level < LevelFilter::INFO => filter = format!("{filter},{level},rustls={level},convoke={level}"),
            Ok(level) => filter = format!("{filter},convoke={level}"),
            Err(_) if word.starts_with("convoke=") || word.starts_with("convoke::") => filter = format!("{filter},{word}"),
            Err(_) => anstream::eprintln!(
                "warning: CONVOKE_LOG: {word:?} is passed over; say a level (error, warn, info, debug, trace) or convoke::PART=LEVEL"
            ),
        }
    }
    filter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_for_this_crate_and_the_libraries_never_say_more_than_information() {
        assert_eq!(filter(""), "info,rustls=warn");
        assert_eq!(filter("debug"), "info,rustls=warn,convoke=debug");
        assert_eq!(filter(" TRACE , convoke::net=info,html5ever=trace"), "info,rustls=warn,convoke=trace,convoke::net=info");
        assert_eq!(filter("warn"), "info,rustls=warn,warn,rustls=warn,convoke=warn");
        assert_eq!(filter("off"), "info,rustls=warn,off,rustls=off,convoke=off");
    }
}
