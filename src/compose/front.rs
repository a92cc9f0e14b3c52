//! The head of a template: its subject, between two lines `---`.

use super::set::number;
use std::borrow::Cow;

/// A template cut in two.
pub(super) struct Front<'a> {
    pub(super) subject: Cow<'a, str>,
    pub(super) subject_line: u32,
    pub(super) body: &'a str,
    /// Lines above the body.
    pub(super) above: u32,
}

/// `---`, `subject: …`, `---`, then the body. The error is a line and what to do.
pub(super) fn front_matter(text: &str) -> Result<Front<'_>, (u32, String)> {
    let example = "a template begins with three lines: ---, subject: …, ---";
    let mut subject = None;
    let mut used = 0;
    for (at, line) in text.split_inclusive('\n').enumerate() {
        used += line.len();
        let here = number(at);
        let line = line.trim_end();
        match (at, line) {
            (0, "---") => {}
            (0, _) => return Err((1, example.to_owned())),
            (_, "---") => {
                let (subject, subject_line) =
                    subject.ok_or((here, "the subject is missing: write subject: … above this line".to_owned()))?;
                return Ok(Front { subject, subject_line, body: text.get(used..).unwrap_or_default(), above: here });
            }
            (_, "") => {}
            _ => match line.split_once(':') {
                Some(("subject", _)) if subject.is_some() => return Err((here, "there are two subjects: take one out".to_owned())),
                Some(("subject", value)) => {
                    let bare = unquoted(value.trim());
                    if bare.is_empty() {
                        return Err((here, "the subject is empty: write it behind the colon".to_owned()));
                    }
                    subject = Some((bare, here));
                }
                Some((key, _)) => return Err((here, format!("the key \"{key}\" is not known: there is only subject"))),
                None => return Err((here, example.to_owned())),
            },
        }
    }
    Err((1, format!("the second --- is missing: {example}")))
}

/// A subject without the quotes around it, as YAML has them: `\"` is a quote in double ones, `''` in single ones. Quotes that
/// are words' own (`"A" or "B"`) stay, and those in braces belong to the braces.
fn unquoted(value: &str) -> Cow<'_, str> {
    let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return value.into() };
    let Some(inner) = value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote)) else { return value.into() };
    let mut bare = String::with_capacity(inner.len());
    let mut braces = false;
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('{' | '}', Some(next)) if *next == c => braces = c == '{',
            ('\\', Some('"' | '\\')) if quote == '"' => {
                bare.extend(chars.next());
                continue;
            }
            ('\'', Some('\'')) if quote == c && !braces => {
                chars.next();
            }
            ('\\', None) if quote == '"' => return value.into(),
            _ if c == quote && !braces => return value.into(),
            _ => {}
        }
        bare.push(c);
    }
    bare.into()
}

#[cfg(test)]
mod tests {
    use super::front_matter;

    #[test]
    fn quotes_around_a_subject_are_not_a_part_of_it() {
        for (written, subject) in [
            ("Invitation", "Invitation"),
            ("\"Invitation: Gala\"", "Invitation: Gala"),
            ("'Invitation: Gala'", "Invitation: Gala"),
            ("'It''s tonight'", "It's tonight"),
            (r#""Say \"hi\"""#, "Say \"hi\""),
            (r#""C:\\x \n""#, r"C:\x \n"),
            ("\"Yes\" or \"No\"", "\"Yes\" or \"No\""),
            ("'t Hart en 's avonds'", "'t Hart en 's avonds'"),
            ("\"Gala", "\"Gala"),
            ("\"Gala\\\"", "\"Gala\\\""),
            ("{{event.title}}", "{{event.title}}"),
            ("\"{{#if (eq guest.lang \"ro\")}}A{{else}}B{{/if}}\"", "{{#if (eq guest.lang \"ro\")}}A{{else}}B{{/if}}"),
            ("'{{#if (ne guest.fee '')}}A{{/if}}'", "{{#if (ne guest.fee '')}}A{{/if}}"),
        ] {
            let text = format!("---\nsubject: {written}\n---\nx\n");
            let front = front_matter(&text).unwrap_or_else(|(_, why)| panic!("{written}: {why}"));
            assert_eq!(front.subject, subject, "{written}");
        }
        for empty in ["", "\"\"", "''"] {
            assert!(front_matter(&format!("---\nsubject: {empty}\n---\nx\n")).is_err_and(|(line, why)| line == 2 && why.contains("empty")));
        }
    }
}
