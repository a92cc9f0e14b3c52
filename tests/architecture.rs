//! The house as it was planned: imports go down the floors, time and chance come from outside, SQL stays in its room.
//!
//! The sources are parsed, not searched, so comments and strings do not matter. Code under `#[cfg(test)]` is left out.

use proc_macro2::{Span, TokenStream, TokenTree};
use regex::Regex;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A room may import only rooms of floors strictly below its own.
const FLOORS: &[(u8, &[&str])] = &[
    (0, &["model"]),
    (1, &["contacts", "compose", "read", "pair", "judge", "plan", "store", "net", "sandbox"]),
    (2, &["work", "config"]),
    (3, &["web"]),
    (4, &["daemon"]),
    (5, &["cli"]),
];

/// Values in, values out: not even the monotonic clock.
const PURE: &[&str] = &["model", "contacts", "compose", "read", "pair", "judge", "plan"];

/// The rooms where clock, dice and configuration are read. `config` reads the environment for secrets, nothing else.
const EDGE: &[&str] = &["daemon", "cli"];

/// A file must be readable at a sitting.
const MOST_LINES: usize = 600;

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(_, rooms)| rooms.contains(&room)).map(|(floor, _)| *floor)
}

#[test]
fn the_house_stands_as_planned() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 10, "only {} source files found below {}", files.len(), src.display());
    let mut broken = Vec::new();
    for file in files {
        let name = file.strip_prefix(&src).expect("a file below src").to_owned();
        broken.extend(inspect(&name, &std::fs::read_to_string(&file).expect("a source file")));
    }
    assert!(broken.is_empty(), "the plan of the house is broken:\n{}", broken.join("\n"));
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).expect("a folder of sources").map(|e| e.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// What is wrong with one source file, named as below `src`; one sentence each, with its line.
fn inspect(name: &Path, text: &str) -> Vec<String> {
    let mut modules: Vec<String> = name.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if modules.last().is_some_and(|last| last == "mod") {
        modules.pop();
    }
    let room = modules.first().cloned().unwrap_or_default();
    if modules.len() == 1 && ["main", "lib"].contains(&room.as_str()) {
        return Vec::new();
    }
    let mut inspector = Inspector { file: name, own: floor(&room), room: &room, modules: modules.clone(), broken: Vec::new() };
    if inspector.own.is_none() {
        inspector.complain(1, &format!("the room \"{room}\" stands on no floor: give it one in tests/architecture.rs"));
    }
    let lines = text.lines().count();
    if lines > MOST_LINES {
        inspector.complain(lines, &format!("{lines} lines, {MOST_LINES} are the most: move data out, then split by noun"));
    }
    if modules.last().is_some_and(|last| last == "tests") {
        return inspector.broken; // `#[cfg(test)] mod tests;` in a file of its own
    }
    match syn::parse_file(text) {
        Ok(file) => inspector.visit_file(&file),
        Err(error) => inspector.complain(error.span().start().line, &error.to_string()),
    }
    inspector.broken
}

struct Inspector<'a> {
    file: &'a Path,
    room: &'a str,
    own: Option<u8>,
    /// Where we are: the file's modules, then the inline ones.
    modules: Vec<String>,
    broken: Vec<String>,
}

static SQL: LazyLock<Regex> = LazyLock::new(|| {
    let words = r"(?is)^\s*(SELECT\s.+\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|REPLACE\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX)|PRAGMA\s)";
    Regex::new(words).expect("a pattern")
});

