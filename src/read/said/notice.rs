//! Paragraphs that no guest typed: legal disclaimers, antivirus lines, "external sender" banners.

use super::line::{Line, ends_sentence, is_sentence};
use crate::read::words::{Phrases, fold, list};
use std::sync::LazyLock;

struct Notices {
    sure: Phrases,
    /// Of the wrong addressee: guests say them of themselves, lawyers under a condition.
    astray: Phrases,
    conditions: Phrases,
    hints: Phrases,
    banners: Phrases,
    /// What banners go on with in a line of its own.
    instructions: Phrases,
}

static NOTICES: LazyLock<Notices> = LazyLock::new(|| {
    let kind =
        |mark: &'static str| Phrases::new(list(include_str!("../words/notices.txt")).filter_map(move |line| line.strip_prefix(mark)));
    Notices {
        sure: kind("= "),
        astray: kind("? "),
        conditions: kind("% "),
        hints: kind("~ "),
        banners: kind("^ "),
        instructions: kind("+ "),
    }
});

/// No sure phrase of a disclaimer stands in a shorter paragraph.
const MIN_SURE: usize = 20;
/// Shorter paragraphs hold nothing but what a person typed, whatever their words.
const MIN_DISCLAIMER: usize = 90;
/// What a guest typed on a line with a disclaimer, or below it, is not longer, in words.
const MAX_TYPED: usize = 12;
const SENTENCE_ENDS: [char; 4] = ['.', '!', '?', '…'];
/// How a banner in brackets begins, folded.
const TAGS: [&str; 35] = [
    "[extern",
    "[ext]",
    "[email extern",
    "[e-mail extern",
    "[mesaj extern",
    "[mail extern",
    "[esterno]",
    "[mittente esterno",
    "[remitente externo",
    "[eksterni",
    "[eksterna",
    "[ekstern]",
    "[ekstern e-",
    "[ekstern mail",
    "[ekstern afsender",
    "[ekstern avsender",
    "[ulkoinen",
    "[valine",
    "[areja",
    "[arejs",
    "[isorin",
    "[zewnetrzn",
    "[wiadomosc zewnetrzna",
    "[zunanj",
    "[vanjsk",
    "[spoljn",
    "[kulso",
    "[εξωτερικ",
    "[външ",
    "[внешн",
    "[зовнішн",
    "[спољн",
    "[екстерн",
    "[harici",
    "[dis kaynak",
];
/// A banner is short.
const MAX_BANNER: usize = 700;

/// A paragraph that no guest typed; a banner only where it stands at the `top`.
pub(super) fn is_notice(paragraph: &str, top: bool) -> bool {
    let length = paragraph.len();
    if !top && length < MIN_SURE {
        return false;
    }
    let tag = paragraph.trim();
    let folded = fold(tag);
    top && length <= MAX_BANNER && is_banner(tag, &folded) || length >= MIN_SURE && is_disclaimer(length, &folded)
}

/// A line that was wrapped is not shorter, in characters.
const MIN_WRAPPED: usize = 60;

