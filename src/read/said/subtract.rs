//! Takes away the text that we sent to this guest, however their program re-wrapped or mangled it.
//!
//! Words are compared, not lines: folded, without punctuation, without links. A run must begin with
//! eight words of ours in our order, then reaches as far as both texts agree, so what the guest
//! typed in words of their own is never touched.

use super::line::{Line, Mark};
use crate::read::words::fold;
use std::collections::HashMap;

/// So many words in our order prove that they are ours.
const SHINGLE: usize = 8;
/// How far behind a run its continuation is looked for, in words: the guest's answer between our lines.
const REACH: usize = 120;
/// At most so many words of what we sent are compared.
const MAX_WORDS: usize = 60_000;

/// What we sent, ready to be compared.
pub(super) struct Ours {
    words: Vec<u64>,
    shingles: HashMap<u64, u32>,
}

/// What is ours in a body.
pub(super) struct Taken {
    /// By line.
    pub(super) ours: Vec<bool>,
    /// How many words of ours were found.
    pub(super) words: usize,
    /// The lines of marked quotes that stand between ours, as deep as they, and are none of it.
    pub(super) strange: Vec<usize>,
}

struct Word {
    hash: u64,
    line: usize,
    start: usize,
    end: usize,
    first: bool,
}

impl Ours {
    pub(super) fn new(sent: &[String]) -> Option<Self> {
        let mut words = Vec::new();
        for text in sent {
            for line in text.lines() {
                each_word(line.trim_start_matches(['>', ' ']), |hash, _, _| words.push(hash));
            }
            if words.len() > MAX_WORDS {
                words.truncate(MAX_WORDS);
                break;
            }
        }
        if words.len() < SHINGLE {
            return None;
        }
        let mut shingles = HashMap::with_capacity(words.len());
        for (at, window) in words.windows(SHINGLE).enumerate() {
            shingles.entry(mix(window.iter().copied())).or_insert(u32::try_from(at).unwrap_or(u32::MAX));
        }
        Some(Self { words, shingles })
    }

