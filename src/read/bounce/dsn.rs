//! Machine-readable delivery reports (RFC 3464, 6533): blocks of fields, one block a recipient.
//!
//! One bad field never spoils the report.

use super::codes;
use crate::model::Address;
use crate::read::headers::{addresses_in, unfold};

/// More recipients of one report are left out.
const MAX_RECIPIENTS: usize = 500;

/// What a report says of one recipient.
#[derive(Default, Clone, Debug)]
pub(super) struct Recipient {
    pub(super) original: Option<Address>,
    pub(super) last: Option<Address>,
    pub(super) action: String,
    pub(super) status: Option<String>,
    pub(super) diagnostic: String,
}

/// Reads the fields of a `message/delivery-status` part.
pub(super) fn recipients(text: &str) -> Vec<Recipient> {
    let mut found = Vec::new();
    for block in blocks(text) {
        let mut recipient = Recipient::default();
        let mut named = false;
        let mut extra = String::new();
        for (name, value) in block {
            match name.as_str() {
                "original-recipient" => recipient.original = address(&value),
                "final-recipient" => {
                    named = true;
                    recipient.last = address(&value);
                }
                "x-actual-recipient" => recipient.last = recipient.last.or_else(|| address(&value)),
                "action" => {
                    named = true;
                    recipient.action = value.trim().to_ascii_lowercase();
                }
                "status" => {
                    named = true;
                    recipient.status = codes::enhanced(&value);
                }
                "diagnostic-code" => recipient.diagnostic = typed(&value),
                "x-supplementary-info" | "x-notes" | "x-postfix-diagnostic" => extra = value,
                _ => {}
            }
        }
        if !extra.is_empty() {
            recipient.diagnostic = format!("{} {extra}", recipient.diagnostic).trim().to_owned();
        }
        // 5.0.0 and 4.0.0 mean nothing: a better code often stands in the diagnostic.
        let vague = recipient.status.as_deref().is_none_or(|status| status.ends_with(".0.0"));
        if let Some(better) = codes::enhanced(&recipient.diagnostic).filter(|code| vague && !code.ends_with(".0.0")) {
            recipient.status = Some(better);
        }
        if named || recipient.original.is_some() {
            found.push(recipient);
        }
        if found.len() >= MAX_RECIPIENTS {
            break;
        }
    }
    found
}

/// Blocks of unfolded fields, names in lower case.
fn blocks(text: &str) -> Vec<Vec<(String, String)>> {
    let mut blocks = vec![Vec::new()];
    let mut fields = 0;
    for line in text.lines() {
        if line.trim().is_empty() {
            if blocks.last().is_some_and(|block: &Vec<_>| !block.is_empty()) {
                blocks.push(Vec::new());
            }
            continue;
        }
        let Some(block) = blocks.last_mut() else { continue };
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = block.last_mut() {
                let value: &mut String = value;
                if value.len() < 8_000 {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            }
        } else if let Some((name, value)) = line.split_once(':') {
            // Some servers leave the blank line between recipients out.
            let name = name.trim().to_ascii_lowercase();
            let again = matches!(name.as_str(), "final-recipient" | "original-recipient") && block.iter().any(|(seen, _)| *seen == name);
            let field = (name, value.trim().to_owned());
            if again {
                blocks.push(vec![field])
            } else {
                block.push(field)
            }
            fields += 1;
            if fields > 20_000 {
                break;
            }
        }
    }
    blocks
}

/// `rfc822; <ana@x.example>`, also with xtext (`+3D`), comments, or without a type.
fn address(value: &str) -> Option<Address> {
    let value = value.split_once(';').map_or(value, |(_, value)| value);
    let plain = value.split('(').next().unwrap_or(value).trim();
    let mut found = addresses_in(plain).into_iter();
    let first = found.next()?;
    if plain.contains("+40") || plain.contains("+2B") || plain.contains("+3D") {
        let decoded = plain.replace("+2B", "+").replace("+40", "@").replace("+3D", "=");
        return addresses_in(&decoded).into_iter().next().or(Some(first));
    }
    Some(first)
}

/// Without the type before the `;`.
fn typed(value: &str) -> String {
    let body = match value.split_once(';') {
        Some((kind, body)) if kind.trim().chars().all(|c| c.is_alphanumeric() || c == '-') && kind.len() < 30 => body,
        _ => value,
    };
    unfold(body).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_fold_and_blocks_may_touch() {
        let text = "Reporting-MTA: dns; mx.x.example\n\nOriginal-Recipient: rfc822;ana@x.example\nFinal-Recipient: rfc822;\n ana@y.example\n\
            Action: failed (bad destination)\nStatus: 5.0.0 (x)\nDiagnostic-Code: smtp; 550-5.1.1 no\n such user\nFinal-Recipient: LOCAL; <ion@x.example>\nAction: delayed\n";
        let found = recipients(text);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].original.as_ref().map(Address::as_str), Some("ana@x.example"));
        assert_eq!(found[0].last.as_ref().map(Address::as_str), Some("ana@y.example"));
        assert_eq!(found[0].status.as_deref(), Some("5.1.1"));
        assert_eq!(found[1].action, "delayed");
    }
}
