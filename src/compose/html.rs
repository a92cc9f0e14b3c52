//! The text/html part: CommonMark to HTML, the layout around it, its CSS put into the elements.

use super::{Problem, buttons::Buttons, mark, set::MAX_DEPTH, tags};
use crate::model::Lang;
use handlebars::template::{Template, TemplateElement};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream};

/// CommonMark without extensions, marks still in it; None where it is nested too deep.
pub(super) fn events(markdown: &str) -> Option<Vec<Event<'_>>> {
    let mut depth = 0_usize;
    let mut events = Vec::new();
    for event in TextMergeStream::new(Parser::new_ext(markdown, Options::empty())) {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return None;
        }
        events.push(event);
    }
    Some(place_buttons(events))
}

/// Whether a value stands in the name of a link definition.
pub(super) fn names_links(markdown: &str) -> bool {
    Parser::new_ext(markdown, Options::empty()).reference_definitions().iter().any(|(name, _)| name.contains(mark::is_reserved))
}

/// Whether a Markdown source stays within the bound on nesting; the error is the first line that does not.
pub(super) fn depth(markdown: &str) -> Result<(), u32> {
    let mut depth = 0_usize;
    for (event, range) in Parser::new_ext(markdown, Options::empty()).into_offset_iter() {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            let above = markdown.get(..range.start).unwrap_or_default().matches('\n').count();
            return Err(u32::try_from(above.saturating_add(1)).unwrap_or(u32::MAX));
        }
    }
    if shallow(markdown) { Ok(()) } else { Err(1) }
}

/// Takes the buttons out of the paragraph that their line made, or shared with its neighbours.
fn place_buttons(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut placed = Vec::with_capacity(events.len());
    let mut in_paragraph = false;
    let mut events = events.into_iter().peekable();
    while let Some(event) = events.next() {
        match &event {
            Event::Start(Tag::Paragraph) => in_paragraph = true,
            Event::End(TagEnd::Paragraph) => in_paragraph = false,
            Event::Text(text) if &**text == mark::BUTTONS => {
                if matches!(placed.last(), Some(Event::SoftBreak | Event::HardBreak)) {
                    placed.pop();
                }
                let opened = matches!(placed.last(), Some(Event::Start(Tag::Paragraph)));
                if opened {
                    placed.pop();
                } else if in_paragraph {
                    placed.push(Event::End(TagEnd::Paragraph));
                }
                placed.push(event);
                if matches!(events.peek(), Some(Event::SoftBreak | Event::HardBreak)) {
                    events.next();
                }
                if in_paragraph && matches!(events.peek(), Some(Event::End(TagEnd::Paragraph))) {
                    events.next();
                    in_paragraph = false;
                } else if in_paragraph {
                    placed.push(Event::Start(Tag::Paragraph));
                }
                continue;
            }
            _ => {}
        }
        placed.push(event);
    }
    placed
}

/// The HTML of the body. The error is a value that stands as a link target and is none.
pub(super) fn body(events: &[Event<'_>], buttons: Option<&Buttons>) -> Result<String, String> {
    let mut shown = Vec::with_capacity(events.len());
    let mut block = tags::Reader::default();
    for event in events {
        shown.push(match event {
            Event::Text(text) if &**text == mark::BUTTONS => Event::Html(buttons.map(Buttons::html).unwrap_or_default().into()),
            Event::Text(text) => Event::Text(plain(text)),
            Event::Code(text) => Event::Code(plain(text)),
            Event::Start(Tag::HtmlBlock) => {
                block = tags::Reader::default();
                event.clone()
            }
            Event::Html(html) => Event::Html(raw(html, &mut block)?.into()),
            Event::InlineHtml(html) => Event::InlineHtml(raw(html, &mut tags::Reader::default())?.into()),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => Event::Start(Tag::Link {
                link_type: *link_type,
                dest_url: mark::target(dest_url)?.into(),
                title: plain(title),
                id: id.clone(),
            }),
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => Event::Start(Tag::Image {
                link_type: *link_type,
                dest_url: mark::target(dest_url)?.into(),
                title: plain(title),
                id: id.clone(),
            }),
            other => other.clone(),
        });
    }
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, shown.into_iter());
    Ok(html)
}

/// Languages written from right to left.
const RIGHT_TO_LEFT: [&str; 11] = ["ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"];

