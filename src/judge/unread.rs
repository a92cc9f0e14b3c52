//! What was not read of a mail: it may hold the answer that its words do not give.

use crate::model::mail::{CUT, ELSEWHERE, GONE, HELP_DESK, STRUCK_OUT, TYPED_IN_QUOTE, UNREAD_FILE};
use crate::model::{Address, Answer, Mail};

/// An address is looked for in so many words.
const MAX_WORDS: usize = 2_000;
const LINK: &str = "what was written may stand behind its link";

/// Why a mail needs a look though its words are read plainly; None where all that may change them was read.
///
/// What says nothing is recorded without anybody seeing it, and its guest stays silent: that must be harmless beyond doubt.
pub(super) fn doubt(mail: &Mail, answer: Answer) -> Option<String> {
    let has = |wanted: &str| mail.notes.iter().any(|note| note == wanted);
    if let Some(why) = [CUT, STRUCK_OUT, HELP_DESK].into_iter().find(|note| has(note)) {
        return Some(why.to_owned());
    }
    if answer != Answer::None {
        return None;
    }
    if let Some(name) = mail.notes.iter().find_map(|note| note.strip_prefix(UNREAD_FILE)) {
        return Some(format!("the answer may be in what is attached: {name}"));
    }
    let is_why = |note: &&String| note.starts_with(TYPED_IN_QUOTE) || [GONE, ELSEWHERE].contains(&note.as_str());
    let noted = mail.notes.iter().find(is_why).cloned();
    let addressed = || other_address(mail).map(|address| format!("it names another address: {address}"));
    // Gateways of every language hand out a link to what was written, or to who must prove that they wrote.
    noted.or_else(addressed).or_else(|| mail.said.contains("://").then(|| LINK.to_owned()))
}

/// An address in what was typed that is neither the writer's nor one they wrote to: where a guest has left, or who is in charge.
fn other_address(mail: &Mail) -> Option<Address> {
    let words = mail.said.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | ',' | ';' | ':' | '"'));
    let mut named = words.take(MAX_WORDS).filter(|word| word.contains('@'));
    let known = |address: &Address| mail.writers().chain(&mail.recipients).any(|other| other == address);
    named.find_map(|word| Address::parse(word.trim_matches(|c: char| !c.is_alphanumeric())).ok().filter(|address| !known(address)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Certainty, MailKind, Verdict};

    fn verdict(said: &str, note: Option<&str>) -> Verdict {
        let notes = note.map(str::to_owned).into_iter().collect();
        super::super::verdict(&Mail { said: said.into(), notes, ..Mail::empty(MailKind::Reply) }, None, Certainty::default())
    }

    #[test]
    fn nothing_is_recorded_as_nothing_while_something_was_not_read() {
        let attached = format!("{UNREAD_FILE}reply.pdf");
        assert!(verdict("Please find attached our reply.", None).sure);
        for note in [attached.as_str(), TYPED_IN_QUOTE, GONE, ELSEWHERE, HELP_DESK, STRUCK_OUT, CUT] {
            let none = verdict("Please find attached our reply.", Some(note));
            assert_eq!((none.answer, none.sure, none.doubts.len()), (Answer::None, false, 1), "{note}: {none:?}");
            let yes = verdict("Yes, I will come.", Some(note));
            assert_eq!((yes.answer, yes.sure), (Answer::Accept, ![HELP_DESK, STRUCK_OUT, CUT].contains(&note)), "{note}: {yes:?}");
        }
        let other = verdict("Please write to info@council.example.", None);
        assert_eq!((other.answer, other.doubts), (Answer::None, vec!["it names another address: info@council.example".to_owned()]));
        let link = verdict("Sua mensagem foi retida. Clique aqui: http://x.example/1", None);
        assert_eq!((link.answer, link.doubts.last().map(String::as_str)), (Answer::None, Some(LINK)));
        let told = verdict("Please find attached our reply.", Some(&attached)).doubts;
        assert_eq!(told, ["the answer may be in what is attached: reply.pdf"]);
    }
}