/// The lines of a paragraph known to be a notice that are it, from the first to behind the last.
///
/// Where no blank line parts them from it, the guest's words stand below a banner and above a disclaimer.
pub(super) fn place(lines: &[Line<'_>], top: bool) -> (usize, usize) {
    let all = (0, lines.len());
    if lines.len() < 2 {
        return all;
    }
    let mut folded = String::new();
    let mut starts = Vec::with_capacity(lines.len());
    for line in lines {
        if folded.len() > 8_000 {
            break;
        }
        if !folded.is_empty() {
            folded.push(' ');
        }
        starts.push(folded.len());
        folded.push_str(&fold(line.text));
    }
    let line_of = |place: usize| starts.partition_point(|start| *start <= place).saturating_sub(1);
    let text = |at: usize| lines.get(at).map_or("", |line| line.text.trim());
    let wrapped = |at: usize| !ends_sentence(text(at)) && text(at).chars().take(MIN_WRAPPED).count() == MIN_WRAPPED;
    if top && let Some((start, _)) = NOTICES.banners.find(&folded) {
        let end = NOTICES.banners.all(&folded).take(40).map(|(_, end)| end).last().unwrap_or(start);
        let mut last = line_of(end.saturating_sub(1));
        // The phrase at the end of its line ends the banner, unless an instruction follows.
        let mut open = starts.get(last + 1).is_some_and(|next| end + 1 < *next) && wrapped(last);
        while last + 1 < lines.len() {
            if !open && !NOTICES.instructions.is_in(&fold(text(last + 1))) {
                break;
            }
            last += 1;
            open = wrapped(last);
        }
        let first = line_of(start);
        let above = (0..first).rev().find(|at| is_sentence(text(*at)));
        return (above.map_or(0, |at| at + 1), last + 1);
    }
    let found = NOTICES.sure.find(&folded).or_else(|| NOTICES.astray.find(&folded)).or_else(|| NOTICES.hints.find(&folded));
    let Some((start, _)) = found else { return all };
    let mut first = line_of(start);
    let mut inside = starts.get(first).is_some_and(|line| *line < start);
    while let Some(above) = first.checked_sub(1) {
        let goes_on = !ends_sentence(text(above)) && text(first).starts_with(char::is_lowercase);
        if !(goes_on || inside && wrapped(above) || NOTICES.hints.is_in(&fold(text(above)))) {
            break;
        }
        first = above;
        inside = true;
    }
    (first, lines.len())
}

/// The guest's own sentences at the start of a disclaimer's first line, where no line end parts them from it.
///
/// They are few, and none of their words is a lawyer's.
pub(super) fn typed_head(line: &str) -> Option<&str> {
    let own = line.split_inclusive(SENTENCE_ENDS).take_while(|sentence| !sounds_like_one(sentence));
    let end = own.map(str::len).sum::<usize>();
    let head = line.get(..end)?.trim();
    (end < line.len() && ends_sentence(head) && (2..=MAX_TYPED).contains(&head.split_whitespace().count())).then_some(head)
}

/// The last line of a disclaimer, where it is a short sentence of its own that does not sound like one.
pub(super) fn doubtful_tail<'t>(lines: &[Line<'t>]) -> Option<&'t str> {
    let [.., above, last] = lines else { return None };
    let own = ends_sentence(above.text) && last.text.split_whitespace().count() <= MAX_TYPED && !sounds_like_one(last.text);
    own.then_some(last.text)
}

/// Holds a phrase of notices.
pub(super) fn sounds_like_one(text: &str) -> bool {
    let folded = fold(text);
    [&NOTICES.sure, &NOTICES.astray, &NOTICES.hints].iter().any(|phrases| phrases.is_in(&folded))
}

/// A phrase of the wrong addressee in a sentence that sets a condition before it, or beside another hint.
fn is_astray(folded: &str) -> bool {
    NOTICES.astray.all(folded).take(40).any(|(start, end)| {
        let before = folded.get(..start).unwrap_or_default();
        let sentence = before.rsplit(SENTENCE_ENDS).next().unwrap_or_default();
        NOTICES.conditions.is_in(sentence) || NOTICES.hints.is_in(before) || NOTICES.hints.is_in(folded.get(end..).unwrap_or_default())
    })
}

/// A legal disclaimer or a scanner's line.
fn is_disclaimer(length: usize, folded: &str) -> bool {
    if NOTICES.sure.is_in(folded) || is_astray(folded) {
        return true;
    }
    if length < MIN_DISCLAIMER {
        return false;
    }
    let mut seen: Vec<&str> = Vec::new();
    for (start, end) in NOTICES.hints.all(folded).take(40) {
        let hint = folded.get(start..end).unwrap_or_default();
        if !seen.contains(&hint) {
            seen.push(hint);
        }
    }
    // A person may write one such word; three in one paragraph, or two in a long one, are a lawyer's.
    seen.len() >= 3 || seen.len() == 2 && length >= 200
}

