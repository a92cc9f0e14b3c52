//! The reply buttons: three prefilled `mailto:` links (RFC 6068), for HTML and for plain text.

use super::{mark, mime};
use crate::model::{Answer, Campaign, Lang, Sender, Stamp, words};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Longer URIs are cut by Windows and by older programs.
const MAX_URI: usize = 1_999;
/// The unreserved characters of RFC 3986 stay.
const KEEP: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The buttons of one letter.
pub(super) struct Buttons {
    intro: String,
    links: Vec<(Answer, String, String)>,
}

impl Buttons {
    /// The error says what to do when not even a link without the title is short enough.
    pub(super) fn new(
        words: &words::ButtonWords,
        campaign: &Campaign,
        sender: &Sender,
        stamp: &Stamp,
        lang: &Lang,
    ) -> Result<Self, String> {
        let to = mime::reply_address(sender, stamp);
        let to = format!("{}@{}", utf8_percent_encode(to.local(), KEEP), to.domain());
        let title = mark::fold(campaign.event.title.get(lang, &campaign.language));
        let mut links = Vec::new();
        for answer in Answer::DECISIONS {
            let Some((label, body)) = words.of(answer) else { continue };
            let tag = words::tag(&stamp.token, Some(answer));
            let uri = uri(&to, label, &title, &tag, body)
                .ok_or_else(|| "the link of a reply button is too long: shorten the button's words".to_owned())?;
            links.push((answer, label.to_owned(), uri));
        }
        Ok(Self { intro: words.intro.clone(), links })
    }

    pub(super) fn intro(&self) -> &str {
        &self.intro
    }

    /// `Da, particip: <mailto:…>`, one a button.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        self.links.iter().map(|(_, label, uri)| format!("{label}: <{uri}>"))
    }

    /// A table with the styles in place: Outlook knows neither padding on links nor flex boxes.
    pub(super) fn html(&self) -> String {
        let mut html = format!("<p>{}</p>\n", handlebars::html_escape(&self.intro));
        html.push_str("<table role=\"presentation\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\" style=\"margin:0 0 16px\"><tr>\n");
        for (answer, label, uri) in &self.links {
            let colour = match answer {
                Answer::Accept => "#1b6b3a",
                Answer::Decline => "#8c1d18",
                _ => "#44546a",
            };
            html.push_str(&format!(
                "<td bgcolor=\"{colour}\" style=\"background-color:{colour};border-radius:4px;padding:10px 16px\">\
                 <a href=\"{}\" style=\"color:#ffffff;font-weight:bold;text-decoration:none\">{}</a></td>\
                 <td width=\"10\" style=\"width:10px\">&nbsp;</td>\n",
                handlebars::html_escape(uri),
                handlebars::html_escape(label),
            ));
        }
        html.push_str("</tr></table>\n");
        html
    }
}

/// Cuts the title until the whole fits; None where it does not fit without one.
fn uri(to: &str, label: &str, title: &str, tag: &str, body: &str) -> Option<String> {
    let encode = |text: &str| utf8_percent_encode(text, KEEP).to_string();
    let whole = |title: &str| {
        let subject = if title.is_empty() { format!("{label} {tag}") } else { format!("{label}: {title} {tag}") };
        format!("mailto:{to}?subject={}&body={}%0D%0A", encode(&subject), encode(body))
    };
    let full = whole(title);
    if full.len() <= MAX_URI {
        return Some(full);
    }
    let room = MAX_URI.checked_sub(whole("…").len())?;
    let mut cut = String::new();
    let mut used = 0;
    for c in title.chars() {
        used += encode(c.encode_utf8(&mut [0; 4])).len();
        if used > room {
            break;
        }
        cut.push(c);
    }
    Some(whole(&format!("{}…", cut.trim_end())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_title_is_cut_between_characters() {
        for title in ["ș".repeat(3_000), "a".repeat(3_000), "😀 ".repeat(2_000)] {
            let uri = uri("rsvp%2Bt@x.example", "Da", &title, "[#t:yes]", "Da.").expect("fits");
            assert!(uri.len() < 2_000 && uri.contains("%E2%80%A6%20%5B%23t%3Ayes%5D"), "{uri}");
        }
        assert_eq!(uri("x@y.example", &"ș".repeat(900), "t", "[#t:yes]", "Da."), None);
    }

    #[test]
    fn everything_but_unreserved_is_encoded() {
        let uri = uri("x@y.example", "Sì", "A & B+C?", "[#t:yes]", "Sì, verrò.").expect("fits");
        let expected = "mailto:x@y.example?subject=S%C3%AC%3A%20A%20%26%20B%2BC%3F%20%5B%23t%3Ayes%5D&body=S%C3%AC%2C%20verr%C3%B2.%0D%0A";
        assert_eq!(uri, expected);
    }
}
