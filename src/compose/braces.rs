//! The braces of a template: whether handlebars can read them, and if not, which are wrong.

use super::{Problem, set::MAX_DEPTH};
use handlebars::{Template, TemplateErrorReason};

/// Reads a text whose first line is the one below `above` others; None, and why, where its braces make no sense or go too deep.
pub(super) fn compile(text: &str, above: u32) -> (Option<Template>, Vec<Problem>) {
    if nested(text) {
        let why = format!("{{{{#…}}}} or ( is nested deeper than {MAX_DEPTH} levels: make it flatter");
        return (None, vec![Problem::new(above.saturating_add(1), "", why)]);
    }
    match Template::compile(text) {
        Ok(template) => (Some(template), Vec::new()),
        Err(error) => {
            let line = error.pos().map_or(1, |(line, _)| u32::try_from(line).unwrap_or(u32::MAX));
            let cure = "a value is {{guest.name}}, a condition {{#if …}}…{{/if}}";
            let (line, why) = match (unclosed(text), error.reason()) {
                (Some((line, tag)), _) if tag.starts_with('#') => (line, format!("{{{{{tag}}}}} is not closed: {cure}")),
                (Some((line, tag)), _) => (line, format!("the braces of {{{{{} are not closed: {cure}", tag.trim_end_matches('}'))),
                (None, TemplateErrorReason::InvalidSyntax(_)) => (line, format!("the braces here do not make sense: {cure}")),
                (None, reason) => (line, format!("the braces here do not make sense ({reason}): {cure}")),
            };
            (None, vec![Problem::new(line.saturating_add(above), "", why)])
        }
    }
}

/// The first `{{` without its `}}`, else the last `{{#…}}` without its `{{/…}}`, with its line.
fn unclosed(text: &str) -> Option<(u32, &str)> {
    let mut open = Vec::new();
    let mut line = 1_u32;
    for (at, piece) in text.split("{{").enumerate() {
        if at > 0 && !piece.contains("}}") {
            return Some((line, piece.lines().next().unwrap_or_default().trim()));
        }
        if at > 0 && piece.starts_with('#') {
            open.push((line, piece.split("}}").next().unwrap_or(piece).trim()));
        } else if at > 0 && piece.starts_with('/') {
            open.pop();
        }
        line = line.saturating_add(u32::try_from(piece.matches('\n').count()).unwrap_or(u32::MAX));
    }
    open.pop()
}

/// Whether blocks or parentheses go too deep for handlebars' recursive reader.
fn nested(text: &str) -> bool {
    // For each open block: 1, and 1 for every `{{else if}}`, which handlebars nests as well.
    let mut open: Vec<usize> = Vec::new();
    let mut depth = 0_usize;
    for tag in text.split("{{").skip(1) {
        let tag = tag.trim_start_matches(['{', '~']);
        let inside = tag.split("}}").next().unwrap_or(tag);
        if inside.chars().filter(|c| matches!(c, '(' | '[')).count() > 20 {
            return true;
        }
        if tag.starts_with(['#', '^']) {
            open.push(1);
            depth += 1;
        } else if tag.starts_with('/') {
            depth = depth.saturating_sub(open.pop().unwrap_or(0));
        } else if let (Some(block), true) = (open.last_mut(), inside.trim_start().starts_with("else ")) {
            *block += 1;
            depth += 1;
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}
