//! What a template asks for: handlebars' own tree, checked and made small.
//!
//! Handlebars' strict mode does not see a missing value in `{{#if}}`, and stops at the first one elsewhere. So every
//! template is walked when it is read (unknown names, helpers, forms) and again for each guest (empty values).

use super::{Problem, when::Moment};
use crate::model::guest::column_name;
use handlebars::template::{HelperTemplate, Parameter, Template, TemplateElement};
use std::borrow::Cow;

/// The value that a name has in one letter; empty where there is none.
pub(super) type Look<'a, 'v> = &'a dyn Fn(&str) -> Cow<'v, str>;

/// One thing in a template that depends on the letter.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// `{{guest.name}}`.
    Print { name: String, line: u32 },
    /// `{{date event.start}}`.
    Call { moments: Vec<String>, line: u32 },
    /// `{{reply_buttons}}`.
    Buttons,
    /// `{{#if …}}`; `{{#unless …}}` with the branches changed over.
    If { test: Test, yes: Vec<Node>, no: Vec<Node> },
}

/// What an `{{#if …}}` asks.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Filled(String),
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
    /// `(eq a b)`, and `(ne a b)` with false.
    Same(Operand, Operand, bool),
}

#[derive(Clone, Debug)]
pub(super) enum Operand {
    Name(String),
    Text(String),
}

const NAMES: [&str; 8] =
    ["event.title", "event.start", "event.end", "event.place", "event.link", "deadline", "sender.name", "sender.email"];
const GUEST: [&str; 5] = ["guest.name", "guest.email", "guest.lang", "guest.organisation", "guest.zone"];
/// Helpers that print a moment, with the number of their parameters.
pub(super) const HELPERS: [(&str, usize); 5] = [("date", 1), ("time", 1), ("datetime", 1), ("weekday", 1), ("time_range", 2)];

impl Test {
    pub(super) fn holds(&self, look: Look<'_, '_>) -> bool {
        let same = |one: &Operand, two: &Operand| match (one, two) {
            (Operand::Name(one), Operand::Name(two)) => look(one) == look(two),
            (Operand::Name(name), Operand::Text(text)) | (Operand::Text(text), Operand::Name(name)) => look(name) == text.as_str(),
            (Operand::Text(one), Operand::Text(two)) => one == two,
        };
        match self {
            Self::Filled(name) => !look(name).is_empty(),
            Self::Not(test) => !test.holds(look),
            Self::And(one, two) => one.holds(look) && two.holds(look),
            Self::Or(one, two) => one.holds(look) || two.holds(look),
            Self::Same(one, two, wanted) => same(one, two) == *wanted,
        }
    }

    /// The names whose very value is asked for, not only whether there is one.
    fn compared<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            Self::Filled(_) => {}
            Self::Not(test) => test.compared(found),
            Self::And(one, two) | Self::Or(one, two) => {
                one.compared(found);
                two.compared(found);
            }
            Self::Same(..) => self.names(found),
        }
    }

    /// The names that are asked for: only whether there is something, or whether it is this text.
    fn asked<'a>(&'a self, found: &mut Vec<(&'a str, Option<&'a str>)>) {
        match self {
            Self::Filled(name) => found.push((name, None)),
            Self::Not(test) => test.asked(found),
            Self::And(one, two) | Self::Or(one, two) => {
                one.asked(found);
                two.asked(found);
            }
            Self::Same(Operand::Name(name), Operand::Text(text), _) | Self::Same(Operand::Text(text), Operand::Name(name), _) => {
                found.push((name, Some(text)));
            }
            Self::Same(..) => {}
        }
    }

    fn names<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            Self::Filled(name) => found.push(name),
            Self::Not(test) => test.names(found),
            Self::And(one, two) | Self::Or(one, two) => {
                one.names(found);
                two.names(found);
            }
            Self::Same(one, two, _) => found.extend([one, two].into_iter().filter_map(|operand| match operand {
                Operand::Name(name) => Some(name.as_str()),
                Operand::Text(_) => None,
            })),
        }
    }
}

/// Every name that the nodes use, printed or asked for, with the line where one is printed (0 where only asked for).
pub(super) fn names(nodes: &[Node]) -> Vec<(&str, u32)> {
    let mut found = Vec::new();
    for node in nodes {
        match node {
            Node::Print { name, line } => found.push((name.as_str(), *line)),
            Node::Call { moments, line } => found.extend(moments.iter().map(|name| (name.as_str(), *line))),
            Node::Buttons => {}
            Node::If { test, yes, no } => {
                let mut asked = Vec::new();
                test.names(&mut asked);
                found.extend(asked.into_iter().map(|name| (name, 0)));
                found.extend(names(yes));
                found.extend(names(no));
            }
        }
    }
    found
}

