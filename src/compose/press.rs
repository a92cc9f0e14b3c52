//! Letters at the speed of the wire: the same bytes as [`super::letter`], with what their shape has in common made once.

use super::{
    Flaw, Setting, Templates, ics, mark, mime,
    skeleton::{Maker, Own, Skeleton, Unfit},
    slots::Class,
    tree, values,
};
use crate::model::{Campaign, Guest, Kind, Lang, Letter, Sender, Stamp, visible};
use jiff::Timestamp;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    sync::Arc,
};

/// Shapes kept, about 50 KB each; the letters of further ones are written the long way.
const MAX_SHAPES: usize = 200;
/// Octets of a value; a letter with a longer one is written the long way.
const MAX_VALUE: usize = 1_000;

/// Writes the letters of one campaign, one after the other.
///
/// Give each thread its own. Letters have one shape when kind, number, language, zone and the conditions that hold are the same: the first
/// letter of a shape takes some milliseconds, a further one some microseconds. A guest whose values need more care (odd spaces, very long
/// ones, none where one is printed) gets the letter, or the flaws, of [`super::letter`].
pub struct Press {
    templates: Arc<Templates>,
    campaign: Campaign,
    sender: Sender,
    editions: HashMap<String, Edition>,
    shapes: usize,
    /// Made anew for each letter.
    key: String,
    date: Date,
}

/// The letters of one kind, language and zone.
struct Edition {
    subject: Vec<tree::Node>,
    body: Vec<tree::Node>,
    lang: Lang,
    /// The variables that are the same for all guests.
    shared: BTreeMap<String, String>,
    /// Guest variables whose very value decides something, and that are printed as well.
    weighed: Vec<String>,
    /// Guest variables that are used as links.
    links: BTreeSet<String>,
    /// By the branches taken; None where letters of this shape cannot have a skeleton.
    plans: HashMap<String, Option<Plan>>,
}

struct Plan {
    /// The variables that are slots, in their order.
    names: Vec<String>,
    skeleton: Skeleton,
}

/// The last date that was written.
#[derive(Default)]
struct Date {
    second: Option<i64>,
    field: String,
    utc: String,
}

impl Date {
    fn set(&mut self, at: Timestamp) {
        if self.second != Some(at.as_second()) {
            *self = Self { second: Some(at.as_second()), field: mime::date_field(at), utc: ics::utc(at) };
        }
    }
}

impl Press {
    pub fn new(templates: Arc<Templates>, campaign: Campaign, sender: Sender) -> Self {
        let (editions, key) = (HashMap::new(), String::new());
        Self { templates, campaign, sender, editions, shapes: 0, key, date: Date::default() }
    }

    /// Writes one letter to one guest; the bytes and the flaws are those of [`super::letter`].
    pub fn letter(&mut self, guest: &Guest, stamp: &Stamp) -> Result<Letter, Vec<Flaw>> {
        match self.quick(guest, stamp) {
            Some(letter) => Ok(letter),
            None => super::letter(&self.templates, &self.campaign, &self.sender, guest, stamp),
        }
    }

    /// None where the letter has to be written the long way.
    fn quick(&mut self, guest: &Guest, stamp: &Stamp) -> Option<Letter> {
        if stamp.date.as_second() < 0 {
            return None;
        }
        self.date.set(stamp.date);
        self.key.clear();
        let lang = guest.lang.as_ref().map_or("", Lang::as_str);
        write!(self.key, "{} {lang} {}", stamp.kind.as_str(), guest.zone.as_deref().unwrap_or_default()).ok()?;
        if !self.editions.contains_key(&self.key) {
            if self.editions.len() >= MAX_SHAPES {
                return None;
            }
            let edition = Edition::new(&self.templates, &self.campaign, &self.sender, guest, stamp.kind)?;
            self.editions.insert(self.key.clone(), edition);
        }
        let edition = self.editions.get_mut(&self.key)?;
        edition.key(guest, stamp, &mut self.key);
        if !edition.plans.contains_key(&self.key) {
            if self.shapes >= MAX_SHAPES {
                return None;
            }
            self.shapes += 1;
            let date = (self.date.field.as_str(), self.date.utc.as_str());
            let plan = edition.plan(&self.templates, &self.campaign, &self.sender, guest, stamp, date);
            // A variable may turn out to be a link only now, and links are a part of the key.
            edition.key(guest, stamp, &mut self.key);
            edition.plans.insert(self.key.clone(), plan);
        }
        let plan = edition.plans.get(&self.key)?.as_ref()?;
        plan.letter(&edition.lang, &self.sender, guest, stamp, (&self.date.field, &self.date.utc))
    }
}