impl Inspector<'_> {
    fn complain(&mut self, line: usize, why: &str) {
        self.broken.push(format!("src/{}:{line}: {why}", self.file.display()));
    }

    /// A path as written, relative to the module we are in.
    fn path(&mut self, segments: &[String], span: Span) {
        let line = span.start().line;
        if let Some(target) = self.absolute(segments) {
            match target.first().map(String::as_str) {
                Some("*") => self.complain(line, "imports the whole crate: name what is needed"),
                Some(room) => self.import(room, line),
                None => {}
            }
        } else {
            self.outside(segments, line);
        }
    }

    /// From the crate's root; None for a path that starts neither with `crate` nor `super` nor `self`.
    fn absolute(&self, segments: &[String]) -> Option<Vec<String>> {
        let mut here = self.modules.clone();
        let mut rest = segments.iter().peekable();
        match rest.peek()?.as_str() {
            "crate" => here.clear(),
            "super" | "self" => {}
            _ => return None,
        }
        while let Some(step) = rest.next_if(|step| ["crate", "super", "self"].contains(&step.as_str())) {
            if step == "super" {
                here.pop();
            }
        }
        here.extend(rest.cloned());
        Some(here)
    }

    fn import(&mut self, target: &str, line: usize) {
        if target == self.room {
            return;
        }
        let room = self.room;
        match (self.own, floor(target)) {
            (Some(own), Some(other)) if other >= own => {
                self.complain(
                    line,
                    &format!("{room} (floor {own}) imports {target} (floor {other}): imports go down, never up or sideways"),
                );
            }
            _ if target == "config" && !EDGE.contains(&room) => {
                self.complain(line, &format!("{room} reads the configuration: give it the values it needs"));
            }
            _ => {}
        }
    }

    /// A path to something outside the crate: the clock, the dice, the environment, SQLite.
    fn outside(&mut self, segments: &[String], line: usize) {
        let room = self.room;
        let path = segments.join("::");
        let first = segments.first().map(String::as_str);
        let last_is_now = segments.len() > 1 && segments.last().is_some_and(|last| last == "now");
        let monotonic = segments.iter().rev().nth(1).is_some_and(|kind| kind == "Instant");
        if !EDGE.contains(&room) {
            if last_is_now && (PURE.contains(&room) || !monotonic) {
                self.complain(line, &format!("{path} in {room}: time is an argument"));
            }
            if matches!(first, Some("rand" | "getrandom" | "fastrand")) {
                self.complain(line, &format!("{path} in {room}: chance is an argument"));
            }
            if path.starts_with("std::env") && room != "config" {
                self.complain(line, &format!("{path} in {room}: the environment is read only at the edge"));
            }
        }
        if matches!(first, Some("rusqlite" | "rusqlite_migration")) && room != "store" {
            self.complain(line, &format!("{path} in {room}: SQLite is known only to store"));
        }
    }

    fn string(&mut self, text: &str, span: Span) {
        let sql_file = Path::new(text).extension().is_some_and(|extension| extension == "sql");
        if self.room != "store" && (SQL.is_match(text) || sql_file) {
            self.complain(span.start().line, &format!("SQL in {}: it belongs to store", self.room));
        }
    }

    /// The inside of a macro call, where nothing is parsed: paths and strings are found by their tokens.
    fn tokens(&mut self, stream: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut start = Span::call_site();
        let mut colons = 0;
        for token in stream {
            match token {
                TokenTree::Ident(word) => {
                    if colons != 2 {
                        self.end_of_path(&mut path, start);
                        start = word.span();
                    }
                    path.push(word.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Ok(syn::Lit::Str(text)) = syn::parse_str(&literal.to_string()) {
                        self.string(&text.value(), literal.span());
                    }
                }
                TokenTree::Punct(_) => {}
            }
            colons = 0;
            self.end_of_path(&mut path, start);
        }
        self.end_of_path(&mut path, start);
    }

    fn end_of_path(&mut self, path: &mut Vec<String>, start: Span) {
        if path.len() > 1 {
            self.path(path, start);
        }
        path.clear();
    }

    fn use_tree(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        let (ident, after) = match tree {
            syn::UseTree::Path(path) => (path.ident.to_string(), Some(&*path.tree)),
            syn::UseTree::Name(name) => (name.ident.to_string(), None),
            syn::UseTree::Rename(rename) => (rename.ident.to_string(), None),
            syn::UseTree::Glob(_) => ("*".to_owned(), None),
            syn::UseTree::Group(group) => {
                return group.items.iter().for_each(|item| self.use_tree(item, before));
            }
        };
        before.push(ident);
        match after {
            Some(after) => self.use_tree(after, before),
            None => self.path(before, tree.span()),
        }
        before.pop();
    }
}

