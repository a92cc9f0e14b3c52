//! Letters: templates, dates in the guest's language, MIME, the calendar part.
//!
//! Pure: a set of templates is given as texts, and what clock and chance decide comes in the [`Stamp`].
//! The way of a letter: handlebars puts the values into the Markdown as opaque marks, CommonMark is read,
//! and only then do the marks become values again. So nothing that a guest list says is ever read as markup.

mod braces;
mod buttons;
mod doubts;
mod front;
mod html;
mod ics;
mod mark;
mod mime;
mod plain;
mod press;
mod quoted;
mod render;
mod set;
mod skeleton;
mod slots;
mod stencil;
mod tags;
mod tree;
mod values;
mod when;

pub use ics::SEQUENCE;
pub use mime::mail_from;
pub use press::Press;
pub use set::Templates;

use crate::model::{CalendarPolicy, Campaign, Guest, Kind, Lang, Letter, Sender, Stamp};
use std::{fmt, sync::Arc};

/// What is wrong with a template, or with a letter made of it, and how to mend it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Flaw {
    /// The address of the guest whose letter it stops; None where the template itself is wrong, or the campaign or its sender.
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
    let setting = Setting::of(templates, campaign, guest, stamp.kind)?;
    let (values, missing) = setting.values(campaign, sender, guest);
    let sheet = setting.sheet(templates, campaign, sender, stamp, &values, missing).map_err(|flaws| of_guest(flaws, guest))?;
    setting.letter(templates, campaign, sender, guest, stamp, sheet.page()).map_err(|flaws| of_guest(flaws, guest))
}

/// The flaws, told as those of this guest's letter; what the campaign lacks is lacking in all letters, and remains nobody's.
fn of_guest(mut flaws: Vec<Flaw>, guest: &Guest) -> Vec<Flaw> {
    for flaw in flaws.iter_mut().filter(|flaw| !values::is_shared(&flaw.field)) {
        flaw.guest = Some(guest.email.to_string());
    }
    flaws
}

/// What a letter has before any value of the guest's is in it: template, language and times.
struct Setting<'t> {
    source: &'t set::Source,
    /// The file, for flaws.
    path: String,
    lang: Lang,
    when: Arc<when::When>,
}

impl<'t> Setting<'t> {
    fn of(templates: &'t Templates, campaign: &Campaign, guest: &Guest, kind: Kind) -> Result<Self, Vec<Flaw>> {
        let flaw = |file: &str, field: &str, why: String| {
            let flaw = Flaw { guest: Some(guest.email.to_string()), file: templates.path(file), line: 0, field: field.to_owned(), why };
            Err(vec![flaw])
        };
        let Some((lang, source)) = templates.template_for(kind, guest.lang.as_ref(), &campaign.language) else {
            let why = "there is no such file: write it, it is for every guest whose own language has no template".to_owned();
            return flaw(&format!("{kind}.{}.md", campaign.language), "", why);
        };
        let zone = match &guest.zone {
            None => None,
            Some(name) => match jiff::tz::TimeZone::get(name) {
                Ok(zone) => Some(zone),
                Err(_) => {
                    let why = format!("the zone \"{name}\" in row {} of the list is not known: write it as Europe/Vilnius", guest.row);
                    return flaw(&source.file, "guest.zone", why);
                }
            },
        };
        let when = Arc::new(when::When::new(campaign, &lang, templates.text(source), zone));
        Ok(Self { source, path: templates.path(&source.file), lang, when })
    }

    fn values(&self, campaign: &Campaign, sender: &Sender, guest: &Guest) -> (values::Values, Vec<Problem>) {
        values::Values::gather(self.source, campaign, sender, guest, &self.lang, &self.when)
    }

    fn flaw(&self, templates: &Templates, problem: Problem) -> Flaw {
        let file = problem.file.map_or_else(|| self.path.clone(), |file| templates.path(&file));
        Flaw { guest: None, file, line: problem.line, field: problem.field, why: problem.why }
    }

    /// Writes the page; with anything `missing` there is none.
    fn sheet(
        &self,
        templates: &Templates,
        campaign: &Campaign,
        sender: &Sender,
        stamp: &Stamp,
        values: &values::Values,
        missing: Vec<Problem>,
    ) -> Result<render::Sheet, Vec<Flaw>> {
        let mut problems = missing;
        let buttons = match templates.words(&self.lang).filter(|_| self.source.uses_buttons()) {
            None => None,
            Some(words) => buttons::Buttons::new(&words, campaign, sender, stamp, &self.lang)
                .map_err(|why| problems.push(Problem::new(0, "reply_buttons", why)))
                .ok(),
        };
        if !problems.is_empty() {
            return Err(problems.into_iter().map(|problem| self.flaw(templates, problem)).collect());
        }
        render::sheet(templates, self.source, values, &self.when, buttons.as_ref(), &self.lang)
            .map_err(|problem| vec![self.flaw(templates, problem)])
    }

    /// The calendar part, where the letter has one.
    fn ics(&self, templates: &Templates, campaign: &Campaign, sender: &Sender, guest: &Guest, stamp: &Stamp) -> Option<String> {
        (campaign.calendar == CalendarPolicy::WithInvitation && stamp.kind == Kind::Invitation)
            .then(|| ics::request(campaign, sender, guest, stamp, &self.lang, templates.words(&self.lang).as_ref()))
    }

    /// Puts the page on paper.
    fn letter(
        &self,
        templates: &Templates,
        campaign: &Campaign,
        sender: &Sender,
        guest: &Guest,
        stamp: &Stamp,
        page: render::Page,
    ) -> Result<Letter, Vec<Flaw>> {
        let ics = self.ics(templates, campaign, sender, guest, stamp);
        mime::letter(page, ics, sender, guest, stamp, self.lang.clone()).map_err(|why| vec![self.flaw(templates, Problem::new(0, "", why))])
    }
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
