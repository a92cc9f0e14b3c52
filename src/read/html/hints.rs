//! What the names and styles that mail programs give to their elements say.

use html5ever::tokenizer::Tag;
use std::fmt::Write;

#[derive(Clone, Copy, Default, PartialEq)]
pub(super) enum Space {
    #[default]
    Inline,
    /// Begins and ends at a line of its own.
    Line,
    /// With a blank line around.
    Paragraph,
}

pub(super) fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
}

pub(super) fn space_of(name: &str, tag: &Tag) -> Space {
    match name {
        "p" => {
            // Word writes every line as a paragraph without margins.
            let tight = attribute(tag, "class").is_some_and(|class| class.contains("Mso") || class.contains("x_Mso"))
                || attribute(tag, "style").is_some_and(|style| style.contains("margin:0") || style.contains("margin: 0"));
            if tight { Space::Line } else { Space::Paragraph }
        }
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "table" | "blockquote" | "pre" => Space::Paragraph,
        "div" | "tr" | "li" | "section" | "article" | "header" | "footer" | "center" | "address" | "dl" | "dt" | "dd" | "fieldset"
        | "form" => Space::Line,
        _ => Space::Inline,
    }
}

pub(super) enum Hint {
    None,
    Quote,
    Attribution,
    Signature,
    Rest,
    Hidden,
    Struck,
}

/// What the names that mail programs give to their elements say. Clients prefix each other's names (`x_`, `ydp…`).
pub(super) fn hint(name: &str, tag: &Tag) -> Hint {
    const QUOTES: [&str; 22] = [
        "protonmail_quote",
        "tutanota_quote",
        "notion-mail-quote",
        "alimail-quote",
        "ik_mail_quote",
        "forwardContentMessage",
        "zmail_extra",
        "front-blockquote",
        "freshdesk_quote",
        "missive_quote",
        "outreach-quote",
        "hs_reply",
        "fernand_quote",
        "yahoo_quoted",
        "yahoo-quoted-begin",
        "isForwardContent",
        "isReplyContent",
        "oriMsgHtmlSeperator",
        "reply139content",
        "OLK_SRC_BODY_SECTION",
        "beforequote:::",
        "__QUOTED_TEXT__",
    ];
    const RESTS: [&str; 6] = [
        "divRplyFwdMsg",
        "appendonsend",
        "mail-editor-reference-message-container",
        "OutlookMessageHeader",
        "messageReplySection",
        "origbody",
    ];
    const SIGNATURES: [&str; 8] = [
        "gmail_signature",
        "moz-signature",
        "AppleMailSignature",
        "ymail_android_signature",
        "editorUserSignature",
        "ms-outlook-mobile-signature",
        "protonmail_signature_block",
        "tutanota-signature",
    ];
    if matches!(name, "s" | "strike" | "del") {
        return Hint::Struck;
    }
    if name == "blockquote" {
        let style = attribute(tag, "style").unwrap_or_default();
        let indent = (style.contains("border:none") || style.contains("border: none") || style.contains("border-style:none"))
            && attribute(tag, "class").is_none()
            && attribute(tag, "type").is_none()
            && attribute(tag, "cite").is_none();
        return if indent { Hint::None } else { Hint::Quote };
    }
    for attr in &tag.attrs {
        let value: &str = &attr.value;
        match &*attr.name.local {
            "class" | "id" | "name" | "title" | "data-marker" => {
                let has = |names: &[&str]| names.iter().any(|known| value.contains(known));
                if value == "quote" && name == "div" || has(&QUOTES) {
                    return Hint::Quote;
                }
                if has(&RESTS) {
                    return Hint::Rest;
                }
                if value.contains("gmail_attr") || value.contains("moz-cite-prefix") || value == "reply-intro" {
                    return Hint::Attribution;
                }
                if has(&SIGNATURES) || &*attr.name.local == "id" && (value == "Signature" || value == "x_Signature") {
                    return Hint::Signature;
                }
            }
            "style" if value.len() < 2_000 => {
                let mut tight = String::with_capacity(value.len());
                for c in value.chars().filter(|c| !c.is_whitespace()) {
                    let _ = write!(tight, "{}", c.to_ascii_lowercase());
                }
                if tight.contains("display:none") || tight.contains("mso-hide:all") {
                    return Hint::Hidden;
                }
                if tight.contains("line-through") {
                    return Hint::Struck;
                }
                let outlook =
                    tight.contains("border:none;border-top:solid#e1e1e1") || tight.contains("border:none;border-top:solid#b5c4df");
                let windows = tight.contains("padding-top:5px;border-top-color:rgb(229,229,229)");
                if (outlook || windows) && name == "div" {
                    return Hint::Rest;
                }
            }
            _ => {}
        }
    }
    Hint::None
}
