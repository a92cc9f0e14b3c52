//! A set of templates: one folder, read and checked as a whole.

use super::{Flaw, Problem, braces::compile, doubts, front::front_matter, html, mark, tree};
use crate::model::{Kind, Lang, words::ButtonWords};
use handlebars::Template;
use std::collections::{BTreeMap, BTreeSet};

const MAX_FILE: usize = 256 * 1024;
pub(super) const MAX_DEPTH: usize = 100;
const DEFAULT_LAYOUT: &str = include_str!("layout.html");

/// One set: parsed and checked.
#[derive(Clone, Debug)]
pub struct Templates {
    set: String,
    files: BTreeMap<String, String>,
    letters: BTreeMap<(Kind, Lang), Source>,
    words: BTreeMap<Lang, ButtonWords>,
    pub(super) layout: Template,
}

/// One template file.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// Its name inside the folder.
    pub(super) file: String,
    pub(super) subject: Piece,
    pub(super) body: Piece,
}

/// A part of a template file.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) template: Template,
    pub(super) nodes: Vec<tree::Node>,
}

impl Source {
    pub(super) fn uses_buttons(&self) -> bool {
        tree::has_buttons(&self.body.nodes)
    }
}

impl Templates {
    /// Reads a set. `set` is the folder as the organiser named it, for messages; `files` are the texts by their name
    /// inside it: `KIND.LANG.md`, `words.LANG.toml`, `layout.html`. Files of other endings are passed over.
    ///
    /// All problems come at once. Bounds: 256 KiB a file, 100 levels of nesting.
    pub fn parse(set: &str, files: &BTreeMap<String, String>) -> Result<Self, Vec<Flaw>> {
        let mut reading = Reading { set, flaws: Vec::new() };
        let mut letters = BTreeMap::new();
        let mut words = BTreeMap::new();
        let mut layout = None;
        for (file, text) in files {
            let Some(name) = reading.name(file, text) else { continue };
            let text = clean(text);
            match name {
                Name::Layout => layout = reading.layout(file, &text),
                Name::Words(lang) => {
                    if let Some(read) = reading.words(file, &text) {
                        words.insert(lang, read);
                    }
                }
                Name::Letter(kind, lang) => {
                    if let Some(read) = reading.letter(file, &text) {
                        letters.insert((kind, lang), read);
                    }
                }
            }
        }
        if letters.is_empty() && reading.flaws.is_empty() {
            reading.flaw("invitation.en.md", 0, "", "there is no template in this folder: write one for each language, named so");
        }
        for ((_, lang), source) in &letters {
            let known = words.contains_key(lang) || ButtonWords::built_in(lang).is_some();
            if source.uses_buttons() && !known && !files.contains_key(&format!("words.{lang}.toml")) {
                let why = format!(
                    "the words of the buttons are not built in for \"{lang}\": write words.{lang}.toml with the keys {}, or take {{{{reply_buttons}}}} out",
                    WORDS.join(", ")
                );
                reading.flaw(&source.file, 0, "reply_buttons", why);
            }
        }
        let layout = layout.or_else(|| reading.layout("layout.html", DEFAULT_LAYOUT));
        match layout {
            Some(layout) if reading.flaws.is_empty() => Ok(Self { set: set.to_owned(), files: files.clone(), letters, words, layout }),
            _ => Err(reading.flaws),
        }
    }

    /// The languages that have a template of this kind, in the order of their codes.
    pub fn languages(&self, kind: Kind) -> Vec<Lang> {
        self.letters.keys().filter(|(k, _)| *k == kind).map(|(_, lang)| lang.clone()).collect()
    }

    /// The language that a guest's letter is written in: the one wanted or its kin, else the fallback.
    /// None where the set has this kind in neither.
    pub fn language_for(&self, kind: Kind, wanted: Option<&Lang>, fallback: &Lang) -> Option<Lang> {
        self.template_for(kind, wanted, fallback).map(|(lang, _)| lang)
    }

