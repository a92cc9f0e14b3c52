//! Blocks that open a quoted message: header labels (`De la: / Trimis: / Către: / Subiect:`) and "original message" rules.

use super::attribution::{date_and_time, has_address};
use super::line::{Line, ends_sentence};
use crate::read::words::{LABELS, RULES, Role, VERBS, fold};

/// The longest label, in bytes.
const MAX_LABEL: usize = 48;
/// The longest label without a colon that begins a header, in bytes.
const MAX_BARE: usize = 24;
/// So many lines one line above a quote may be wrapped over.
const MAX_WRAP: usize = 4;
/// A longer line of these is text, in bytes.
const MAX_WRAPPED: usize = 300;
/// How many lines a header block may have.
const MAX_BLOCK: usize = 24;

/// Where a block that opens a quoted message begins and ends (exclusive).
pub(super) struct Block {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A header block or an "original message" rule that begins at `at`.
pub(super) fn starting_at(lines: &[Line<'_>], at: usize) -> Option<Block> {
    let line = lines.get(at)?;
    let text = line.text.trim();
    let first = text.chars().next()?;
    if (is_rule_char(first) || text.len() < 90) && is_original_rule(text) {
        let end = header_block(lines, at + 1, true).unwrap_or(at + 1);
        return Some(Block { start: at, end });
    }
    // "----- whatever their program calls it -----": a header block straight below makes it a rule.
    if is_worded_rule(text)
        && let Some(end) = header_block(lines, at + 1, true)
    {
        return Some(Block { start: at, end });
    }
    if is_plain_rule(text) {
        let next = (at + 1..lines.len().min(at + 4)).find(|next| lines.get(*next).is_some_and(|line| !line.is_blank()))?;
        return header_block(lines, next, true).map(|end| Block { start: at, end });
    }
    // A label has a colon early in the line: most lines are done with here.
    if !has_early_colon(text) {
        return None;
    }
    header_block(lines, at, false).map(|end| Block { start: at, end })
}

/// A header without colons, as Lotus Notes writes it, whose label of the recipients stands at `at`: who wrote and when on the
/// lines above, of which the first is not before `first`, then each label on a line of its own, with its value below it.
pub(super) fn bare(lines: &[Line<'_>], first: usize, at: usize) -> Option<Block> {
    let role = |line: &Line<'_>| LABELS.get(fold(line.text.get(..MAX_LABEL).unwrap_or(line.text).trim()).as_ref()).copied();
    let here = lines.get(at).filter(|line| line.text.len() <= MAX_BARE && role(line) == Some(Role::To))?;
    let labels: Vec<(usize, Role)> = (at..lines.len().min(at + MAX_BLOCK / 2))
        .map_while(|index| lines.get(index).filter(|line| line.depth == here.depth).map(|line| (index, role(line))))
        .filter_map(|(index, role)| role.map(|role| (index, role)))
        .collect();
    labels.get(1).filter(|(_, role)| *role == Role::Cc)?;
    let (subject, _) = labels.iter().find(|(_, role)| *role == Role::Subject)?;
    let mut above = (first..at).rev().filter(|index| lines.get(*index).is_some_and(|line| !line.is_blank())).take(2);
    let text = |index: usize| lines.get(index).map_or("", |line| line.text.trim());
    let sent = above.next().filter(|index| at - index <= 3 && date_and_time(&fold(text(*index))).0)?;
    let is_writer = |text: &str| (has_address(text) || text.contains('/')) && !ends_sentence(text);
    let start = above.next().filter(|index| index + 1 == sent && is_writer(text(*index))).unwrap_or(sent);
    let value = lines.get(subject + 1).filter(|line| !line.is_blank() && line.depth == here.depth);
    Some(Block { start, end: subject + 1 + usize::from(value.is_some()) })
}

fn has_early_colon(text: &str) -> bool {
    let head = text.as_bytes().get(..MAX_LABEL).unwrap_or(text.as_bytes());
    memchr::memchr(b':', head).is_some() || !text.is_ascii() && text.chars().take(MAX_LABEL).any(|c| c == '：')
}

/// `Label: value`.
pub(super) fn is_labelled(text: &str) -> bool {
    label(text).is_some()
}

/// The role and the value of `Label: value`; stars of bold text are ignored.
fn label(text: &str) -> Option<(Role, &str)> {
    let (label, value) = text.split_once([':', '：'])?;
    if label.len() > MAX_LABEL {
        return None;
    }
    let label = label.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '|' | '-' | '[' | ']'));
    let role = LABELS.get(fold(label).as_ref())?;
    Some((*role, value.trim_matches(|c: char| c.is_whitespace() || c == '*')))
}

/// The end of the header block that begins at `at`. After a rule two labels are enough.
///
/// Without a rule somebody must be named who wrote: people fill in forms of a date, a guest and a subject.
fn header_block(lines: &[Line<'_>], at: usize, after_rule: bool) -> Option<usize> {
    let depth = lines.get(at)?.depth;
    let (mut from, mut sent, mut to, mut subject, mut address, mut when) = (false, false, false, false, false, false);
    let mut roles = 0;
    let mut end = None;
    let mut loose = 0;
    let mut blank = 0;
    for (index, line) in lines.iter().enumerate().skip(at).take(MAX_BLOCK) {
        if line.depth != depth {
            break;
        }
        if line.is_blank() {
            blank += 1;
            if blank > 1 {
                break;
            }
            continue;
        }
        let text = line.text.trim();
        if let Some((role, value)) = label(text) {
            match role {
                Role::From => from = true,
                Role::Sent => sent = true,
                Role::To => to = true,
                Role::Subject => subject = true,
                Role::Cc | Role::Other => {}
            }
            address |= has_address(value);
            let (date, time) = date_and_time(value);
            when |= date || time;
            roles += 1 + glued(value, &mut sent, &mut to, &mut subject);
            end = Some(index + 1);
            loose = 0;
            blank = 0;
            continue;
        }
        // The first line must be a label; a value may be wrapped over two lines, but not behind a blank one.
        if index == at || blank > 0 {
            break;
        }
        address |= has_address(text);
        loose += 1;
        if loose > 2 {
            break;
        }
    }
    let main = usize::from(from) + usize::from(sent) + usize::from(to) + usize::from(subject);
    let believable =
        if after_rule { main >= 2 } else { from && (main >= 3 && (subject || address) || main >= 2 && roles >= 2 && address && when) };
    end.filter(|_| believable)
}

/// Yahoo glues labels on one line: `De la: A Către: B Trimis: … Subiect: …`. How many more stand in this value?
fn glued(value: &str, sent: &mut bool, to: &mut bool, subject: &mut bool) -> usize {
    let mut count = 0;
    let mut rest = value;
    while let Some((before, after)) = rest.split_once(':') {
        let mut words = before.split_whitespace().rev();
        let last = words.next().unwrap_or_default();
        let two = format!("{} {last}", words.next().unwrap_or_default());
        if last.len() <= MAX_LABEL && two.len() <= 2 * MAX_LABEL {
            let role = LABELS.get(fold(last).as_ref()).or_else(|| LABELS.get(fold(&two).as_ref()));
            match role {
                Some(Role::Sent) => *sent = true,
                Some(Role::To) => *to = true,
                Some(Role::Subject) => *subject = true,
                _ => {}
            }
            count += usize::from(role.is_some());
        }
        rest = after;
        if count > 8 {
            break;
        }
    }
    count
}

fn is_rule_char(c: char) -> bool {
    matches!(c, '-' | '_' | '=' | '*' | '—' | '–' | '~' | '#' | '>')
}

fn rule_chars(text: &str) -> usize {
    if text.is_ascii() {
        return text.bytes().filter(|byte| matches!(byte, b'-' | b'_' | b'=' | b'*' | b'~' | b'#' | b'>')).count();
    }
    text.chars().filter(|c| is_rule_char(*c)).count()
}

/// A line of one sign only, at least five times: what stands above a header block.
pub(super) fn is_plain_rule(text: &str) -> bool {
    text.len() >= 3 && text.chars().all(|c| is_rule_char(c) && c != '>' || c == ' ') && !text.contains("- -")
}

/// Three signs or more on both sides of a few words: `----- Mail original -----`.
fn is_worded_rule(text: &str) -> bool {
    let inner = text.strip_prefix("---").and_then(|rest| rest.strip_suffix("---"));
    inner.is_some_and(|inner| inner.len() <= 90 && inner.contains(char::is_alphabetic))
}

/// The end of a header in boxes, as Lotus Notes draws it, that begins at `at`: `|------------>`, `| From:      |`.
///
/// Its borders look like marks of quotes, so the depth of its lines says nothing.
pub(super) fn boxed(lines: &[Line<'_>], at: usize) -> Option<usize> {
    let is_border = |text: &str| text.len() >= 6 && text.trim_end_matches('>').bytes().all(|byte| byte == b'-');
    let first = lines.get(at).filter(|line| line.text.trim_end().ends_with("-->"))?;
    if !is_border(unboxed(first.text)) {
        return None;
    }
    let (mut roles, mut end) = (Vec::new(), at + 1);
    for (index, line) in lines.iter().enumerate().skip(at + 1).take(4 * MAX_BLOCK) {
        let text = line.text.trim();
        let inside = unboxed(text);
        if !is_border(inside) && line.depth == 0 && !text.starts_with('|') && !text.ends_with('|') {
            break;
        }
        roles.extend(label(inside).map(|(role, _)| role));
        end = index + 1;
    }
    let main = |role: &Role| matches!(role, Role::From | Role::To | Role::Sent | Role::Subject);
    (roles.contains(&Role::From) && roles.iter().filter(|role| main(role)).count() >= 2).then_some(end)
}

/// The end of the line above a quote that GroupWise writes, which begins at `at`: `>>> Ana Pop <ana@x.example> 24.02.2026 18:30 >>>`, or
/// `>>> On 24.02.2026 at 18:30, in message <…>, Ana Pop <ana@x.example> wrote:` over several lines.
///
/// Its signs look like marks of quotes, but what stands below it need not carry any.
pub(super) fn group_wise(lines: &[Line<'_>], at: usize) -> Option<usize> {
    let first = lines.get(at).filter(|line| !line.text.starts_with('>'))?;
    let most = match first.depth {
        3 => MAX_WRAP,
        // In HTML all marks of a line count as one.
        1 => 1,
        _ => return None,
    };
    let mut joined = String::new();
    for (index, line) in lines.iter().enumerate().skip(at).take(most) {
        if line.is_blank() || line.text.len() > MAX_WRAPPED || index > at && line.depth > 0 {
            return None;
        }
        joined.push_str(line.text.trim());
        joined.push(' ');
        let text = joined.trim_end();
        if let Some(inner) = text.strip_suffix(">>>") {
            return (date_and_time(&fold(inner)).0 || has_address(inner)).then_some(index + 1);
        }
        if index > at && text.ends_with(':') {
            let opens = !ends_sentence(first.text) && date_and_time(&fold(first.text)) == (true, true);
            return (opens && has_address(text) && VERBS.is_in(&fold(text))).then_some(index + 1);
        }
    }
    None
}

fn unboxed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '|')
}

/// `##- Please type your reply above this line -##`, in any language: a help desk asks for it.
pub(super) fn is_help_desk(text: &str) -> bool {
    text.trim().strip_prefix("##-").and_then(|rest| rest.strip_suffix("-##")).is_some_and(|inner| inner.contains(char::is_alphabetic))
}

/// Where a rule and a line with a name and a date stand at `at`, as a help desk puts them above each message: behind them.
pub(super) fn message_of_help_desk(lines: &[Line<'_>], at: usize) -> Option<usize> {
    lines.get(at).filter(|line| line.text.len() >= 10 && is_plain_rule(line.text.trim()))?;
    let next = (at + 1..lines.len().min(at + 4)).find(|next| lines.get(*next).is_some_and(|line| !line.is_blank()))?;
    lines.get(next).is_some_and(|line| date_and_time(&fold(line.text)).0).then_some(next + 1)
}

/// `-----Original Message-----`, `*-------- Mesaj original --------*`, `Begin forwarded message:`.
fn is_original_rule(text: &str) -> bool {
    let dashes = rule_chars(text);
    let bare = text.ends_with(':') || text.ends_with("：");
    if dashes < 2 && !bare {
        return false;
    }
    let inner = text.trim_matches(|c: char| is_rule_char(c) || c.is_whitespace() || matches!(c, '.' | ':' | '[' | ']' | '<'));
    if inner.is_empty() || inner.len() > 90 {
        return false;
    }
    let folded = fold(inner);
    let known = RULES.iter().any(|rule| {
        folded == *rule
            || dashes >= 4 && folded.starts_with(rule.as_str()) && folded.len() <= rule.len() + 40
            || dashes >= 4 && folded.ends_with(rule.as_str())
    });
    // "---- Ana Pop a scris ----" without an address is Android's.
    known && (dashes >= 2 || folded.contains(' ')) || dashes >= 6 && VERBS.is_in(&folded) && text.trim_start_matches('*').starts_with("--")
}

#[cfg(test)]
mod tests {
    use super::super::line::split;
    use super::*;

    fn block(text: &str) -> Option<(usize, usize)> {
        starting_at(&split(text), 0).map(|block| (block.start, block.end))
    }

    #[test]
    fn header_blocks_of_many_languages() {
        for text in [
            "From: Ana <ana@x.example>\nSent: Monday, 2 March 2026 10:00\nTo: Ion\nSubject: Invitation\n\nText",
            "De la: Ana <ana@x.example>\nTrimis: luni, 2 martie 2026 10:00\nCătre: Ion\nSubiect: Invitație",
            "*Von:* Ana\n*Gesendet:* Montag, 2. März 2026\n*An:* Ion\n*Betreff:* Einladung",
            "________________________________\nLähettäjä: Ana <ana@x.example>\nLähetetty: 2.3.2026 10.00",
            "-----Mensaje original-----\nDe: Ana\nAsunto: x",
            "De la: Ana <a@x.example> Către: Ion <i@x.example> Trimis: luni, 2 martie 2026 Subiect: Invitație",
            "-------- Oprindelig besked --------",
            "Begin forwarded message:",
            "----- Mail original -----\nDe: Ana <ana@x.example>\nÀ: Ion\nObjet: Invitation",
            "--- Whatever It Is Called ---\nFrom: Ana <ana@x.example>\nSubject: Invitation",
        ] {
            assert!(block(text).is_some(), "{text}");
        }
    }

    #[test]
    fn a_header_in_boxes_is_one() {
        let lines = "|------------>\n| From:      |\n|------------>\n  >-----------------|\n  |Ana <ana@x.example>  |\n  >-----------------|\n\
            |------------>\n| Date:      |\n|------------>\n  >-----------------|\n  |29.11.2026   |\n  >-----------------|\n\nText";
        assert_eq!(boxed(&split(lines), 0), Some(12));
        for text in ["|---->\n| From: Deva |\n\nText", "-------->\nDa, vin.", "|------|\n| Da |\n|------|", "------->"] {
            assert_eq!(boxed(&split(text), 0), None, "{text}");
        }
    }

    #[test]
    fn a_header_without_colons_is_one_below_a_name_and_a_date() {
        let at = |text: &str| {
            let lines = split(text);
            (0..lines.len()).find_map(|at| bare(&lines, 0, at)).map(|block| (block.start, block.end))
        };
        let header = "Workshop <workshop@x.example>\n30.11.2026 13:15\n\nAn\nAna Pop <ana@y.example>\nKopie\n\nThema\nEinladung\n\nText";
        assert_eq!(at(&format!("Leider nicht.\n\n{header}")), Some((2, 11)));
        assert_eq!(at("Ana/Firma\n02/12/2026 10:00\nTo\nBen/Firma\ncc\n\nSubject\n\nText"), Some((0, 7)));
        assert_eq!(at("Ich komme nicht am 10.12.2026.\n30.11.2026 13:15\nAn\nEva\nKopie\nThema\nx"), Some((1, 7)));
        for text in ["An\nEva\nKopie\nThema\nx", "Ich komme am 10.12.2026\nAn\nEva\nThema\nx", "To\nbe\nhonest"] {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn what_people_type_is_no_header_block() {
        for text in [
            "De la: București\nLa: Timișoara\nData: 10.11.2026",
            "To: be honest\nI come.",
            "Data: 10 noiembrie\nOra: 13",
            "Subiect: am o întrebare",
            "Date : 10/12/2026 à 13h15\nPour : Marie Dupont (marie@mairie.fr)\nObjet : atelier PME",
            "Datum: 10.12.2026, 13:15\nAn: Eva Maier (eva@stadt.example)",
            "----------",
            "----- Da, vin -----",
            "----- Da, vin -----\nData: 10.11.2026",
            "- da -",
        ] {
            assert!(block(text).is_none(), "{text}");
        }
    }
}
