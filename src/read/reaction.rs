//! Reactions: one emoji instead of a reply, in the shapes of Gmail, Outlook and iPhone.

use super::words::beginning;

/// The emoji in Gmail's `text/vnd.google.email-reaction+json`.
pub(super) fn gmail(json: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(beginning(json, 4_096)).ok()?;
    let emoji = value.get("emoji")?.as_str()?;
    (emoji.chars().count() <= 12 && is_emoji(emoji)).then(|| emoji.to_owned())
}

/// The emoji in a text that says nothing but that somebody reacted.
pub(super) fn in_text(said: &str) -> Option<String> {
    let text = said.trim();
    if text.len() > 600 {
        return None;
    }
    tapback(text).or_else(|| outlook(text))
}

/// iPhone: `Liked “…”`, `A apreciat „…”`, `👍 to “…”`.
fn tapback(text: &str) -> Option<String> {
    const VERBS: [(&str, &str); 12] = [
        ("Liked", "👍"),
        ("Loved", "❤️"),
        ("Disliked", "👎"),
        ("Laughed at", "😂"),
        ("Emphasized", "‼️"),
        ("Emphasised", "‼️"),
        ("Questioned", "❓"),
        ("Îi place", "👍"),
        ("A apreciat", "👍"),
        ("Gefällt", "👍"),
        ("Aimé", "👍"),
        ("Ha messo Mi piace a", "👍"),
    ];
    let quoted =
        |rest: &str| rest.trim_start().starts_with(['“', '"', '„', '«', '”']) && rest.trim_end().ends_with(['”', '"', '“', '»', '.']);
    for (verb, emoji) in VERBS {
        if text.strip_prefix(verb).is_some_and(quoted) {
            return Some(emoji.to_owned());
        }
    }
    let rest = text.strip_prefix("Reacted ").unwrap_or(text);
    let (emoji, quote) = rest.split_once(" to ")?;
    (is_emoji(emoji) && quoted(quote)).then(|| emoji.to_owned())
}

/// Outlook: "Ana Pop reacted to your message:" and an emoji, before or behind; in the languages of its text only the emoji counts.
fn outlook(text: &str) -> Option<String> {
    const REACTED: [&str; 12] = [
        "reacted to your message",
        "reacted via",
        "a reacționat la mesajul",
        "hat auf ihre nachricht reagiert",
        "hat auf deine nachricht reagiert",
        "a réagi à votre message",
        "ha reagito al tuo messaggio",
        "ha reaccionado a tu mensaje",
        "heeft gereageerd op je bericht",
        "reagoi viestiisi",
        "reagirao je na vašu poruku",
        "sureagavo į jūsų",
    ];
    // Every emoji is of three bytes or more: most texts are done with here.
    if text.bytes().all(|byte| byte < 0xE2) {
        return None;
    }
    let lower = text.to_lowercase();
    if !REACTED.iter().any(|phrase| lower.contains(phrase)) || text.lines().count() > 6 {
        return None;
    }
    text.split_whitespace().find(|word| is_emoji(word)).map(str::to_owned)
}

/// Emoji and nothing else.
pub(super) fn is_emoji(text: &str) -> bool {
    let sign = |c: char| {
        c > '\u{1F000}'
            || matches!(c, '\u{203C}' | '\u{2049}' | '\u{2190}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{FE0F}' | '\u{200D}')
    };
    let text = text.trim();
    !text.is_empty() && text.chars().all(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_programs() {
        assert_eq!(gmail(r#"{"emoji":"👍","version":1}"#).as_deref(), Some("👍"));
        assert_eq!(in_text("Liked “Vă invităm la workshop”").as_deref(), Some("👍"));
        assert_eq!(in_text("👍 to “Vă invităm”").as_deref(), Some("👍"));
        assert_eq!(in_text("Ana Pop reacted to your message:\n👍").as_deref(), Some("👍"));
        assert_eq!(in_text("Liked it, I come."), None);
        assert_eq!(in_text("👍"), None);
    }
}