    /// The texts as they were given, to freeze a copy with the campaign.
    pub fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// Whether any template of the set, of whatever kind, names this variable (`deadline`, `event.place`).
    pub fn uses(&self, name: &str) -> bool {
        let names = |piece: &Piece| tree::names(&piece.nodes).iter().any(|(used, _)| *used == name);
        self.letters.values().any(|source| names(&source.subject) || names(&source.body))
    }

    /// A flaw for each guest column that the templates of this kind use and no list has: a misspelt name in
    /// `{{#if guest.…}}` shows itself only here, because one guest cannot tell an empty column from none.
    ///
    /// `columns` are the names of all columns beside name, email, lang, organisation and zone.
    pub fn unknown_columns(&self, kind: Kind, columns: &BTreeSet<String>) -> Vec<Flaw> {
        const OWN: [&str; 5] = ["name", "email", "lang", "organisation", "zone"];
        let mut flaws = Vec::new();
        for source in self.letters.iter().filter(|((k, _), _)| *k == kind).map(|(_, source)| source) {
            let mut told = BTreeSet::new();
            for (name, line) in tree::names(&source.subject.nodes).into_iter().chain(tree::names(&source.body.nodes)) {
                let Some(column) = name.strip_prefix("guest.") else { continue };
                if OWN.contains(&column) || columns.contains(column) || !told.insert(column) {
                    continue;
                }
                let known = OWN.into_iter().chain(columns.iter().map(String::as_str));
                let cure = tree::nearest(column, known).map_or_else(
                    || format!("add the column, or take guest.{column} out of the template"),
                    |near| format!("did you mean guest.{near}?"),
                );
                let why = format!("the list has no column \"{column}\"; {cure}");
                flaws.push(Flaw { guest: None, file: self.path(&source.file), line, field: name.to_owned(), why });
            }
        }
        flaws
    }

    /// The columns that any template asks for in an `{{#if …}}`: whether a cell is filled (None), or whether it is this text.
    pub fn asked_columns(&self) -> BTreeSet<(&str, Option<&str>)> {
        let mut found = Vec::new();
        for source in self.letters.values() {
            tree::asked(&source.subject.nodes, &mut found);
            tree::asked(&source.body.nodes, &mut found);
        }
        found.into_iter().filter_map(|(name, text)| Some((name.strip_prefix("guest.")?, text))).collect()
    }

    /// What in the templates of this kind means nothing in letters: they can be written, but should be looked at.
    pub fn doubts(&self, kind: Kind) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        for source in self.letters.iter().filter(|((k, _), _)| *k == kind).map(|(_, source)| source) {
            let text = clean(self.text(source));
            let Ok(front) = front_matter(&text) else { continue };
            let subject = doubts::of_subject(&front.subject).map(|why| (front.subject_line, why));
            let body = doubts::doubts(front.body).into_iter().map(|(line, why)| (line.saturating_add(front.above), why));
            let file = self.path(&source.file);
            flaws.extend(subject.into_iter().chain(body).map(|(line, why)| Flaw {
                guest: None,
                file: file.clone(),
                line,
                field: String::new(),
                why,
            }));
        }
        flaws
    }

    pub(super) fn template_for(&self, kind: Kind, wanted: Option<&Lang>, fallback: &Lang) -> Option<(Lang, &Source)> {
        let of = |lang: Lang| self.letters.get(&(kind, lang.clone())).map(|source| (lang, source));
        let near = |lang: &Lang| of(lang.clone()).or_else(|| lang.kin().find_map(of));
        wanted.and_then(near).or_else(|| near(fallback))
    }

    /// Whether a rule of CSS may ask for what stands in an attribute.
    pub(super) fn asks_for_attributes(&self) -> bool {
        self.files.iter().any(|(name, text)| if name.ends_with(".html") { text.contains('[') } else { text.contains("<style") })
    }

    /// A template as it was given.
    pub(super) fn text(&self, source: &Source) -> &str {
        self.files.get(&source.file).map_or("", String::as_str)
    }

    /// The set's own words before the built-in ones.
    pub(super) fn words(&self, lang: &Lang) -> Option<ButtonWords> {
        self.words.get(lang).cloned().or_else(|| ButtonWords::built_in(lang))
    }

    pub(super) fn path(&self, file: &str) -> String {
        path(&self.set, file)
    }
}

