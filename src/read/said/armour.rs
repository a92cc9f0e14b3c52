//! The armour of OpenPGP (RFC 9580 §6.2 and §7): the lines that programs put around a signed text and below it. The words stay.

use super::line::Line;

/// So many lines of fields ("Hash: SHA512") stand at the head of a block at most.
const MAX_FIELDS: usize = 10;
/// In a block without an end a shorter line is a word, in bytes.
const MIN_DATA: usize = 40;
const FIELDS: [&str; 6] = ["Hash:", "Version:", "Comment:", "Charset:", "MessageID:", "SignedMessage:"];

/// Where in a block a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    /// At the head of a signed text, or in it.
    Head,
    Signed,
    /// At the head of a block of data with so many lines of fields above, or in it.
    Fields(usize),
    Data,
}

/// Empties the unquoted lines that are armour, and undoes the escaping of those that were signed.
///
/// Returns where the first encrypted message begins, if there is one: what was typed in it cannot be read.
pub(super) fn take(lines: &mut [Line<'_>]) -> Option<usize> {
    let last_end = lines.iter().rposition(|line| line.depth == 0 && label(line.text).is_some_and(|label| label.starts_with("END ")));
    let mut place = Place::Outside;
    let mut encrypted = None;
    for (at, line) in lines.iter_mut().enumerate().filter(|(_, line)| line.depth == 0) {
        if let Some(label) = label(line.text) {
            place = match label.strip_prefix("BEGIN PGP ") {
                Some("SIGNED MESSAGE") => Place::Head,
                Some(_) => Place::Fields(0),
                None => Place::Outside,
            };
            encrypted = encrypted.or(Some(at).filter(|_| label.starts_with("BEGIN PGP MESSAGE")));
            line.text = "";
            continue;
        }
        let is_closed = last_end.is_some_and(|end| at < end);
        place = match place {
            Place::Head if is_field(line.text) => Place::Head,
            Place::Head | Place::Signed => Place::Signed,
            Place::Fields(_) if line.is_blank() => Place::Data,
            // A long comment goes on in the next line.
            Place::Fields(above) if is_field(line.text) || is_closed && above > 0 && above < MAX_FIELDS => Place::Fields(above + 1),
            Place::Fields(_) | Place::Data if line.is_blank() || is_field(line.text) || is_data(line.text, is_closed) => Place::Data,
            Place::Fields(_) | Place::Data | Place::Outside => Place::Outside,
        };
        match place {
            Place::Signed => line.text = line.text.strip_prefix("- ").unwrap_or(line.text),
            Place::Head | Place::Fields(_) | Place::Data => line.text = "",
            Place::Outside => {}
        }
    }
    encrypted
}

/// What stands between the dashes of `-----BEGIN PGP SIGNATURE-----` and the like.
fn label(text: &str) -> Option<&str> {
    let label = text.trim().strip_prefix("-----")?.strip_suffix("-----")?;
    ["BEGIN PGP ", "END PGP "].iter().any(|start| label.starts_with(start)).then_some(label)
}

fn is_field(text: &str) -> bool {
    FIELDS.iter().any(|field| text.trim_start().starts_with(field))
}

/// Base64, or its checksum.
fn is_data(text: &str, is_closed: bool) -> bool {
    let text = text.trim();
    let is_checksum = text.len() == 5 && text.starts_with('=');
    let is_base64 = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    is_base64 && (is_closed || is_checksum || text.len() >= MIN_DATA)
}

#[cfg(test)]
mod tests {
    use super::super::line::split;
    use super::*;

    const DATA: &str = "iQEzBAEBCgAdFiEE1x2y3z4w5v6u7t8s9r0q1p2o3n4m5l6k7j8i9h0g1f2e3d4c";

    fn taken(text: &str) -> (Option<usize>, Vec<&str>) {
        let mut lines = split(text);
        let encrypted = take(&mut lines);
        (encrypted, lines.into_iter().filter(|line| !line.is_blank()).map(|line| line.text).collect())
    }

    #[test]
    fn the_signed_words_stay_and_are_unescaped() {
        let signature = format!(
            "-----BEGIN PGP SIGNATURE-----\nVersion: GnuPG v2\nComment: Using GnuPG -\nhttp://x.example/\n\n{DATA}\nkZ3Q\n=aB3d\n-----END PGP SIGNATURE-----"
        );
        let begin = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n";
        let text = format!("{begin}\nI will come.\nHash: no field.\n- -----\n- - two\n- --\nAna\n{signature}\nfooter\n- a list");
        assert_eq!(taken(&text), (None, vec!["I will come.", "Hash: no field.", "-----", "- two", "--", "Ana", "footer", "- a list"]));
        assert_eq!(taken(&format!("{begin}I will come.\n{signature}")).1, ["I will come."], "without a blank line");
        assert_eq!(
            taken(&format!("I will come.\n-----BEGIN PGP SIGNATURE-----\n\n{DATA}\nI am two.\nYes")).1,
            ["I will come.", "I am two.", "Yes"]
        );
    }

    #[test]
    fn an_encrypted_message_is_found() {
        let text = format!("Hello\n-----BEGIN PGP MESSAGE-----\n\n{DATA}\n=aB3d\n-----END PGP MESSAGE-----\nAna");
        assert_eq!(taken(&text), (Some(1), vec!["Hello", "Ana"]));
        assert_eq!(taken(&text.replace('\n', "\n> ")).0, None, "a quoted one");
    }

    #[test]
    fn what_only_looks_like_armour_stays() {
        for text in ["-----\nI come.\n-----", "-----BEGIN-----\nYes", "Comment: we come", "- we come\n- by bus", "-----END OF STORY-----"] {
            assert_eq!(taken(text), (None, text.lines().collect()), "{text}");
        }
    }
}