    /// Marks the lines that are ours, and cuts our words off lines that hold more than ours.
    pub(super) fn take(&self, lines: &mut [Line<'_>]) -> Taken {
        let strange = self.strange(lines);
        let words = body_words(lines, |line| line.depth == 0);
        let covered = self.cover(&words);
        let mut all = vec![0usize; lines.len()];
        let mut mine = vec![0usize; lines.len()];
        for (word, covered) in words.iter().zip(&covered) {
            if let (Some(all), Some(mine)) = (all.get_mut(word.line), mine.get_mut(word.line)) {
                *all += 1;
                *mine += usize::from(*covered);
            }
        }
        let mut ours: Vec<bool> =
            all.iter().zip(&mine).map(|(all, mine)| *mine > 0 && (mine == all || *all >= SHINGLE && mine * 10 >= all * 8)).collect();
        cut_lines(lines, &words, &covered, &ours);
        fill_gaps(lines, &all, &mut ours);
        Taken { ours, words: covered.iter().filter(|covered| **covered).count(), strange }
    }

    /// What was typed into a marked quote: not a word of such a line is ours.
    fn strange(&self, lines: &[Line<'_>]) -> Vec<usize> {
        let words = body_words(lines, |line| line.depth > 0);
        let covered = self.cover(&words);
        // Of each line with words, whether some are ours.
        let mut mine: Vec<(usize, bool)> = Vec::new();
        for (word, covered) in words.iter().zip(&covered) {
            match mine.last_mut().filter(|(line, _)| *line == word.line) {
                Some((_, some)) => *some |= *covered,
                None => mine.push((word.line, *covered)),
            }
        }
        let depth = |line: usize| lines.get(line).map(|line| line.depth);
        let mut strange = Vec::new();
        let mut waiting = Vec::new();
        let mut above = None;
        for (line, mine) in mine {
            if !mine {
                waiting.push(line);
                continue;
            }
            let between = above.is_some() && above == depth(line);
            strange.extend(waiting.drain(..).filter(|line| between && depth(*line) == above));
            above = depth(line);
        }
        strange
    }

    /// Which words of the body are covered by runs of ours. Linear: every word is passed once, plus the bounded look ahead.
    fn cover(&self, words: &[Word]) -> Vec<bool> {
        let mut covered = vec![false; words.len()];
        let same = |body: usize, our: usize| match (words.get(body), self.words.get(our)) {
            (Some(word), Some(ours)) => word.hash == *ours,
            _ => false,
        };
        let mut at = 0;
        let mut done = 0;
        while at + SHINGLE <= words.len() {
            let key = mix(words.iter().skip(at).take(SHINGLE).map(|word| word.hash));
            let Some(our) = self.shingles.get(&key).map(|our| *our as usize).filter(|our| (0..SHINGLE).all(|i| same(at + i, our + i)))
            else {
                at += 1;
                continue;
            };
            let mut back = 0;
            while at > done + back && our > back && same(at - back - 1, our - back - 1) {
                back += 1;
            }
            covered.iter_mut().take(at + SHINGLE).skip(at - back).for_each(|word| *word = true);
            let (mut body, mut ours) = (at + SHINGLE, our + SHINGLE);
            loop {
                while same(body, ours) {
                    // "Da, particip" typed between our lines may be the very words that come next in ours.
                    if let Some(better) = self.better_start(words, body, ours) {
                        body = better;
                    }
                    if let Some(word) = covered.get_mut(body) {
                        *word = true;
                    }
                    body += 1;
                    ours += 1;
                }
                // Their program may have lost a few of our words, the guest may have put an answer between.
                let resumed =
                    (body..(body + REACH).min(words.len())).filter(|next| words.get(*next).is_some_and(|word| word.first)).find(|next| {
                        same(*next, ours) && same(next + 1, ours + 1) && (same(next + 2, ours + 2) || ours + 2 >= self.words.len())
                    });
                let Some(next) = resumed else { break };
                body = next;
            }
            at = body;
            done = body;
        }
        covered
    }

    /// Where a line that goes on in our words soon stops, and a line below goes on longer: that line.
    fn better_start(&self, words: &[Word], body: usize, ours: usize) -> Option<usize> {
        let agree = |at: usize| (0..SHINGLE).take_while(|i| words.get(at + i).map(|w| w.hash) == self.words.get(ours + i).copied()).count();
        if !words.get(body)?.first {
            return None;
        }
        let here = agree(body);
        if here >= SHINGLE || ours + here >= self.words.len() {
            return None;
        }
        (body + 1..(body + REACH).min(words.len())).filter(|at| words.get(*at).is_some_and(|word| word.first)).find(|at| agree(*at) > here)
    }
}

fn body_words(lines: &[Line<'_>], of: impl Fn(&Line<'_>) -> bool) -> Vec<Word> {
    let mut words = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if !of(line) || line.mark == Mark::Signature {
            continue;
        }
        let mut first = true;
        each_word(line.text, |hash, start, end| {
            words.push(Word { hash, line: index, start, end, first });
            first = false;
        });
    }
    words
}

/// Cuts our words off the start or the end of a line that holds more.
fn cut_lines(lines: &mut [Line<'_>], words: &[Word], covered: &[bool], ours: &[bool]) {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let index = word.line;
        let here = words.iter().skip(at).take_while(|word| word.line == index).count();
        let flags = covered.get(at..at + here).unwrap_or_default();
        let any = flags.iter().any(|covered| *covered);
        if any && !ours.get(index).copied().unwrap_or(false) {
            let lead = flags.iter().take_while(|covered| **covered).count();
            let trail = flags.iter().rev().take_while(|covered| **covered).count();
            let line = lines.get_mut(index);
            if let Some(line) = line {
                if lead >= SHINGLE
                    && let Some(end) = words.get(at + lead - 1).map(|word| word.end)
                {
                    line.text = line.text.get(end..).unwrap_or_default().trim_start_matches(['.', ',', ';', ':', '!', '?', ' ']);
                } else if trail >= SHINGLE
                    && let Some(start) = words.get(at + here - trail).map(|word| word.start)
                {
                    line.text = line.text.get(..start).unwrap_or_default().trim_end();
                }
            }
        }
        at += here;
    }
}

/// A line without words of its own (a link, a rule, a picture) that stands beside ours is ours.
fn fill_gaps(lines: &[Line<'_>], all: &[usize], ours: &mut [bool]) {
    let mut near = false;
    for (index, line) in lines.iter().enumerate() {
        if line.depth > 0 {
            near = false;
        } else if ours.get(index).copied().unwrap_or(false) {
            near = true;
        } else if !line.is_blank() {
            let wordless = all.get(index) == Some(&0) && !has_symbol(line.text);
            near &= wordless;
            if near && let Some(flag) = ours.get_mut(index) {
                *flag = true;
            }
        }
    }
}

/// An emoji is an answer, though it is no word.
fn has_symbol(text: &str) -> bool {
    text.chars().any(|c| c > '\u{1F000}' || matches!(c, '\u{2600}'..='\u{27BF}')) || text.trim().len() <= 2
}

/// Calls `each` with hash, start and end of every word; links, addresses and bare signs are no words.
fn each_word(line: &str, mut each: impl FnMut(u64, usize, usize)) {
    let mut offset = 0;
    for piece in line.split_inclusive(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '|' | '/' | '—' | '–')) {
        let start = offset;
        offset += piece.len();
        let word = piece.trim_matches(|c: char| !c.is_alphanumeric());
        if word.is_empty() || word.len() > 200 || piece.contains('@') || piece.contains("://") || is_link(word) {
            continue;
        }
        let lead = piece.find(word).unwrap_or(0);
        each(hash(&fold(word)), start + lead, start + lead + word.len());
    }
}

fn is_link(word: &str) -> bool {
    word.starts_with("www.") || word.starts_with("mailto:") || word.starts_with("http") || word.contains('%') && word.contains('=')
}

pub(super) fn hash(word: &str) -> u64 {
    mix(word.bytes().filter(|b| *b != b'\'').map(u64::from))
}

/// FNV-1a over numbers; not for secrets.
fn mix(values: impl Iterator<Item = u64>) -> u64 {
    values.fold(0xcbf2_9ce4_8422_2325, |hash, value| (hash ^ value).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::super::line::split;
    use super::*;

    const SENT: &str = "INVITAȚIE\n\nVă invităm la întâlnirea online care va avea loc marți, 10 noiembrie, la ora 13.15.\n\n\
        Vă rugăm să ne comunicați disponibilitatea dumneavoastră până miercuri.";

    fn left(body: &str) -> String {
        let mut lines = split(body);
        let ours = Ours::new(&[SENT.to_owned()]).expect("long enough");
        let taken = ours.take(&mut lines);
        let kept: Vec<&str> =
            lines.iter().zip(&taken.ours).filter(|(line, ours)| !**ours && !line.is_blank()).map(|(l, _)| l.text).collect();
        kept.join("|")
    }

    #[test]
    fn rewrapped_text_of_ours_goes() {
        assert_eq!(
            left("Da, vin.\n\nINVITATIE\nVa invitam la intalnirea\nonline care va avea loc marti, 10\nnoiembrie, la ora 13.15."),
            "Da, vin."
        );
    }

    #[test]
    fn an_answer_between_our_lines_stays() {
        let body = "INVITAȚIE\n\nVă invităm la întâlnirea online care va avea loc marți, 10 noiembrie, la ora 13.15.\nVin!\n\
            Vă rugăm să ne comunicați disponibilitatea dumneavoastră până miercuri.\nDisponibil.";
        assert_eq!(left(body), "Vin!|Disponibil.");
    }

    #[test]
    fn a_line_between_ours_in_a_marked_quote_is_strange() {
        let ours = Ours::new(&[SENT.to_owned()]).expect("long enough");
        let strange = |body: &str| ours.take(&mut split(body)).strange;
        let quote = SENT.replace('\n', "\n> ");
        assert_eq!(strange(&format!("Vezi mai jos.\n> {quote}\n> Ana")), [0usize; 0], "below ours");
        let typed = quote.replace("\n> Vă rugăm", "\n> Nu vin\n> Vă rugăm");
        assert_eq!(strange(&format!("Vezi mai jos.\n> {typed}")), [5]);
        let deeper = quote.replace("\n> Vă rugăm", "\n>> Nu vin\n> Vă rugăm");
        assert_eq!(strange(&format!("Vezi mai jos.\n> {deeper}")), [0usize; 0], "not as deep");
    }

    #[test]
    fn few_words_of_ours_typed_anew_stay() {
        assert_eq!(left("Confirm pentru marți, 10 noiembrie, la ora 13.15."), "Confirm pentru marți, 10 noiembrie, la ora 13.15.");
    }
}