fn path(set: &str, file: &str) -> String {
    match set.trim_end_matches('/') {
        "" => file.to_owned(),
        set => format!("{set}/{file}"),
    }
}

fn clean(text: &str) -> String {
    text.strip_prefix('\u{FEFF}').unwrap_or(text).replace("\r\n", "\n")
}

enum Name {
    Letter(Kind, Lang),
    Words(Lang),
    Layout,
}

const WORDS: [&str; 7] = ["yes", "no", "maybe", "yes_body", "no_body", "maybe_body", "intro"];

struct Reading<'a> {
    set: &'a str,
    flaws: Vec<Flaw>,
}

impl Reading<'_> {
    fn flaw(&mut self, file: &str, line: u32, field: &str, why: impl Into<String>) {
        let flaw = Flaw { guest: None, file: path(self.set, file), line, field: field.to_owned(), why: why.into() };
        self.flaws.push(flaw);
    }

    fn tell(&mut self, file: &str, problems: Vec<Problem>) {
        for problem in problems {
            self.flaw(file, problem.line, &problem.field, problem.why);
        }
    }

    /// What a file is by its name; None for one that is not ours, or that was complained of.
    fn name(&mut self, file: &str, text: &str) -> Option<Name> {
        if !file.ends_with(".md") && !file.ends_with(".toml") && !file.ends_with(".html") || file.eq_ignore_ascii_case("readme.md") {
            return None;
        }
        let parts: Vec<&str> = file.split('.').collect();
        let name = match parts.as_slice() {
            ["layout", "html"] => Some(Name::Layout),
            ["words", lang, "toml"] => Lang::parse(lang).filter(|l| l.as_str() == *lang).map(Name::Words),
            [kind, lang, "md"] => match (Kind::parse(kind), Lang::parse(lang).filter(|l| l.as_str() == *lang)) {
                (Some(kind), Some(lang)) => Some(Name::Letter(kind, lang)),
                (None, Some(lang)) => {
                    let near = tree::nearest(kind, Kind::ALL.into_iter().map(Kind::as_str));
                    let cure = near.map_or_else(
                        || format!("the kinds are {}", Kind::ALL.map(Kind::as_str).join(", ")),
                        |near| format!("did you mean {near}.{lang}.md?"),
                    );
                    self.flaw(file, 0, "", format!("\"{kind}\" is no kind of letter: {cure}"));
                    return None;
                }
                _ => None,
            },
            _ => None,
        };
        if name.is_none() {
            let why = "this name means nothing here: templates are named KIND.LANG.md (invitation.ro.md), words words.LANG.toml, the layout layout.html";
            self.flaw(file, 0, "", why);
            return None;
        }
        if text.len() > MAX_FILE {
            self.flaw(file, 0, "", format!("it is larger than {} KiB: shorten it", MAX_FILE / 1024));
            return None;
        }
        if let Some(line) = text.lines().position(|line| line.contains(mark::is_reserved)) {
            let why = "it holds a private-use character (U+E000 to U+E002), which cannot be printed: take it out";
            self.flaw(file, number(line), "", why);
            return None;
        }
        name
    }

    fn letter(&mut self, file: &str, text: &str) -> Option<Source> {
        let front = match front_matter(text) {
            Ok(front) => front,
            Err((line, why)) => {
                self.flaw(file, line, "subject", why);
                return None;
            }
        };
        let subject = self.piece(file, &front.subject, front.subject_line.saturating_sub(1));
        let body = self.piece(file, front.body, front.above);
        let (subject, body) = (subject?, body?);
        if tree::has_buttons(&subject.nodes) {
            self.flaw(file, front.subject_line, "reply_buttons", "buttons cannot stand in the subject: take them out");
        }
        for (at, line) in front.body.lines().enumerate() {
            if line.contains("reply_buttons") && line.trim() != "{{reply_buttons}}" && !line.contains("{{!") {
                let at = number(at).saturating_add(front.above);
                let alone = "{{reply_buttons}} must stand alone on its line";
                let braces = "write it with two braces: {{reply_buttons}}";
                self.flaw(file, at, "reply_buttons", if line.trim() == "{reply_buttons}" { braces } else { alone });
            }
        }
        if let Err(at) = html::depth(front.body) {
            let why = format!("the text is nested deeper than {MAX_DEPTH} levels: make it flatter");
            self.flaw(file, at.saturating_add(front.above), "", why);
        }
        Some(Source { file: file.to_owned(), subject, body })
    }

    fn piece(&mut self, file: &str, text: &str, above: u32) -> Option<Piece> {
        let (template, problems) = compile(text, above);
        self.tell(file, problems);
        let template = template?;
        let mut walk = tree::Walk { above, problems: Vec::new() };
        let nodes = walk.nodes(&template);
        self.tell(file, walk.problems);
        Some(Piece { template, nodes })
    }

    fn layout(&mut self, file: &str, text: &str) -> Option<Template> {
        let before = self.flaws.len();
        let (template, problems) = compile(text, 0);
        self.tell(file, problems);
        let template = template?;
        self.tell(file, html::layout_problems(&template));
        if !html::shallow(text) {
            self.flaw(
                file,
                0,
                "",
                format!("it is nested deeper than {MAX_DEPTH} levels, or leaves that many elements open: make it flatter"),
            );
        }
        (self.flaws.len() == before).then_some(template)
    }

    fn words(&mut self, file: &str, text: &str) -> Option<ButtonWords> {
        let line_of = |at: usize| number(text.get(..at).unwrap_or_default().matches('\n').count());
        let table: toml::Table = match toml::from_str(text) {
            Ok(table) => table,
            Err(error) => {
                let line = error.span().map_or(0, |span| line_of(span.start));
                self.flaw(file, line, "", format!("it is not TOML: {}", error.message()));
                return None;
            }
        };
        let before = self.flaws.len();
        let line = |key: &str| text.lines().position(|line| line.trim_start().trim_start_matches('"').starts_with(key)).map_or(0, number);
        for key in table.keys().filter(|key| !WORDS.contains(&key.as_str())) {
            let near = tree::nearest(key, WORDS.into_iter()).map_or_else(String::new, |near| format!("; did you mean {near}?"));
            self.flaw(file, line(key), key, format!("the key \"{key}\" is not known{near}"));
        }
        let mut word = |key: &str| {
            let text = table.get(key).and_then(toml::Value::as_str).map(mark::fold).unwrap_or_default();
            let most = if matches!(key, "yes" | "no" | "maybe") { 40 } else { 120 };
            if text.is_empty() {
                let why = format!("the key \"{key}\" is missing or is no text: write {key} = \"…\"");
                self.flaw(file, line(key), key, why);
            } else if text.chars().count() > most {
                self.flaw(file, line(key), key, format!("\"{key}\" is longer than {most} characters: shorten it"));
            }
            text
        };
        let [yes, no, maybe, yes_body, no_body, maybe_body, intro] = WORDS.map(&mut word);
        (self.flaws.len() == before).then_some(ButtonWords { yes, no, maybe, yes_body, no_body, maybe_body, intro })
    }
}

/// A line's number in the file, of its place counted from 0.
pub(super) fn number(at: usize) -> u32 {
    u32::try_from(at.saturating_add(1)).unwrap_or(u32::MAX)
}