/// What this guest's letter would print: names with their lines, in order, without the branches not taken.
pub(super) fn printed<'a>(nodes: &'a [Node], look: Look<'_, '_>, found: &mut Vec<(&'a str, u32)>) {
    for node in nodes {
        match node {
            Node::Print { name, line } => found.push((name, *line)),
            Node::Call { moments, line } => found.extend(moments.iter().map(|name| (name.as_str(), *line))),
            Node::Buttons => {}
            Node::If { test, yes, no } => printed(if test.holds(look) { yes } else { no }, look, found),
        }
    }
}

/// Which branches a letter takes: `1` or `0` for each question on its way, in order.
pub(super) fn branches(nodes: &[Node], look: Look<'_, '_>, taken: &mut String) {
    for node in nodes {
        if let Node::If { test, yes, no } = node {
            let holds = test.holds(look);
            taken.push(if holds { '1' } else { '0' });
            branches(if holds { yes } else { no }, look, taken);
        }
    }
}

/// The names that some `(eq …)` or `(ne …)` asks for.
pub(super) fn compared<'a>(nodes: &'a [Node], found: &mut Vec<&'a str>) {
    for node in nodes {
        if let Node::If { test, yes, no } = node {
            test.compared(found);
            compared(yes, found);
            compared(no, found);
        }
    }
}

/// What every `{{#if …}}` asks for: whether a name has something, or whether it is a text.
pub(super) fn asked<'a>(nodes: &'a [Node], found: &mut Vec<(&'a str, Option<&'a str>)>) {
    for node in nodes {
        if let Node::If { test, yes, no } = node {
            test.asked(found);
            asked(yes, found);
            asked(no, found);
        }
    }
}

pub(super) fn has_buttons(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Buttons => true,
        Node::If { yes, no, .. } => has_buttons(yes) || has_buttons(no),
        _ => false,
    })
}

/// Walks a template and makes its tree; everything that a letter cannot have is a problem.
pub(super) struct Walk {
    /// Lines of the file above the template.
    pub(super) above: u32,
    pub(super) problems: Vec<Problem>,
}

impl Walk {
    pub(super) fn nodes(&mut self, template: &Template) -> Vec<Node> {
        let lines = template.mapping.iter().map(|at| u32::try_from(at.0).unwrap_or(u32::MAX));
        let lines = lines.chain(std::iter::repeat(1));
        template.elements.iter().zip(lines).filter_map(|(element, line)| self.node(element, line.saturating_add(self.above))).collect()
    }

    fn refuse(&mut self, line: u32, field: &str, why: impl Into<String>) {
        self.problems.push(Problem::new(line, field, why));
    }

    fn node(&mut self, element: &TemplateElement, line: u32) -> Option<Node> {
        match element {
            TemplateElement::RawString(_) | TemplateElement::Comment(_) => None,
            TemplateElement::Expression(call) => self.expression(call, line),
            TemplateElement::HelperBlock(block) => self.block(block, line),
            TemplateElement::HtmlExpression(call) => {
                let name = call.name.as_name().unwrap_or_default();
                let why = format!("{{{{{{{name}}}}}}} prints a value as raw HTML, which letters never do: write {{{{{name}}}}}");
                self.refuse(line, name, why);
                None
            }
            _ => {
                self.refuse(line, "", "letters have no {{>…}} and {{*…}}: write the text here");
                None
            }
        }
    }

    fn expression(&mut self, call: &HelperTemplate, line: u32) -> Option<Node> {
        let Some(name) = call.name.as_name() else {
            self.refuse(line, "", "only a name can stand in {{…}}, as {{guest.name}} or {{date deadline}}");
            return None;
        };
        if name == "reply_buttons" && call.params.is_empty() && call.hash.is_empty() {
            return Some(Node::Buttons);
        }
        if let Some((_, wanted)) = HELPERS.iter().find(|(helper, _)| *helper == name) {
            return self.moments(name, *wanted, call, line);
        }
        if !call.params.is_empty() || !call.hash.is_empty() {
            let known = HELPERS.iter().map(|(name, _)| *name);
            let near = nearest(name, known).map_or_else(String::new, |near| format!("; did you mean {near}?"));
            self.refuse(line, name, format!("\"{name}\" is not a helper: there are date, time, datetime, weekday and time_range{near}"));
            return None;
        }
        self.known(name, line).then(|| Node::Print { name: name.to_owned(), line })
    }