impl<'ast> Visit<'ast> for Inspector<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !only_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !only_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.modules.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.modules.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.path(&segments, path.span());
        visit::visit_path(self, path);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {
        // `pub(in crate::room)` imports nothing.
    }

    /// Doc comments are attributes: their text is no string of the program.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.string(&text.value(), text.span());
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.visit_path(&mac.path);
        self.tokens(mac.tokens.clone());
    }
}

/// `#[cfg(test)]`, `#[cfg(all(test, …))]`, `#[test]`, `#[tokio::test]`.
fn only_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            !condition.contains("not") && condition.split(|c: char| !c.is_alphanumeric()).any(|word| word == "test")
        }
        syn::Meta::Path(path) => path.segments.last().is_some_and(|segment| segment.ident == "test"),
        _ => false,
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[test]
fn every_broken_rule_is_found() {
    let long = "\n".repeat(MOST_LINES + 1);
    let cases = [
        ("read/mod.rs", "use crate::pair::Clue;", "imports go down"),
        ("read/mod.rs", "use crate::{model::Mail, store};", "imports go down"),
        ("read/quote.rs", "use super::super::judge;", "imports go down"),
        ("read/quote.rs", "mod inner { fn f() { super::super::super::work::send() } }", "imports go down"),
        ("model/mod.rs", "fn f(x: crate::read::Thing) {}", "imports go down"),
        ("work/send.rs", "fn f() { println!(\"{}\", crate::cli::NAME) }", "imports go down"),
        ("work/send.rs", "use crate::config::Config;", "imports go down"),
        ("web/mod.rs", "use crate::config::Config;", "reads the configuration"),
        ("web/mod.rs", "use crate::*;", "whole crate"),
        ("attic/mod.rs", "", "stands on no floor"),
        ("plan/mod.rs", "fn f() { let t = std::time::Instant::now(); }", "time is an argument"),
        ("plan/mod.rs", "fn f() { let t = Stamp::now(); }", "time is an argument"),
        ("net/smtp.rs", "fn f() { let t = jiff::Timestamp::now(); }", "time is an argument"),
        ("net/smtp.rs", "fn f() { let t = std::time::SystemTime::now(); }", "time is an argument"),
        ("store/mod.rs", "fn f() { let x: u8 = rand::random(); }", "chance is an argument"),
        ("sandbox/mod.rs", "fn f() { dbg!(std::env::var(\"X\")) }", "environment"),
        ("work/rule.rs", "const Q: &str = \"SELECT id FROM letter\";", "SQL in work"),
        ("work/rule.rs", "fn f() { g(format!(\"insert into {} values\", 1)) }", "SQL in work"),
        ("cli/mod.rs", "use rusqlite::Connection;", "known only to store"),
        ("cli/mod.rs", long.as_str(), "lines, 600 are the most"),
    ];
    for (file, text, why) in cases {
        let broken = inspect(Path::new(file), text);
        assert!(broken.len() == 1 && broken[0].contains(why), "{file}: {text}\nexpected \"{why}\", found {broken:?}");
    }
}

#[test]
fn what_the_plan_allows_is_no_complaint() {
    let cases = [
        ("read/quote.rs", "use super::Mail; use crate::model::Answer; use crate::read::text; mod a { use super::super::b; }"),
        ("daemon/mod.rs", "fn f() { let t = jiff::Timestamp::now(); crate::config::load(std::env::args()); rand::random::<u8>(); }"),
        ("net/imap.rs", "fn f() { let t = tokio::time::Instant::now(); say(\"SELECT INBOX\"); }"),
        ("plan/mod.rs", "#[cfg(test)] mod tests { use crate::store::Store; fn f() { jiff::Timestamp::now(); } }"),
        ("plan/mod.rs", "/// SELECT a FROM b, by crate::cli, at Timestamp::now()\nfn f(now: u8) -> u8 { now }"),
        ("config/mod.rs", "fn f() { std::env::var(\"SECRET\"); }"),
        ("main.rs", "use convoke::cli;"),
    ];
    for (file, text) in cases {
        assert_eq!(inspect(Path::new(file), text), Vec::<String>::new(), "{file}: {text}");
    }
}
