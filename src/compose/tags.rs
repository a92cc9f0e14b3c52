//! Tags in raw HTML of a template, read just far enough to find the addresses in them.
//!
//! A value stands in a template as a mark, and which escaping it needs depends on the tag around it; a link in a block of HTML
//! has to be found before its tags are thrown away. What this reads is never shown.

use std::ops::Range;

/// A tag that was read to its end.
pub(super) struct Tag {
    /// From its `<` to behind its `>`.
    pub(super) place: Range<usize>,
    /// In lower case.
    pub(super) name: String,
    /// `</…>`.
    pub(super) closes: bool,
    /// Names in lower case, and values as they are written.
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// The first attribute of this name.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// All tags of a text; comments are passed over.
pub(super) fn of(html: &str) -> Vec<Tag> {
    let mut reader = Reader::default();
    let mut tags = Vec::new();
    let mut begin = 0;
    for (at, c) in html.char_indices() {
        let was_text = matches!(reader.state, State::Text);
        reader.read(c);
        match (was_text, &reader.state) {
            (_, State::Open) => begin = at,
            (false, State::Text) if !reader.name.is_empty() => tags.push(Tag {
                place: begin..at + c.len_utf8(),
                name: std::mem::take(&mut reader.name),
                closes: reader.closes,
                attributes: std::mem::take(&mut reader.attributes),
            }),
            _ => {}
        }
    }
    tags
}

/// Where in a text of HTML one is, character by character.
#[derive(Default)]
pub(super) struct Reader {
    state: State,
    name: String,
    closes: bool,
    attributes: Vec<(String, String)>,
}

#[derive(Default)]
enum State {
    #[default]
    Text,
    /// Behind `<`.
    Open,
    /// Behind `<!`, with the dashes since.
    Bang(u8),
    /// With the dashes before.
    Comment(u8),
    Name,
    /// In a tag, outside of its attributes.
    Between,
    Attribute,
    /// Behind `=`.
    Equals,
    Value(Option<char>),
}

impl Reader {
    /// The attribute in whose value one is, with what stands in it so far.
    pub(super) fn attribute(&self) -> Option<(&str, &str)> {
        let inside = matches!(self.state, State::Equals | State::Value(_));
        self.attributes.last().filter(|_| inside).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn read(&mut self, c: char) {
        self.state = match (std::mem::take(&mut self.state), c) {
            (State::Text, '<') => State::Open,
            (State::Text, _) => State::Text,
            (State::Open, '!') => State::Bang(0),
            (State::Open, c) if c == '/' || c.is_ascii_alphabetic() => {
                self.closes = c == '/';
                self.attributes.clear();
                self.name = String::from(c.to_ascii_lowercase()).replace('/', "");
                State::Name
            }
            (State::Open, '<') => State::Open,
            (State::Open, _) => State::Text,
            (State::Bang(0), '-') => State::Bang(1),
            (State::Bang(1), '-') => State::Comment(2),
            (State::Comment(2), '>') => State::Text,
            (State::Comment(dashes), '-') => State::Comment((dashes + 1).min(2)),
            (State::Comment(_), _) => State::Comment(0),
            (State::Value(Some(quote)), c) if c == quote => State::Between,
            (State::Value(Some(quote)), c) => self.value(Some(quote), c),
            (_, '>') => State::Text,
            (State::Name, c) if !c.is_whitespace() && c != '/' => {
                self.name.push(c.to_ascii_lowercase());
                State::Name
            }
            (State::Between | State::Attribute, '=') if !self.attributes.is_empty() => State::Equals,
            (State::Equals, c) if c.is_whitespace() => State::Equals,
            (State::Equals, '"' | '\'') => State::Value(Some(c)),
            (State::Equals, c) => self.value(None, c),
            (State::Value(None), c) if !c.is_whitespace() => self.value(None, c),
            (State::Bang(_), _) => State::Bang(2),
            (State::Attribute, c) if !c.is_whitespace() => {
                if let Some((name, _)) = self.attributes.last_mut() {
                    name.push(c.to_ascii_lowercase());
                }
                State::Attribute
            }
            (State::Between, c) if !c.is_whitespace() && c != '/' => {
                self.attributes.push((c.to_ascii_lowercase().into(), String::new()));
                State::Attribute
            }
            _ => State::Between,
        };
    }

    fn value(&mut self, quote: Option<char>, c: char) -> State {
        if let Some((_, value)) = self.attributes.last_mut() {
            value.push(c);
        }
        State::Value(quote)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_with_their_attributes() {
        let html = "a < b <A  HREF = 'x>y' data-href=\"z\" checked title=t>w</a ><!-- <a href=\"c\"> --> <br/><img src=i.png alt=\"\"><!DOCTYPE a>";
        let tags = of(html);
        let seen: Vec<(&str, bool, Option<&str>)> =
            tags.iter().map(|tag| (tag.name.as_str(), tag.closes, tag.attribute("href").or_else(|| tag.attribute("src")))).collect();
        assert_eq!(seen, [("a", false, Some("x>y")), ("a", true, None), ("br", false, None), ("img", false, Some("i.png"))]);
        let places: Vec<&str> = tags.iter().filter_map(|tag| html.get(tag.place.clone())).collect();
        assert_eq!(places[1..], ["</a >", "<br/>", "<img src=i.png alt=\"\">"]);
        assert_eq!((tags[0].attribute("title"), tags[0].attribute("checked")), (Some("t"), Some("")));
    }

    #[test]
    fn one_is_in_an_attribute_until_it_ends() {
        for (html, inside) in [
            ("<a href=\"", Some(("href", ""))),
            ("<a href = ", Some(("href", ""))),
            ("<a href='https://x/?n=", Some(("href", "https://x/?n="))),
            ("<a href=https://x/", Some(("href", "https://x/"))),
            ("<a href=\"x\" ", None),
            ("<a href=\"x\">", None),
            ("<a title=\"href=", Some(("title", "href="))),
            ("<p>href=\"", None),
            ("<!-- <a href=\"", None),
        ] {
            let mut reader = Reader::default();
            html.chars().for_each(|c| reader.read(c));
            assert_eq!(reader.attribute(), inside, "{html}");
        }
    }
}