    fn moments(&mut self, helper: &str, wanted: usize, call: &HelperTemplate, line: u32) -> Option<Node> {
        let example = if wanted == 2 { "time_range event.start event.end".to_owned() } else { format!("{helper} event.start") };
        let moments: Vec<String> = call.params.iter().filter_map(Parameter::as_name).map(str::to_owned).collect();
        if moments.len() != wanted || call.params.len() != wanted || !call.hash.is_empty() {
            self.refuse(line, helper, format!("write it as {{{{{example}}}}}"));
            return None;
        }
        for moment in &moments {
            match Moment::parse(moment) {
                None => {
                    let near = nearest(moment, ["event.start", "event.end", "deadline"].into_iter());
                    let near = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
                    self.refuse(line, moment, format!("{helper} takes event.start, event.end or deadline, not \"{moment}\"{near}"));
                    return None;
                }
                Some(Moment::Deadline) if matches!(helper, "time" | "time_range") => {
                    self.refuse(line, moment, "the deadline is a day and has no time: write {{date deadline}}");
                    return None;
                }
                Some(_) => {}
            }
        }
        Some(Node::Call { moments, line })
    }

    fn block(&mut self, block: &HelperTemplate, line: u32) -> Option<Node> {
        let name = block.name.as_name().unwrap_or_default();
        let unless = name == "unless";
        if !unless && name != "if" {
            let why = format!("letters have {{{{#if}}}} and {{{{#unless}}}}, not {{{{#{name}}}}}: there is nothing to repeat");
            self.refuse(line, name, why);
            return None;
        }
        let test = match block.params.as_slice() {
            [param] if block.hash.is_empty() && block.block_param.is_none() => self.test(param, line),
            _ => {
                self.refuse(line, name, format!("write it as {{{{#{name} guest.organisation}}}}…{{{{/{name}}}}}"));
                None
            }
        };
        let yes = block.template.as_ref().map(|inner| self.nodes(inner)).unwrap_or_default();
        let no = block.inverse.as_ref().map(|inner| self.nodes(inner)).unwrap_or_default();
        let test = test?;
        Some(Node::If { test: if unless { Test::Not(Box::new(test)) } else { test }, yes, no })
    }

    fn test(&mut self, param: &Parameter, line: u32) -> Option<Test> {
        let Parameter::Subexpression(inner) = param else {
            let name = param.as_name().unwrap_or_default().to_owned();
            return self.known(&name, line).then_some(Test::Filled(name));
        };
        let TemplateElement::Expression(call) = inner.as_element() else { return None };
        match (call.name.as_name().unwrap_or_default(), call.params.as_slice()) {
            ("not", [one]) => Some(Test::Not(Box::new(self.test(one, line)?))),
            ("and", [one, two]) => Some(Test::And(Box::new(self.test(one, line)?), Box::new(self.test(two, line)?))),
            ("or", [one, two]) => Some(Test::Or(Box::new(self.test(one, line)?), Box::new(self.test(two, line)?))),
            (name @ ("eq" | "ne"), [one, two]) => Some(Test::Same(self.operand(one, line)?, self.operand(two, line)?, name == "eq")),
            (name, _) => {
                let why = format!("\"{name}\" cannot be asked here: there are (not a), (and a b), (or a b), (eq a \"x\") and (ne a \"x\")");
                self.refuse(line, name, why);
                None
            }
        }
    }

    fn operand(&mut self, param: &Parameter, line: u32) -> Option<Operand> {
        if let Parameter::Literal(value) = param {
            if let Some(text) = value.as_str() {
                return Some(Operand::Text(text.to_owned()));
            }
            self.refuse(line, "", format!("{value} is compared with a text: write it in quotes, as \"{value}\""));
            return None;
        }
        let name = param.as_name().unwrap_or_default().to_owned();
        self.known(&name, line).then_some(Operand::Name(name))
    }

    fn known(&mut self, name: &str, line: u32) -> bool {
        let column = name.strip_prefix("guest.");
        let fits = |column: &str| !column.is_empty() && column.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if column.is_some_and(fits) || NAMES.contains(&name) {
            return true;
        }
        let near = match column.map(column_name) {
            Some(column) if column.is_empty() => None,
            Some(column) => Some(format!("guest.{column}")),
            None => nearest(name, NAMES.into_iter().chain(GUEST)).map(str::to_owned),
        };
        let why = match near {
            Some(near) => format!("\"{name}\" is not known; did you mean {near}?"),
            None => format!("\"{name}\" is not known: there are guest.COLUMN (lower-case letters, digits and _), {}", NAMES.join(", ")),
        };
        self.refuse(line, name, why);
        false
    }
}

/// The candidate that is most like `word`, where one is like it at all.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let last = word.rsplit('.').next().unwrap_or(word);
    let near = |candidate: &str| {
        let tail = candidate.rsplit('.').next().unwrap_or(candidate);
        strsim::jaro_winkler(word, candidate).max(if word.contains('.') { 0.0 } else { strsim::jaro_winkler(last, tail) - 0.01 })
    };
    candidates.map(|c| (near(c), c)).filter(|(likeness, _)| *likeness > 0.82).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, c)| c)
}
