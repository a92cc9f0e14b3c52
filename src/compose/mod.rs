//! Letters: templates, dates in the guest's language, MIME, the calendar part.
//!
//! Pure: a set of templates is given as texts, and what clock and chance decide comes in the [`Stamp`].
//! The way of a letter: handlebars puts the values into the Markdown as opaque marks, CommonMark is read,
//! and only then do the marks become values again. So nothing that a guest list says is ever read as markup.

mod buttons;
mod html;
mod ics;
mod mark;
mod mime;
mod plain;
mod render;
mod set;
mod tree;
mod values;
mod when;

pub use ics::SEQUENCE;
pub use set::Templates;

use crate::model::{Address, CalendarPolicy, Campaign, Guest, Kind, Letter, Sender, Stamp};
use std::fmt;

/// What is wrong with a template, or with a letter made of it, and how to mend it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Flaw {
    /// The address of the guest whose letter it stops; None where the template itself is wrong.
    pub guest: Option<String>,
    /// The file, under the folder as the organiser named it.
    pub file: String,
    /// 1 for the first line; 0 where no line is to blame.
    pub line: u32,
    /// The variable or key it is about; may be empty.
    pub field: String,
    /// What is wrong and what to do, one sentence.
    pub why: String,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        if let Some(guest) = &self.guest {
            write!(f, ", guest {guest}")?;
        }
        write!(f, ": {}", self.why)
    }
}

/// Writes one letter to one guest. The same input gives the same bytes.
///
/// Never panics. Everything that is missing is told at once; with one flaw there is no letter.
pub fn letter(templates: &Templates, campaign: &Campaign, sender: &Sender, guest: &Guest, stamp: &Stamp) -> Result<Letter, Vec<Flaw>> {
    let flaw = |file: &str, line: u32, field: &str, why: String| Flaw {
        guest: Some(guest.email.to_string()),
        file: templates.path(file),
        line,
        field: field.to_owned(),
        why,
    };
    let Some((lang, template)) = templates.template_for(stamp.kind, guest.lang.as_ref(), &campaign.language) else {
        let file = format!("{}.{}.md", stamp.kind, campaign.language);
        let why = "there is no such file: write it, it is for every guest whose own language has no template".to_owned();
        return Err(vec![flaw(&file, 0, "", why)]);
    };
    let zone = match &guest.zone {
        None => None,
        Some(name) => match jiff::tz::TimeZone::get(name) {
            Ok(zone) => Some(zone),
            Err(_) => {
                let why = format!("the zone \"{name}\" in row {} of the list is not known: write it as Europe/Vilnius", guest.row);
                return Err(vec![flaw(&template.file, 0, "guest.zone", why)]);
            }
        },
    };
    let when = std::sync::Arc::new(when::When::new(campaign, &lang, zone));
    let (values, mut flaws) = values::Values::gather(template, campaign, sender, guest, &lang, &when);
    let mut flaws: Vec<Flaw> = flaws.drain(..).map(|p| flaw(&template.file, p.line, &p.field, p.why)).collect();
    let buttons = match templates.words(&lang).filter(|_| template.uses_buttons()) {
        None => None,
        Some(words) => match buttons::Buttons::new(&words, campaign, sender, stamp, &lang) {
            Ok(buttons) => Some(buttons),
            Err(why) => {
                flaws.push(flaw(&template.file, 0, "reply_buttons", why));
                None
            }
        },
    };
    if !flaws.is_empty() {
        return Err(flaws);
    }
    let page = render::page(templates, template, &values, &when, buttons.as_ref(), &lang)
        .map_err(|p| vec![flaw(p.file.as_deref().unwrap_or(&template.file), p.line, &p.field, p.why)])?;
    let ics = (campaign.calendar == CalendarPolicy::WithInvitation && stamp.kind == Kind::Invitation).then(|| {
        let words = templates.words(&lang);
        ics::request(campaign, sender, guest, stamp, &lang, words.as_ref())
    });
    mime::letter(page, ics, sender, guest, stamp, lang).map_err(|why| vec![flaw(&template.file, 0, "", why)])
}

/// The envelope sender of a letter (MAIL FROM): `bounce_to`, with plus addressing tagged with the guest's token.
pub fn mail_from(sender: &Sender, stamp: &Stamp) -> Address {
    if sender.plus_addressing { sender.bounce_to.tagged(stamp.token.as_str()) } else { sender.bounce_to.clone() }
}

/// What a step below found wrong, before the file and the guest are known to it.
#[derive(Debug, Default)]
struct Problem {
    /// Another file than the template at hand.
    file: Option<String>,
    line: u32,
    field: String,
    why: String,
}

impl Problem {
    fn new(line: u32, field: &str, why: impl Into<String>) -> Self {
        Self { file: None, line, field: field.to_owned(), why: why.into() }
    }
}
