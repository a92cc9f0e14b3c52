//! A campaign file: what people are invited to, and with which list and templates.

use super::{
    Refused,
    document::{Document, Table, Value, kind, one_line},
    language, moment, schema,
};
use crate::model::{CalendarPolicy, Campaign, Event, Hours, Lang, Localised};
use jiff::{Zoned, civil::Date};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use toml::de::DeValue;

/// One campaign as meant. Paths are ready to be opened; whether they exist is not looked at here.
#[derive(Clone, PartialEq, Debug)]
pub struct CampaignFile {
    /// The file itself, as the organiser named it.
    pub path: PathBuf,
    pub campaign: Campaign,
    /// The contact list.
    pub contacts: PathBuf,
    /// The folder of templates.
    pub templates: PathBuf,
}

/// Reads a campaign file. Whether its times lie ahead is not judged here: that needs a clock.
pub fn load_campaign(path: &Path) -> Result<CampaignFile, Refused> {
    let document = Document::open(path, "check the path, or let convoke init write a first campaign file")?;
    let root = document.table(&schema::CAMPAIGN, (schema::INSTALLATION_FILE, &schema::INSTALLATION))?;
    let name = name(&root.need("name")?)?;
    let contacts = root.need("contacts")?.path()?;
    let templates = root.need("templates")?.path()?;
    let language_value = root.need("language")?;
    let language = language::parse(language_value.text()?).map_err(|why| language_value.refused(why))?;
    let calendar = root.get("calendar").map_or(Ok(CalendarPolicy::WithInvitation), |value| calendar(&value))?;
    let event = event(&root.need("event")?.table()?, &language)?;
    let deadline = root.get("deadline").map(|value| deadline(&value, &event)).transpose()?;
    let hours = root.get("hours").map(|value| Hours::parse(value.text()?).map_err(|why| value.refused(why))).transpose()?;
    let campaign = Campaign { name, language, deadline, calendar, event, hours };
    Ok(CampaignFile { path: path.to_owned(), campaign, contacts, templates })
}

fn name(value: &Value<'_, '_>) -> Result<String, Refused> {
    let text = value.text()?;
    let fits = text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if !fits {
        return Err(value.refused(format!(
            "must be 1 to 64 letters (a to z), digits, - or _, not \"{text}\"; write name = \"workshop\", the `title` may have any letters"
        )));
    }
    Ok(text.to_owned())
}

fn calendar(value: &Value<'_, '_>) -> Result<CalendarPolicy, Refused> {
    if matches!(value.value, DeValue::String(text) if text == "on-accept") {
        let cure = "write \"with-invitation\" or \"never\"";
        return Err(
            value.refused(format!("cannot be \"on-accept\" yet: it needs confirmations, which convoke does not send so far; {cure}"))
        );
    }
    value.choice(&[("with-invitation", CalendarPolicy::WithInvitation), ("never", CalendarPolicy::Never)])
}

fn event(table: &Table<'_>, language: &Lang) -> Result<Event, Refused> {
    let title = localised(&table.need("title")?, language)?;
    let start = time(&table.need("start")?)?;
    let end_value = table.need("end")?;
    let end = time(&end_value)?;
    if end <= start {
        return Err(end_value.refused(format!("must be after `start` ({}); check both", moment::typed(&start))));
    }
    let place = table.get("place").map(|value| localised(&value, language)).transpose()?;
    let link = table.get("link").map(|value| link(&value)).transpose()?;
    Ok(Event { title, start, end, place, link })
}

fn time(value: &Value<'_, '_>) -> Result<Zoned, Refused> {
    if matches!(value.value, DeValue::Datetime(_)) {
        return Err(value.refused(format!("needs quotes and a zone; write {} = {}", value.key.name, value.key.example)));
    }
    moment::parse(value.text()?).map_err(|why| value.refused(why))
}

fn deadline(value: &Value<'_, '_>, event: &Event) -> Result<Date, Refused> {
    let typed = match value.value {
        DeValue::String(text) => text.trim().to_owned(),
        DeValue::Datetime(typed) => typed.to_string(),
        _ => return Err(value.wrong("a date")),
    };
    // The parser alone would also take a date with a time, and drop the time.
    let date = typed.parse::<Date>().ok().filter(|_| typed.len() == 10);
    let date = date.ok_or_else(|| {
        value.refused(format!("is not a date: \"{typed}\"; write it like deadline = \"2026-12-04\", the last day for an answer"))
    })?;
    if date > event.start.date() {
        return Err(value.refused(format!("is after the start of the event ({}); choose an earlier day", event.start.date())));
    }
    Ok(date)
}

/// A text, or a table of texts by language that has the campaign's own.
fn localised(value: &Value<'_, '_>, language: &Lang) -> Result<Localised, Refused> {
    let key = value.key.name;
    let DeValue::Table(typed) = value.value else {
        return match value.value {
            DeValue::String(_) => Ok(Localised::One(value.text()?.to_owned())),
            _ => Err(value.wrong(&format!("a text, or texts by language such as {{ {language} = \"…\" }}"))),
        };
    };
    let mut texts = BTreeMap::new();
    for (code, text) in typed {
        let lang = language::parse(code.get_ref()).map_err(|why| value.refused(format!("has a key that {why}")))?;
        let DeValue::String(text) = text.get_ref() else {
            return Err(value.refused(format!(
                "must have a text in quotes for {code}, not {}",
                kind(text.get_ref()),
                code = code.get_ref()
            )));
        };
        let text = one_line(text).map_err(|why| value.refused(format!("for {lang} {why}")))?;
        if texts.insert(lang.clone(), text.to_owned()).is_some() {
            return Err(value.refused(format!("has {lang} twice; keep one")));
        }
    }
    if !texts.contains_key(language) {
        return Err(value.refused(format!(
            "has no text in the language of the campaign ({language}); add {key} = {{ {language} = \"…\", … }} or change `language`"
        )));
    }
    Ok(Localised::ByLang(texts))
}

fn link(value: &Value<'_, '_>) -> Result<String, Refused> {
    let text = value.text()?;
    let web = ["https://", "http://"].iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    if !web || text.contains(char::is_whitespace) {
        return Err(value.refused(format!("is not a link: \"{text}\"; write it whole, beginning with https://")));
    }
    Ok(text.to_owned())
}
