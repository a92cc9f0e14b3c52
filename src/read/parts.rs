//! The parts of a message as a flat list: what the guest typed, what machines attach; attached messages stay closed.

use super::charset;
use mail_parser::{
    Encoding, Message, MessagePart, MimeHeaders, PartType,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};
use std::borrow::Cow;

/// More parts than this are not looked at.
const MAX_PARTS: usize = 500;
/// Parts in so many multiparts are not looked at either.
const MAX_DEPTH: usize = 100;

/// One part that has no parts of its own.
pub(super) struct Leaf<'m> {
    pub(super) part: &'m MessagePart<'m>,
    /// `text/plain`, in lower case; what has no declaration is plain text.
    pub(super) mime: String,
    pub(super) file_name: Option<&'m str>,
    pub(super) attachment: bool,
    /// Where a part stands: 0 is the body itself or a part of the outermost multipart.
    pub(super) depth: usize,
    /// It stands in a multipart/alternative, at any depth.
    pub(super) alternative: bool,
}

/// The content type of a part in lower case.
pub(super) fn mime(part: &MessagePart<'_>) -> String {
    let Some(declared) = part.content_type() else { return "text/plain".to_owned() };
    let mut mime = [declared.ctype(), "/", declared.subtype().unwrap_or_default()].concat();
    mime.make_ascii_lowercase();
    mime
}

/// All leaves in their order, and whether there are more parts than were looked at.
pub(super) fn leaves<'m>(message: &'m Message<'m>) -> (Vec<Leaf<'m>>, bool) {
    let mut leaves = Vec::new();
    let mut stack = vec![(0u32, 0usize, false)];
    let (mut seen, mut cut) = (0, false);
    while let Some((id, depth, alternative)) = stack.pop() {
        seen += 1;
        if seen > MAX_PARTS {
            cut = true;
            break;
        }
        let Some(part) = message.parts.get(id as usize) else { continue };
        if let PartType::Multipart(children) = &part.body {
            if depth >= MAX_DEPTH {
                cut = true;
            } else {
                let alternative = alternative || mime(part) == "multipart/alternative";
                stack.extend(children.iter().rev().filter(|child| **child > id).map(|child| (*child, depth + 1, alternative)));
            }
            continue;
        }
        leaves.push(Leaf {
            part,
            mime: mime(part),
            file_name: part.attachment_name(),
            attachment: part.content_disposition().is_some_and(|disposition| disposition.is_attachment()),
            depth: depth.saturating_sub(1),
            alternative,
        });
    }
    (leaves, cut)
}

impl<'m> Leaf<'m> {
    pub(super) fn charset(&self) -> Option<&'m str> {
        self.part.content_type().and_then(|ct| ct.attribute("charset"))
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&'m str> {
        self.part.content_type().and_then(|ct| ct.attribute(name))
    }

    /// The text of a part; a wrong declaration of its charset is mended.
    pub(super) fn text(&self, message: &'m Message<'m>, tld: Option<&str>) -> Cow<'m, str> {
        match &self.part.body {
            PartType::Text(text) | PartType::Html(text) => {
                let lost = text.contains('\u{FFFD}');
                if !lost && (text.is_ascii() || !charset::is_doubtful(self.charset())) {
                    return Cow::Borrowed(text);
                }
                let declared_utf8 = self.charset().is_some_and(|label| label.to_ascii_lowercase().starts_with("utf"));
                if declared_utf8 && !lost {
                    return Cow::Borrowed(text);
                }
                match self.bytes(message) {
                    Some(bytes) => Cow::Owned(charset::guess(&bytes, self.charset(), tld).into_owned()),
                    None => Cow::Borrowed(text),
                }
            }
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Cow::Owned(charset::guess(bytes, self.charset(), tld).into_owned()),
            PartType::Message(_) | PartType::Multipart(_) => Cow::Borrowed(""),
        }
    }

    /// The bytes of a part, transfer-decoded.
    pub(super) fn bytes(&self, message: &'m Message<'m>) -> Option<Cow<'m, [u8]>> {
        if let PartType::Binary(bytes) | PartType::InlineBinary(bytes) = &self.part.body {
            return Some(Cow::Borrowed(bytes));
        }
        let raw = message.raw_message.get(self.part.offset_body as usize..self.part.offset_end as usize)?;
        match self.part.encoding {
            Encoding::None => Some(Cow::Borrowed(raw)),
            Encoding::QuotedPrintable => quoted_printable_decode(raw).map(Cow::Owned),
            Encoding::Base64 => base64_decode(raw).map(Cow::Owned),
        }
    }
}