/// The body with its direction, where that is not the usual one. A layout cannot give it: it is the same for all languages.
pub(super) fn directed(body: String, lang: &Lang) -> String {
    match RIGHT_TO_LEFT.contains(&lang.as_str()) {
        true => format!("<div dir=\"rtl\">\n{body}</div>\n"),
        false => body,
    }
}

fn plain(text: &str) -> CowStr<'static> {
    mark::unwrap(text).into()
}

/// Raw HTML of the template, read on by `place`: values become references. At the beginning of an `href` or `src` they must be
/// addresses, and further on they are encoded as in every other link, but for the number in a `tel:` link, which has no encoding.
fn raw(html: &str, place: &mut tags::Reader) -> Result<String, String> {
    let mut out = String::with_capacity(html.len());
    for part in mark::stretches(html) {
        match part {
            mark::Stretch::Text(text) => {
                out.push_str(text);
                text.chars().for_each(|c| place.read(c));
            }
            mark::Stretch::Value(value) => {
                let link = |name: &str| ["href", "src", "action", "background"].iter().any(|link| name.ends_with(link));
                let value = match place.attribute().filter(|(name, _)| link(name)) {
                    None => value,
                    Some((_, before)) if before.trim().is_empty() => mark::target(&mark::wrap(&value))?,
                    Some((_, before)) if is_number(before.trim_start()) => value,
                    Some(_) => mark::inside(&value).collect(),
                };
                out.push_str(&mark::entities(&value));
                // Whatever it says, it ends nothing.
                place.read('v');
            }
        }
    }
    Ok(out)
}

/// Whether the target of a link is a telephone number.
pub(super) fn is_number(target: &str) -> bool {
    target.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"))
}

/// What a layout may ask for: `{{{body}}}` once, `{{subject}}`, `{{lang}}`.
pub(super) fn layout_problems(layout: &Template) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut bodies = 0;
    for (element, at) in layout.elements.iter().zip(&layout.mapping) {
        let line = u32::try_from(at.0).unwrap_or(u32::MAX);
        let (call, is_raw) = match element {
            TemplateElement::RawString(_) | TemplateElement::Comment(_) => continue,
            TemplateElement::HtmlExpression(call) => (call, true),
            TemplateElement::Expression(call) => (call, false),
            _ => {
                problems.push(Problem::new(line, "", "a layout has only {{{body}}}, {{subject}} and {{lang}}: take this out"));
                continue;
            }
        };
        let alone = call.params.is_empty() && call.hash.is_empty();
        match (call.name.as_name().unwrap_or_default(), is_raw) {
            ("body", true) if alone => bodies += 1,
            ("body", false) => problems.push(Problem::new(line, "body", "write {{{body}}} with three braces: it is HTML already")),
            ("subject" | "lang", false) if alone => {}
            (name, _) => {
                let why = format!("\"{name}\" is not known here: a layout has only {{{{{{body}}}}}}, {{{{subject}}}} and {{{{lang}}}}");
                problems.push(Problem::new(line, name, why));
            }
        }
    }
    if bodies != 1 && problems.is_empty() {
        problems.push(Problem::new(0, "body", format!("{{{{{{body}}}}}} stands in it {bodies} times: it must stand there once")));
    }
    problems
}

/// Elements without an end tag.
pub(super) const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Whether HTML stays within the bound on nesting, elements left open counted as nested (css-inline recurses).
pub(super) fn shallow(html: &str) -> bool {
    let mut open: Vec<String> = Vec::new();
    for tag in html.split('<').skip(1) {
        let closes = tag.starts_with('/');
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        if name.is_empty() || VOID.contains(&name.as_str()) {
            continue;
        }
        if !closes {
            open.push(name);
        } else if let Some(at) = open.iter().rposition(|other| *other == name) {
            open.truncate(at);
        }
        if open.len() > MAX_DEPTH {
            return false;
        }
    }
    true
}

/// The page with the rules of its `<style>` put into the elements. Nothing is fetched.
pub(super) fn inlined(page: &str) -> Result<String, String> {
    if !shallow(page) {
        return Err(format!("the HTML is nested deeper than {MAX_DEPTH} levels: make it flatter"));
    }
    let inliner = css_inline::CSSInliner::options().load_remote_stylesheets(false).keep_at_rules(true).build();
    inliner.inline(page).map_err(|error| format!("the CSS cannot be put into the elements ({error}): mend the <style> of layout.html"))
}