impl Edition {
    fn new(templates: &Templates, campaign: &Campaign, sender: &Sender, guest: &Guest, kind: Kind) -> Option<Self> {
        let setting = Setting::of(templates, campaign, guest, kind).ok()?;
        let (subject, body) = (setting.source.subject.nodes.clone(), setting.source.body.nodes.clone());
        let (values, _) = setting.values(campaign, sender, guest);
        let mut weighed = Vec::new();
        tree::compared(&subject, &mut weighed);
        tree::compared(&body, &mut weighed);
        weighed.retain(|name| name.starts_with("guest."));
        let weighed: BTreeSet<String> = weighed.into_iter().map(str::to_owned).collect();
        Some(Self {
            weighed: weighed.into_iter().collect(),
            shared: values.0.into_iter().filter(|(name, _)| !name.starts_with("guest.")).collect(),
            lang: setting.lang,
            subject,
            body,
            links: BTreeSet::new(),
            plans: HashMap::new(),
        })
    }

    fn look<'v>(&'v self, guest: &'v Guest, name: &str) -> Cow<'v, str> {
        values::of_guest(guest, &self.lang, name).unwrap_or_else(|| Cow::Borrowed(self.shared.get(name).map_or("", String::as_str)))
    }

    /// What tells the shapes of this edition apart.
    fn key(&self, guest: &Guest, stamp: &Stamp, key: &mut String) {
        key.clear();
        // Writing to a String cannot fail.
        let _ = write!(key, "{} ", stamp.number);
        let look = |name: &str| self.look(guest, name);
        tree::branches(&self.subject, &look, key);
        key.push(' ');
        tree::branches(&self.body, &look, key);
        for name in &self.weighed {
            key.push('\n');
            key.push_str(&look(name));
        }
        key.push('\n');
        key.extend(self.links.iter().map(|name| Class::of(&look(name)).letter()));
    }

    /// Makes the plan of this guest's shape, and tries it on this guest.
    fn plan(
        &mut self,
        templates: &Templates,
        campaign: &Campaign,
        sender: &Sender,
        guest: &Guest,
        stamp: &Stamp,
        date: (&str, &str),
    ) -> Option<Plan> {
        let setting = Setting::of(templates, campaign, guest, stamp.kind).ok()?;
        let nodes = (self.subject.clone(), self.body.clone());
        let mut printed = Vec::new();
        for nodes in [&nodes.0, &nodes.1] {
            tree::printed(nodes, &|name| self.look(guest, name), &mut printed);
        }
        let names: BTreeSet<&str> = printed.into_iter().map(|(name, _)| name).filter(|name| name.starts_with("guest.")).collect();
        let names: Vec<&str> = names.into_iter().filter(|name| !self.weighed.iter().any(|weighed| weighed == name)).collect();
        let skeleton = loop {
            let class = |name: &&str| if self.links.contains(*name) { Class::of(&self.look(guest, name)) } else { Class::Word };
            let classes = names.iter().map(class).collect();
            let maker = Maker { setting: &setting, templates, campaign, sender, guest, stamp, names: names.clone(), classes };
            match maker.make() {
                Ok(skeleton) => break skeleton,
                Err(Unfit::Link(name)) => {
                    if !self.links.insert(name) {
                        return None;
                    }
                }
                Err(Unfit::Other) => return None,
            }
        };
        let plan = Plan { names: names.into_iter().map(str::to_owned).collect(), skeleton };
        let quick = plan.letter(&self.lang, sender, guest, stamp, date)?;
        let slow = super::letter(templates, campaign, sender, guest, stamp).ok()?;
        (quick == slow).then_some(plan)
    }
}

impl Plan {
    /// None where a value needs the long way.
    fn letter<'a>(
        &'a self,
        lang: &'a Lang,
        sender: &'a Sender,
        guest: &'a Guest,
        stamp: &'a Stamp,
        date: (&'a str, &'a str),
    ) -> Option<Letter> {
        let mut values = Vec::with_capacity(self.names.len());
        for name in &self.names {
            let value = values::of_guest(guest, lang, name)?;
            let whole = matches!(value, Cow::Borrowed(_)) || mark::is_folded(&value);
            if visible::is_blank(&value) || value.len() > MAX_VALUE || !whole {
                return None;
            }
            values.push(value);
        }
        self.skeleton.letter(&Own { guest, stamp, sender, values, date })
    }
}

#[cfg(test)]
mod tests;
