//! What is attached and was not read: the answer may stand in a file that the text only announces.

use super::{headers::Headers, parts::Leaf};
use crate::model::{Mail, mail::UNREAD_FILE};
use mail_parser::PartType;

/// A smaller picture is a logo, not a letter on paper.
const MIN_PICTURE: usize = 50 * 1024;
/// So much of its name is told, in characters.
const MAX_NAME: usize = 80;

/// The note of the first part that may hold an answer and was not read.
pub(super) fn unread(mail: &Mail, leaves: &[Leaf<'_>]) -> Option<String> {
    let leaf = leaves.iter().find(|leaf| is_unread(leaf) && !is_answered(mail, leaf))?;
    let name = leaf.file_name.map(str::trim).filter(|name| !name.is_empty()).unwrap_or(&leaf.mime);
    let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    Some(format!("{UNREAD_FILE}{name}"))
}

/// All but what was read, what programs put beside a text by themselves, and small pictures.
fn is_unread(leaf: &Leaf<'_>) -> bool {
    const BY_THEMSELVES: [&str; 18] = [
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
        "application/pgp-encrypted",
        "application/ms-tnef",
        "application/vnd.ms-tnef",
        "application/calendar",
        "application/ics",
        "application/applefile",
        "text/calendar",
        "text/x-vcalendar",
        "text/vcard",
        "text/x-vcard",
        "text/directory",
        "text/rfc822-headers",
        "message/delivery-status",
        "message/disposition-notification",
    ];
    const ENDINGS: [&str; 4] = [".ics", ".vcf", ".p7s", "winmail.dat"];
    let name = leaf.file_name.unwrap_or_default().to_ascii_lowercase();
    if BY_THEMSELVES.contains(&leaf.mime.as_str()) || ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        return false;
    }
    match leaf.mime.split_once('/').map_or(leaf.mime.as_str(), |(kind, _)| kind) {
        "text" => leaf.attachment || !name.is_empty() && !leaf.alternative,
        "image" => size(leaf) >= MIN_PICTURE,
        _ => true,
    }
}

fn size(leaf: &Leaf<'_>) -> usize {
    match &leaf.part.body {
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.len(),
        PartType::Text(text) | PartType::Html(text) => text.len(),
        PartType::Message(_) | PartType::Multipart(_) => 0,
    }
}

/// A message that this one answers, attached: our own letter.
fn is_answered(mail: &Mail, leaf: &Leaf<'_>) -> bool {
    let PartType::Message(message) = &leaf.part.body else { return false };
    let id = Headers::of(message).ids("Message-ID").into_iter().next();
    id.is_some_and(|id| mail.in_reply_to.contains(&id) || mail.references.contains(&id))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is noted of a reply with such a part beside its text.
    fn noted(part: &str) -> Option<String> {
        let raw = format!(
            "From: Ana <ana@x.example>\r\nSubject: Re: Gala\r\nIn-Reply-To: <ours@us.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nOur reply is attached.\r\n\
             --b\r\n{part}\r\n--b--\r\n"
        );
        let mail = crate::read::mail(raw.as_bytes(), &crate::read::Context::default());
        assert_eq!(mail.said, "Our reply is attached.", "{part}");
        mail.notes.iter().find_map(|note| note.strip_prefix(UNREAD_FILE)).map(str::to_owned)
    }

    #[test]
    fn what_may_hold_an_answer_is_told_by_its_name() {
        for (part, name) in [
            ("Content-Type: application/pdf; name=reply.pdf\r\n\r\n%PDF", "reply.pdf"),
            ("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.docx\r\n\r\nx", "a.docx"),
            ("Content-Type: text/html; name=message.html\r\nContent-Disposition: attachment\r\n\r\n<p>Yes", "message.html"),
            ("Content-Type: message/rfc822\r\n\r\nFrom: b@x.example\r\nMessage-ID: <b@x.example>\r\n\r\nI come.", "message/rfc822"),
            ("Content-Type: application/x-microsoft-rpmsg-message; name=message_v4.rpmsg\r\n\r\nx", "message_v4.rpmsg"),
        ] {
            assert_eq!(noted(part).as_deref(), Some(name), "{part}");
        }
        let picture = format!("Content-Type: image/jpeg; name=scan.jpg\r\n\r\n{}", "x".repeat(MIN_PICTURE));
        assert_eq!(noted(&picture).as_deref(), Some("scan.jpg"));
    }

    #[test]
    fn what_programs_attach_and_our_own_letter_hold_none() {
        for part in [
            "Content-Type: image/png; name=logo.png\r\n\r\nx",
            "Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nx",
            "Content-Type: application/pgp-signature\r\n\r\nx",
            "Content-Type: text/vcard; name=ana.vcf\r\n\r\nBEGIN:VCARD",
            "Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx",
            "Content-Type: message/rfc822\r\n\r\nFrom: us@us.example\r\nMessage-ID: <ours@us.example>\r\n\r\nPlease come.",
        ] {
            assert_eq!(noted(part), None, "{part}");
        }
    }
}