/// A banner that the guest's server put above the text.
fn is_banner(tag: &str, folded: &str) -> bool {
    let bracketed = tag.len() < 40 && tag.starts_with('[') && tag.ends_with(']');
    if bracketed {
        return TAGS.iter().any(|start| folded.starts_with(start));
    }
    NOTICES.banners.is_in(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lawyers_and_scanners_are_known() {
        for text in [
            "If you are not the intended recipient, please delete this message.",
            "Acest mesaj conține informații confidențiale adresate exclusiv destinatarului. Orice utilizare este interzisă, iar dacă l-ați primit \
             din greșeală anunțați expeditorul.",
            "Virus-free. www.avast.com",
            "Sollten Sie nicht der richtige Adressat sein, geben Sie uns Bescheid.",
            "Se ha ricevuto questa e-mail per errore, la preghiamo di cancellarla.",
            "Diese E-Mail irrtümlich erhalten? Bitte vernichten.",
        ] {
            assert!(is_notice(text, false), "{text}");
        }
        for text in ["CAUTION: This email originated from outside of the organization. Do not click links.", "[EXTERNAL]"] {
            assert!(is_notice(text, true) && !is_notice(text, false), "{text}");
        }
    }

    /// What gateways write above a mail from outside, and how it goes on.
    const BANNERS: [(&str, &str); 25] = [
        ("UWAGA: Ta wiadomość pochodzi spoza organizacji.", "Nie klikaj w linki i nie otwieraj załączników."),
        ("Ten e-mail został wysłany spoza organizacji.", "Nie otwieraj załączników."),
        ("POZOR: Tato zpráva přišla z externího zdroje.", "Neklikejte na odkazy a neotevírejte přílohy."),
        ("UPOZORNENIE: Táto správa pochádza z externého prostredia.", "Neklikajte na odkazy."),
        ("VAROITUS: Tämä sähköposti tulee organisaation ulkopuolelta.", "Älä avaa liitteitä."),
        ("Προσοχή: Αυτό το μήνυμα προέρχεται από εξωτερικό αποστολέα.", "Μην κάνετε κλικ σε συνδέσμους."),
        ("FIGYELEM: Ez a levél külső feladótól érkezett.", "Ne kattintson a hivatkozásokra."),
        ("ATENȚIE: Acest e-mail a fost trimis din afara organizației.", "Nu deschideți atașamentele."),
        ("OBS! Detta mejl kommer från en extern avsändare.", "Klicka inte på länkar."),
        ("ADVARSEL: Denne e-mail er sendt fra en ekstern afsender.", "Klik ikke på links."),
        ("ADVARSEL: Denne e-posten er sendt fra en ekstern avsender.", "Ikke klikk på lenker."),
        ("TÄHELEPANU: See e-kiri on saadetud väljastpoolt organisatsiooni.", "Ärge avage manuseid."),
        ("UZMANĪBU: Šis e-pasts ir saņemts no ārēja sūtītāja.", "Neatveriet pielikumus."),
        ("DĖMESIO: šis laiškas gautas iš išorinio siuntėjo.", "Neatidarykite priedų."),
        ("OPREZ: Ova poruka poslana je izvan organizacije.", "Ne otvarajte privitke."),
        ("POZOR: To sporočilo prihaja izven organizacije.", "Ne klikajte na povezave."),
        ("ВНИМАНИЕ: Този имейл е изпратен извън организацията.", "Не отваряйте прикачени файлове."),
        ("ATENÇÃO: Este email teve origem fora da organização.", "Não clique em links."),
        ("УПОЗОРЕЊЕ: Ова порука је послата ван организације.", "Не отварајте прилоге."),
        ("УВАГА: Цей лист надійшов ззовні організації.", "Не відкривайте вкладення."),
        ("DİKKAT: Bu e-posta kurum dışından gönderilmiştir.", "Bağlantılara tıklamayın."),
        ("ATENCIÓ: Aquest correu prové de fora de l'organització.", "No obriu els fitxers adjunts."),
        ("ACHTUNG: Diese Nachricht stammt von außerhalb der Organisation.", "Klicken Sie nicht auf Links."),
        ("LET OP: Deze e-mail komt van buiten de organisatie.", "Klik niet op links."),
        ("WARNING: This email was sent from outside the organisation.", "Don't click links."),
    ];

    #[test]
    fn banners_of_many_languages_go_and_the_words_below_stay() {
        for (banner, instruction) in BANNERS {
            for lines in [format!("{banner}\nI come."), format!("{banner} {instruction}\nI come.")] {
                let placed = place(&super::super::line::split(&lines), true);
                assert!(is_notice(&lines, true) && !is_notice(&lines, false), "{lines}");
                assert_eq!(placed, (0, 1), "{lines}");
            }
            let lines = format!("{banner}\n{instruction}\nI come.");
            assert_eq!(place(&super::super::line::split(&lines), true), (0, 2), "{lines}");
        }
        for tag in
            ["[ZEWNĘTRZNY]", "[Externí e-mail]", "[ΕΞΩΤΕΡΙΚΟ]", "[Външен]", "[KÜLSŐ]", "[Zunanji]", "[Väline]", "[Ārējs]", "[ekstern]"]
        {
            assert!(is_notice(tag, true), "{tag}");
        }
    }

    #[test]
    fn words_of_the_guest_in_the_same_paragraph_are_not_it() {
        let placed = |text: &str, top| place(&super::super::line::split(text), top);
        let caution = "CAUTION: This email originated from outside of the organization. Do not click links.";
        assert_eq!(placed(&format!("{caution}\nSorry, I cannot come."), true), (0, 1));
        let wrapped = "CAUTION: This email originated from outside of the organization. Do not\nclick links or open attachments.";
        assert_eq!(placed(&format!("{wrapped}\nSorry, I cannot come."), true), (0, 2));
        assert_eq!(placed("External email.\nDo not click links.\nSorry, I cannot come.", true), (0, 2));
        let legal = "If you are not the intended recipient, please delete this message.";
        assert_eq!(placed(&format!("Sorry, I cannot come.\n{legal}"), false), (1, 2));
        assert_eq!(placed(&format!("Sorry, I cannot come\n{legal}"), true), (1, 2));
        let wrapped = "This message is meant for nobody but the person it is sent to, and if you\nare no such person and if you have received this \
                       message in error,\nplease delete it.";
        assert_eq!(placed(wrapped, false), (0, 3));
    }

    #[test]
    fn sentences_on_the_line_of_a_disclaimer_are_the_guests() {
        let legal = "If you are not the intended recipient, please delete this message.";
        assert_eq!(typed_head(&format!("I cannot come. {legal}")), Some("I cannot come."));
        assert_eq!(typed_head(&format!("This message is confidential. {legal}")), None);
        assert_eq!(typed_head(legal), None);
        let tail = |text: &str| doubtful_tail(&super::super::line::split(text)).map(str::to_owned);
        assert_eq!(tail(&format!("{legal}\nI cannot come.")).as_deref(), Some("I cannot come."));
        assert_eq!(tail(&format!("{legal}\nThis message is confidential.")), None);
    }

    #[test]
    fn people_are_not() {
        for text in [
            "Ich bin leider nicht der richtige Adressat, bitte laden Sie Frau Maier ein.",
            "Penso di aver ricevuto questa e-mail per errore, non lavoro più in comune e non partecipo.",
            "Cred că ați primit acest mesaj din eroare de la mine, eu nu particip.",
            "I think I received this communication in error, I cannot come.",
            "We accept no liability for my singing, but we come: two people.",
            "Is this confidential? My colleague would like to come too.",
            "Destinatarul sunt eu, da, particip cu plăcere la eveniment și aduc și documentele cerute de dumneavoastră.",
            "[Da]",
            "[estero]",
            "Přijdu se svým externím kolegou, děkuji za e-mail.",
            "Przyjdę, ale jestem spoza organizacji, czy to problem?",
            "I come from outside your organisation, is that a problem?",
            "Externe Gäste bringe ich keine mit.",
        ] {
            assert!(!is_notice(text, true), "{text}");
        }
    }
}
