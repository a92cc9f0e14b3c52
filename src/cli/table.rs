//! Tables on the terminal.

use comfy_table::{ContentArrangement, Table, presets};

/// A table without a frame; a terminal's width is kept to, a pipe gets long lines.
pub fn new(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_header(header.to_vec());
    if !std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    table
}

/// The first line of a text, cut at so many characters, control characters left out: mail is not to speak to the terminal.
pub fn cut(text: &str, length: usize) -> String {
    let line: String =
        text.split(['\n', '\r']).find(|line| !line.trim().is_empty()).unwrap_or("").chars().filter(|c| !c.is_control()).collect();
    if line.chars().count() <= length { line } else { line.chars().take(length.saturating_sub(1)).chain(['…']).collect() }
}

/// A text with its lines, without any other control character.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect()
}
