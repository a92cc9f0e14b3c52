//! One letter's subject, text and HTML.

use super::{Problem, buttons::Buttons, html, mark, plain, set, tree, values::Values, when};
use crate::model::Lang;
use handlebars::{Context, Handlebars, Helper, Output, RenderContext, RenderError, RenderErrorReason, ScopedJson};
use pulldown_cmark::Event;
use std::sync::Arc;

/// A subject longer than this no program shows.
pub(super) const MAX_SUBJECT: usize = 300;

/// What a guest reads.
pub(super) struct Page {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// A page whose plain text is not yet broken into lines.
pub(super) struct Sheet {
    pub(super) subject: String,
    pub(super) chunks: Vec<plain::Chunk>,
    /// The links of the text.
    pub(super) compared: Vec<plain::Compared>,
    pub(super) html: String,
    /// Whether the name of a link definition holds a value: which links are links then depends on that value.
    pub(super) names_links: bool,
}

impl Sheet {
    pub(super) fn page(&self) -> Page {
        Page { subject: self.subject.clone(), text: plain::text(&self.chunks), html: self.html.clone() }
    }
}

pub(super) fn sheet(
    templates: &set::Templates,
    source: &set::Source,
    values: &Values,
    when: &Arc<when::When>,
    buttons: Option<&Buttons>,
    lang: &Lang,
) -> Result<Sheet, Problem> {
    let data = values.json();
    let subject = subject(&registry(when, handlebars::no_escape), source, &data)?;
    let markdown = rendered(&registry(when, mark::wrap), &source.body.template, &data)?;

    let Some(events) = html::events(&markdown) else {
        return Err(Problem::new(0, "", format!("the text is nested deeper than {} levels: make it flatter", set::MAX_DEPTH)));
    };
    let wanted = markdown.matches(mark::BUTTONS).count();
    if events.iter().filter(|event| matches!(event, Event::Text(text) if &**text == mark::BUTTONS)).count() != wanted {
        return Err(Problem::new(0, "reply_buttons", "{{reply_buttons}} stands inside code or HTML: give it a paragraph of its own"));
    }
    let body = html::body(&events, buttons).map_err(|value| not_a_link(source, values, &value))?;
    let body = html::directed(body, lang);
    let (chunks, compared) = plain::chunks(&events, buttons);
    let data = serde_json::json!({ "subject": subject, "lang": lang.as_str(), "body": body });
    let whole = rendered(&registry(when, handlebars::html_escape), &templates.layout, &data).map_err(|p| in_layout(p.why))?;
    let html = html::inlined(&whole).map_err(in_layout)?;
    Ok(Sheet { subject, chunks, compared, html, names_links: html::names_links(&markdown) })
}

fn subject(registry: &Handlebars<'_>, source: &set::Source, data: &serde_json::Value) -> Result<String, Problem> {
    let subject = mark::fold(&rendered(registry, &source.subject.template, data)?);
    match subject.chars().count() {
        0 => Err(Problem::new(2, "subject", "the subject of this letter is empty: write some words outside the {{#if}}")),
        1..=MAX_SUBJECT => Ok(subject),
        long => Err(Problem::new(2, "subject", format!("the subject has {long} characters, more than {MAX_SUBJECT}: shorten it"))),
    }
}

fn in_layout(why: String) -> Problem {
    Problem { file: Some("layout.html".into()), why, ..Problem::default() }
}

/// Finds where the template prints the value that is no link target.
fn not_a_link(source: &set::Source, values: &Values, value: &str) -> Problem {
    let mut printed = Vec::new();
    tree::printed(&source.body.nodes, &|name| values.look(name), &mut printed);
    let (field, line) = printed.into_iter().find(|(name, _)| values.0.get(*name).is_some_and(|v| v == value)).unwrap_or(("", 0));
    let short: String = value.chars().take(80).collect();
    Problem::new(line, field, format!("{field} is used as a link, but \"{short}\" is none: write it with https:// in front"))
}

fn rendered(registry: &Handlebars<'_>, template: &handlebars::Template, data: &serde_json::Value) -> Result<String, Problem> {
    let mut registry = registry.clone();
    registry.register_template("t", template.clone());
    registry.render("t", data).map_err(|error| {
        let line = error.line_no.and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
        Problem::new(line, "", format!("the template cannot be filled in: {error}"))
    })
}

fn registry(when: &Arc<when::When>, escape: impl Fn(&str) -> String + Send + Sync + 'static) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(escape);
    for (name, _) in tree::HELPERS {
        registry.register_helper(name, Box::new(Moments { name, when: Arc::clone(when) }));
    }
    let buttons = |_: &Helper<'_>, _: &Handlebars<'_>, _: &Context, _: &mut RenderContext<'_, '_>, out: &mut dyn Output| {
        out.write(mark::BUTTONS).map_err(RenderError::from)
    };
    registry.register_helper("reply_buttons", Box::new(buttons));
    registry
}

/// `date`, `time`, `datetime`, `weekday`, `time_range`.
struct Moments {
    name: &'static str,
    when: Arc<when::When>,
}

impl handlebars::HelperDef for Moments {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        call: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let moment = |at| call.param(at).and_then(|p| p.relative_path()).and_then(|name| when::Moment::parse(name));
        let when = &self.when;
        let shown = moment(0).and_then(|first| match self.name {
            "date" => when.date(first),
            "time" => when.time(first),
            "weekday" => when.weekday(first),
            "time_range" => when.time_range(first, moment(1)?),
            _ => when.datetime(first),
        });
        let shown = shown.ok_or_else(|| RenderErrorReason::Other(format!("{} has nothing to print", self.name)))?;
        Ok(ScopedJson::Derived(serde_json::Value::String(mark::fold(&shown))))
    }
}
