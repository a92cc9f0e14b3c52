//! What is shown of a matter before a key is asked for.

use super::{
    super::{
        table,
        words::{beside, counted, decided},
    },
    matter::{Matter, guess, is_of_program},
};
use crate::{
    model::Verdict,
    store::{inbox::Look, outbox::Waiting},
};
use jiff::Timestamp;

/// How many lines of a mail are shown.
const SHOWN: usize = 40;

pub fn describe(matter: &Matter) -> String {
    let known = matter.looks.last().and_then(|look| look.name.as_ref().zip(look.email.as_ref()));
    let guest = known.map_or_else(|| "nobody we know".to_owned(), |(name, email)| format!("{} <{email}>", table::cut(name, 60)));
    let mut out = format!("Guest:   {guest}\n");
    if let Some(stands) = matter.stands() {
        out.push_str(&format!("So far:  {}\n", table::cut(&stands, 200)));
    }
    if matter.looks.len() > 1 {
        out.push_str(&format!("Mails:   {} wait, the newest stands last; your key is for all of them\n", matter.looks.len()));
    }
    for (number, look) in matter.looks.iter().enumerate() {
        if matter.looks.len() > 1 {
            out.push_str(&format!("\n─ mail {} of {}\n", number + 1, matter.looks.len()));
        }
        out.push_str(&mail(look));
    }
    if let Some(since) = &matter.since {
        let who = if since.mail.is_some() { "the guest wrote" } else { "you recorded" };
        let words = match (since.words.is_empty(), since.mail) {
            (true, _) => String::new(),
            (false, Some(_)) => format!(", “{}”", table::cut(&since.words, 300)),
            (false, None) => format!(" ({})", table::cut(&since.words, 300)),
        };
        out.push_str(&format!(
            "\nSince then, {}, {who}: {}{words}\n",
            time(since.at),
            table::cut(&decided(since.answer, since.party, since.delegate.as_ref()), 200)
        ));
    }
    out.push_str(&letters(matter));
    out
}

/// What becomes of the letters that wait for a guest who wants, or may want, no more. A wish withdraws only those of its own
/// invitation: of the others the organiser decides.
fn letters(matter: &Matter) -> String {
    let sure = matter.standing.as_ref().is_some_and(|standing| standing.unwilling);
    let wants = if sure { "wants" } else { "may want" };
    let here = matter.looks.last().and_then(|look| look.campaign.as_ref());
    let mut out = String::new();
    for Waiting { invitation, email, name, token, campaign, kind, unwanted, .. } in &matter.letters {
        let own = matter.guest() == Some(*invitation);
        let no = if own && kind == "invitation" { "a no recorded here, or " } else { "" };
        // In one campaign the address alone does not say which of its guests is meant.
        let (whom, which) = match here == Some(campaign) && !own {
            true => (format!("{} <{email}>", table::cut(name, 100)), token),
            false => (email.clone(), email),
        };
        match unwanted {
            Some(_) => out.push_str(&format!("\nA letter to {whom} waits (campaign {campaign}): it will be withdrawn instead of sent.\n")),
            None => {
                let cancel = format!("`convoke outbox cancel {which} --campaign {campaign}` withdraws it");
                let again = match kind.as_str() {
                    "invitation" => format!("; as long as the row stands in the list, the next `convoke send {campaign}` invites again"),
                    _ => String::new(),
                };
                out.push_str(&format!(
                    "\nCareful: the guest {wants} no more letters, and one to {whom} waits (campaign {campaign}): {no}{cancel}{again}.\n"
                ));
            }
        }
    }
    out
}

fn mail(look: &Look) -> String {
    let mut out = format!(
        "From:    {}\nArrived: {}\nSubject: {}\nWhy:     {}\n",
        table::cut(&look.sender, 100),
        time(look.arrived),
        table::cut(&look.subject, 100),
        table::cut(&look.doubts.join("; "), 300)
    );
    if let Some(verdict) = guess(look) {
        let guess = decided(verdict.answer, verdict.party, verdict.delegate.as_ref());
        let more = beside(verdict.question, verdict.unsubscribe);
        out.push_str(&format!("Guess:   {} ({}){more}\n", table::cut(&guess, 200), source(verdict)));
    }
    out.push('\n');
    out.push_str(&said(look));
    decided_elsewhere(look, &mut out);
    out
}

/// Who says what is guessed, or how probable it is.
fn source(verdict: &Verdict) -> String {
    match calendars_word(verdict) {
        Some(word) => format!("a calendar program answered {word}"),
        None if is_of_program(verdict) => "an answer button was pressed".to_owned(),
        None => format!("{:.0} %", verdict.confidence * 100.0),
    }
}

/// What a calendar program answered.
fn calendars_word(verdict: &Verdict) -> Option<&str> {
    let word = verdict.evidence.first().filter(|_| is_of_program(verdict))?;
    ["ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED", "COUNTER"].into_iter().find(|known| known == word)
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The first lines of the mail.
fn said(look: &Look) -> String {
    let text = table::plain(&look.said);
    let lines: Vec<&str> = text.lines().collect();
    let mut out: String = lines.iter().take(SHOWN).map(|line| format!("    {line}\n")).collect();
    let rest = lines.get(SHOWN..).unwrap_or_default();
    if !rest.is_empty() {
        out.push_str(&format!("    … and {}\n", counted(rest.len(), "more line")));
    }
    out
}

/// The words that decided, where they do not stand in what is shown: further down in a long mail, or outside of its text.
fn decided_elsewhere(look: &Look, out: &mut String) {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = one_line(out);
    for words in look.verdict.iter().flat_map(|verdict| &verdict.evidence) {
        let words = one_line(&table::plain(words));
        if !shown.contains(&words) {
            out.push_str(&format!("    The words that decided: “{}”\n", table::cut(&words, 1_000)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Answer, Verdict};

    #[test]
    fn of_a_long_mail_the_words_that_decided_are_shown_wherever_they_stand() {
        let look = |lines: usize, evidence: &str| Look {
            mail: 1,
            invitation: None,
            campaign: None,
            email: None,
            name: None,
            sender: "ana@guests.example".into(),
            subject: "Re: Gala".into(),
            said: (1..=lines).map(|line| format!("line {line} of\n")).collect(),
            verdict: Some(Verdict { answer: Answer::Decline, evidence: vec![evidence.into()], ..Verdict::silent() }),
            doubts: Vec::new(),
            arrived: Timestamp::UNIX_EPOCH,
        };
        let whole = mail(&look(40, "line 40 of"));
        assert!(whole.ends_with("    line 40 of\n"), "{whole}");
        let cut = mail(&look(42, "line 41 of\nline 42 of"));
        assert!(cut.ends_with("    line 40 of\n    … and 2 more lines\n    The words that decided: “line 41 of line 42 of”\n"), "{cut}");
        let above = mail(&look(41, "line 2 of\nline 3 of"));
        assert!(above.ends_with("    line 40 of\n    … and 1 more line\n"), "{above}");
        let outside = mail(&look(1, "I cannot come."));
        assert!(outside.ends_with("    line 1 of\n    The words that decided: “I cannot come.”\n"), "{outside}");
        let mut of_program = look(1, "ACCEPTED");
        of_program.verdict.iter_mut().for_each(|verdict| verdict.confidence = 1.0);
        let of_program = mail(&of_program);
        assert!(of_program.contains("Guess:   decline (a calendar program answered ACCEPTED)\n"), "{of_program}");
        assert!(of_program.ends_with("    line 1 of\n"), "{of_program}");
    }
}
