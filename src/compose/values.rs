//! What a letter's variables hold for one guest, and which of them are missing.

use super::{Problem, mark, set::Source, tree, when};
use crate::model::{Campaign, Guest, Lang, Sender, visible};
use std::{borrow::Cow, collections::BTreeMap};

/// A value longer than this is a mistake in the list.
const MAX_VALUE: usize = 10_000;

/// Every variable by its name (`guest.name`), one line each; empty means that there is none.
pub(super) struct Values(pub(super) BTreeMap<String, String>);

impl Values {
    /// Gathers the values, and a problem for each one that this guest's letter prints and that is empty or too long.
    pub(super) fn gather(
        source: &Source,
        campaign: &Campaign,
        sender: &Sender,
        guest: &Guest,
        lang: &Lang,
        when: &when::When,
    ) -> (Self, Vec<Problem>) {
        let mut values = BTreeMap::new();
        let mut put = |name: &str, value: &str| values.insert(name.to_owned(), mark::fold(value));
        for (column, value) in &guest.fields {
            put(&format!("guest.{column}"), value);
        }
        put("guest.name", &guest.name);
        put("guest.email", guest.email.as_str());
        put("guest.lang", guest.lang.as_ref().unwrap_or(lang).as_str());
        put("guest.organisation", guest.organisation.as_deref().unwrap_or_default());
        put("guest.zone", guest.zone.as_deref().unwrap_or_default());
        let event = &campaign.event;
        put("event.title", event.title.get(lang, &campaign.language));
        put("event.start", &when.datetime(when::Moment::Start).unwrap_or_default());
        put("event.end", &when.datetime(when::Moment::End).unwrap_or_default());
        put("event.place", event.place.as_ref().map_or("", |place| place.get(lang, &campaign.language)));
        put("event.link", event.link.as_deref().unwrap_or_default());
        put("deadline", &when.date(when::Moment::Deadline).unwrap_or_default());
        put("sender.name", &sender.name);
        put("sender.email", sender.reply_to.as_str());

        let mut problems = Vec::new();
        let mut asked = Vec::new();
        for nodes in [&source.subject.nodes, &source.body.nodes] {
            tree::printed(nodes, &|name| look_in(&values, name), &mut asked);
            for (name, _) in tree::names(nodes) {
                values.entry(name.to_owned()).or_default();
            }
        }
        for (name, line) in asked {
            let value = values.get(name).map(String::as_str).unwrap_or_default();
            if visible::is_blank(value) {
                problems.push(Problem::new(line, name, missing(name, guest)));
            } else if value.chars().count() > MAX_VALUE {
                let row = if is_shared(name) { String::new() } else { format!(" (row {} of the list)", guest.row) };
                let why = format!("{name} is longer than {MAX_VALUE} characters{row}: shorten it");
                problems.push(Problem::new(line, name, why));
            }
        }
        (Self(values), problems)
    }

    pub(super) fn look(&self, name: &str) -> Cow<'_, str> {
        look_in(&self.0, name)
    }

    /// The values as the tree that handlebars takes.
    pub(super) fn json(&self) -> serde_json::Value {
        let mut root = serde_json::Map::new();
        for (name, value) in &self.0 {
            let value = serde_json::Value::String(value.clone());
            match name.split_once('.') {
                None => {
                    root.insert(name.clone(), value);
                }
                Some((owner, field)) => {
                    let owner = root.entry(owner).or_insert_with(|| serde_json::Value::Object(serde_json::Map::new()));
                    if let Some(owner) = owner.as_object_mut() {
                        owner.insert(field.to_owned(), value);
                    }
                }
            }
        }
        serde_json::Value::Object(root)
    }
}

fn look_in<'v>(values: &'v BTreeMap<String, String>, name: &str) -> Cow<'v, str> {
    Cow::Borrowed(values.get(name).map_or("", String::as_str))
}

/// Whether a value is of the campaign or its sender, and no guest can mend it.
pub(super) fn is_shared(name: &str) -> bool {
    name == "deadline" || name.starts_with("event.") || name.starts_with("sender.")
}

/// The value of one `guest.…`, as [`Values::gather`] would have it; `lang` is the letter's language. None for another name.
pub(super) fn of_guest<'v>(guest: &'v Guest, lang: &'v Lang, name: &str) -> Option<Cow<'v, str>> {
    let written = match name.strip_prefix("guest.")? {
        "name" => guest.name.as_str(),
        "email" => guest.email.as_str(),
        "lang" => guest.lang.as_ref().unwrap_or(lang).as_str(),
        "organisation" => guest.organisation.as_deref().unwrap_or_default(),
        "zone" => guest.zone.as_deref().unwrap_or_default(),
        column => guest.fields.get(column).map_or("", String::as_str),
    };
    Some(if mark::is_folded(written) { Cow::Borrowed(written) } else { Cow::Owned(mark::fold(written)) })
}

fn missing(name: &str, guest: &Guest) -> String {
    let guard = format!("or write {{{{#if {name}}}}}…{{{{/if}}}} around it");
    let Some(column) = name.strip_prefix("guest.") else {
        return match name {
            "deadline" => format!("the campaign has no deadline: add it to the campaign file, {guard}"),
            "sender.name" => format!("the sender has no name: write from = \"Name <address>\" in convoke.toml, {guard}"),
            _ => format!("the campaign has no {name}: add it to the campaign file, {guard}"),
        };
    };
    let near = match guest.fields.contains_key(column) {
        true => None,
        false => tree::nearest(column, guest.fields.keys().map(String::as_str)),
    };
    let near = near.map_or_else(String::new, |near| format!(" (did you mean guest.{near}?)"));
    format!("{name} is empty for this guest{near}: fill in the column \"{column}\" in row {} of the list, {guard}", guest.row)
}
