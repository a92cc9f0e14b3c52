//! A text as the patterns see it: words folded to plain lower case, each knowing where it stood.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// At most this many words of a text are read; nobody answers an invitation after that.
const MAX_WORDS: usize = 400;
/// A longer word is none.
const MAX_WORD: usize = 60;
/// A line shorter than this, in characters, was ended by the writer and not by the margin.
const SHORT_LINE: usize = 50;

/// One word of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Word {
    /// Lower case, without accents: what patterns are written in.
    pub folded: String,
    /// Where it stands, in bytes of the text.
    pub start: usize,
    pub end: usize,
    pub sentence: usize,
    /// Looks like a name: a capital inside a sentence, or a short line of capitals at the end.
    pub name: bool,
    /// A number, an address, a link: says nothing about coming.
    pub inert: bool,
}

/// A text, folded.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub words: Vec<Word>,
    /// For each sentence, whether it ends with a question mark, and its span in bytes.
    pub sentences: Vec<Sentence>,
    /// ` ^  word  word  ,  word  $ `: what patterns run over.
    pub plain: String,
    /// Where in `plain` each word begins.
    offsets: Vec<usize>,
    /// A question mark outside links.
    pub question: bool,
    /// An ellipsis stands in it: more is meant than said.
    pub trails: bool,
    /// There was more than is read.
    pub cut: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sentence {
    pub question: bool,
    /// Ended by a full stop or another mark, not by the line.
    pub stopped: bool,
    pub start: usize,
    pub end: usize,
}

/// Whether the character at `at` is a question mark: after Greek letters the semicolon is one.
fn asks(chunk: &str, at: usize, c: char) -> bool {
    let greek = |c: char| matches!(c, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}');
    let before = || chunk.get(..at).and_then(|before| before.chars().next_back());
    matches!(c, '?' | '？' | '\u{37e}') || c == ';' && before().is_some_and(greek)
}

impl Text {
    /// Folds a text; linear in its length.
    pub fn of(text: &str) -> Self {
        let mut folding = Folding { out: Self::default(), open: false, capitals: Vec::new(), line_words: 0 };
        folding.out.trails = text.contains("...") || text.contains('…');
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if folding.out.words.len() >= MAX_WORDS {
                folding.out.cut = folding.out.cut || line.chars().any(char::is_alphanumeric);
                folding.out.question = folding.out.question
                    || line.split_whitespace().any(|chunk| !is_link(chunk) && chunk.char_indices().any(|(i, c)| asks(chunk, i, c)));
            } else {
                folding.line(line, at);
            }
            at += line.len();
        }
        folding.end(false, false);
        folding.names();
        folding.out
    }

    /// The words that a match in `plain` covers.
    pub fn words_of(&self, start: usize, end: usize) -> std::ops::Range<usize> {
        self.offsets.partition_point(|at| *at < start)..self.offsets.partition_point(|at| *at < end)
    }

    /// True where every letter of nearly every word is a capital, so that capitals tell nothing.
    fn shouts(capitals: &[Capital]) -> bool {
        let all = capitals.iter().filter(|c| **c == Capital::All).count();
        capitals.len() > 1 && all * 10 >= capitals.len() * 6
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Capital {
    None,
    First,
    All,
}

struct Folding {
    out: Text,
    /// A sentence is open.
    open: bool,
    capitals: Vec<Capital>,
    line_words: usize,
}

impl Folding {
    fn line(&mut self, line: &str, at: usize) {
        self.line_words = 0;
        let content = line.trim();
        if content.is_empty() {
            return self.end(false, false);
        }
        let mut offset = at;
        for chunk in line.split_inclusive(char::is_whitespace) {
            let trimmed = chunk.trim_end();
            if is_link(trimmed) {
                self.push("link", offset, offset + trimmed.len(), true);
            } else if !trimmed.is_empty() {
                // Only a full stop asks what stands behind it.
                let rest = || line.get(offset - at + chunk.len()..).unwrap_or_default().split(char::is_whitespace);
                let next = if trimmed.ends_with('.') { rest().take(8).find(|word| !word.is_empty()) } else { None };
                self.chunk(trimmed, offset, next);
            }
            offset += chunk.len();
        }
        if content.chars().count() < SHORT_LINE || self.line_words <= 4 {
            self.end(false, false);
        }
    }

    /// One run between white space: words, and the marks between them; `next` stands behind it on its line.
    fn chunk(&mut self, chunk: &str, at: usize, next: Option<&str>) {
        let mut word: Option<usize> = None;
        let mut chars = chunk.char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            let inside = match c {
                '\'' | '’' | 'ʼ' | '‘' => word.is_some() && chars.peek().is_some_and(|(_, n)| n.is_alphabetic()),
                '.' | ':' | ',' => {
                    let digit_before =
                        word.is_some() && chunk.get(..i).and_then(|b| b.chars().next_back()).is_some_and(|c| c.is_ascii_digit());
                    // "14.30", and the Swedish "12:e"
                    let goes_on = |next: char| next.is_ascii_digit() || c == ':' && next.is_lowercase();
                    digit_before && chars.peek().is_some_and(|(_, next)| goes_on(*next))
                }
                c => c.is_alphanumeric() || is_combining_mark(c),
            };
            if inside {
                word.get_or_insert(i);
                continue;
            }
            let ended = word.take();
            if let Some(start) = ended {
                self.word(chunk, start, i, at);
            }
            match c {
                c if asks(chunk, i, c) => {
                    self.out.question = true;
                    self.end(true, true);
                }
                '.' if i + 1 == chunk.len() && next.is_some_and(|next| goes_on(chunk, next)) => {}
                '.' if chars.peek().is_some_and(|(_, next)| next.is_lowercase())
                    && is_abbreviation(ended.and_then(|start| chunk.get(start..i))) => {}
                '.' | '!' | ';' | ':' | '…' | '(' | ')' => self.end(false, true),
                ',' | '–' | '—' | '/' => self.comma(),
                '-' if chunk.len() == 1 => self.comma(),
                '👍' | '👌' | '✅' | '✔' | '☑' | '👎' | '❌' | '🚫' => {
                    self.push(&c.to_string(), at + i, at + i + c.len_utf8(), false);
                }
                _ => {}
            }
        }
        if let Some(start) = word {
            self.word(chunk, start, chunk.len(), at);
        }
    }

    fn word(&mut self, chunk: &str, start: usize, end: usize, at: usize) {
        let Some(written) = chunk.get(start..end) else { return };
        let folded = fold(written);
        let inert = written.chars().any(|c| c.is_ascii_digit()) || folded.len() > MAX_WORD;
        let mut letters = written.chars().filter(|c| c.is_alphabetic());
        let capital = match letters.next() {
            Some(first) if first.is_uppercase() => {
                let mut rest = letters.peekable();
                if rest.peek().is_some() && rest.all(char::is_uppercase) { Capital::All } else { Capital::First }
            }
            _ => Capital::None,
        };
        let before = self.out.words.len();
        self.push(&folded, at + start, at + end, inert);
        if let Some(last) = self.capitals.last_mut().filter(|_| self.out.words.len() > before) {
            *last = capital;
        }
    }

    fn push(&mut self, folded: &str, start: usize, end: usize, inert: bool) {
        if folded.is_empty() {
            return;
        }
        if self.out.words.len() >= MAX_WORDS {
            self.out.cut = true;
            return;
        }
        if !self.open {
            self.open = true;
            self.out.plain.push_str(" ^ ");
            self.out.sentences.push(Sentence { question: false, stopped: false, start, end });
        }
        self.out.offsets.push(self.out.plain.len());
        self.out.plain.push(' ');
        self.out.plain.push_str(folded);
        self.out.plain.push(' ');
        let sentence = self.out.sentences.len() - 1;
        if let Some(last) = self.out.sentences.last_mut() {
            last.end = end;
        }
        self.out.words.push(Word { folded: folded.to_owned(), start, end, sentence, name: false, inert });
        self.capitals.push(Capital::None);
        self.line_words += 1;
    }

    fn comma(&mut self) {
        if self.open && !self.out.plain.ends_with(" , ") {
            self.out.plain.push_str(" , ");
        }
    }

    fn end(&mut self, question: bool, stopped: bool) {
        if let Some(last) = self.out.sentences.last_mut() {
            last.question |= question;
            last.stopped |= stopped;
        }
        if self.open {
            self.out.plain.push_str(" $ ");
            self.open = false;
        }
    }

    /// Marks what looks like a name, where capitals tell anything.
    fn names(&mut self) {
        if Text::shouts(&self.capitals) {
            return;
        }
        let last = self.out.sentences.len().saturating_sub(1);
        let ending: Vec<&Capital> =
            self.out.words.iter().zip(&self.capitals).rev().take_while(|(w, _)| w.sentence == last).map(|(_, c)| c).collect();
        let stopped = self.out.sentences.last().is_none_or(|sentence| sentence.stopped);
        let signed = last > 0 && !stopped && ending.len() <= 4 && ending.iter().all(|capital| **capital != Capital::None);
        let mut previous = usize::MAX;
        for (word, capital) in self.out.words.iter_mut().zip(&self.capitals) {
            let first = word.sentence != previous;
            previous = word.sentence;
            word.name = *capital != Capital::None && (!first || signed && word.sentence == last);
        }
    }
}

/// Titles and the like that end with a full stop, folded. No language has any of them as the last word of many sentences.
const ABBREVIATIONS: &str = " dr dra drs dott dottssa prof ing mgr bc dipl inz doc phdr mudr judr rndr ir mr mrs ms mme mlle hr fr dna dl \
    sig sra sr srta dhr mevr mw zv cf nr str gdja p κ π п sc ks pr avv arch arh rag geom exmo exma eng adv fam kpt znj univ habil gda инж проф доц адв ";

/// Whether the sentence goes on behind a run that ends with a full stop: it is a title ("Dr. Weber") or a day ("17. Dezember").
fn goes_on(run: &str, next: &str) -> bool {
    let word = run.trim_end_matches('.').rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if word.is_empty() || !run.ends_with('.') || run.ends_with("..") {
        return false;
    }
    if word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit()) {
        const MONTHS: [&str; 13] = ["jan", "feb", "mar", "apr", "mai", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dez"];
        return next.starts_with(char::is_lowercase) || MONTHS.iter().any(|month| fold(next).starts_with(month));
    }
    // "prof. dr. Weber", "Bürgermeister a. D. Weber"
    let begins_title = || next.ends_with('.') && is_abbreviation(Some(next.trim_end_matches('.')));
    if is_abbreviation(Some(word)) && begins_title() || word == "a" && next == "D." {
        return true;
    }
    // "p. Marek" and "M. Dupont"; not "p.m. Thanks" and "so do I. We come".
    let one = || run.trim_start_matches('(').chars().count() == 2 && word != "I";
    let is_short = word.chars().count() > 1 || one();
    let is_initial = word.chars().count() == 1 && word.starts_with(char::is_uppercase);
    next.starts_with(char::is_uppercase) && is_short && (is_initial || is_abbreviation(Some(word)))
}

fn is_abbreviation(word: Option<&str>) -> bool {
    word.is_some_and(|word| ABBREVIATIONS.contains(&format!(" {} ", fold(word))))
}

fn is_link(chunk: &str) -> bool {
    chunk.contains("://") || chunk.contains('@') || chunk.starts_with("www.")
}

/// Lower case without accents, so that `ş`, `ș` and `s` are one letter; apostrophes are `'`.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'ß' => out.push_str("ss"),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'ø' => out.push('o'),
            'ı' => out.push('i'),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ħ' => out.push('h'),
            'ς' => out.push('σ'),
            '’' | 'ʼ' | '‘' => out.push('\''),
            c if c.is_alphanumeric() || c == '\'' || c == '.' || c == ':' || c == ',' => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_and_keeps_the_places() {
        let written = "Bună ziua,\nConfirm PARTICIPAREA la 14.30; n-am şi https://a.example/?x întrebări";
        let text = Text::of(written);
        assert_eq!(text.plain, " ^  buna  ziua  ,  $  ^  confirm  participarea  la  14.30  $  ^  n  am  si  link  intrebari  $ ");
        assert!(!text.question);
        for word in &text.words {
            let there = written.get(word.start..word.end).unwrap();
            assert!(word.folded == "link" || fold(there) == word.folded);
        }
        let found = text.plain.find(" participarea ").unwrap();
        assert_eq!(text.words_of(found, found + 14), 3..4);
    }

    #[test]
    fn names_are_capitals_inside_a_sentence_or_a_signature() {
        let names = |t| Text::of(t).words.into_iter().filter(|w| w.name).map(|w| w.folded).collect::<Vec<_>>();
        assert_eq!(names("Vin cu Ana.\nCu drag,\nMihai"), ["ana", "mihai"]);
        assert_eq!(names("VIN CU ANA"), Vec::<String>::new());
    }

    #[test]
    fn a_title_and_a_day_end_no_sentence() {
        let count = |t| Text::of(t).sentences.len();
        assert_eq!(count("Statt meiner kommt Herr Dr. Klaus Weber."), 1);
        assert_eq!(count("Al mio posto viene la dott.ssa Anna Neri, am 17. Dezember."), 1);
        assert_eq!(count("Přijdeme 17. prosince."), 1);
        assert_eq!(count("Zamiast mnie przyjdzie p. Marek Nowak."), 1);
        assert_eq!(count("Στη θέση μου θα έρθει ο κ. Παππάς (π. Σεραφείμ)."), 2);
        assert_eq!(count("À ma place viendra M. Perrot, avec inž. Dejan."), 1);
        assert_eq!(count("We come at 3 p.m. Thanks!"), 2);
        assert_eq!(count("My husband comes, and so do I. We come by train."), 2);
        assert_eq!(count("Viene la collega.dott.ssa Neri."), 2, "only the word before the full stop is asked");
        assert_eq!(count("Wir kommen zu 3. Vielen Dank!"), 2);
        assert_eq!(count("I asked the Dr. he says no."), 2);
        assert_eq!(count("Da. Vin."), 2);
        assert_eq!(count("În locul meu vine dl. prof. univ. dr. Ion Popescu."), 1);
        assert_eq!(count("Umjesto mene dolazi mr. sc. Ana Horvat."), 1);
        assert_eq!(count("Statt meiner kommt Bürgermeister a. D. Klaus Weber."), 1);
        assert_eq!(count("Den 12:e kan jag inte."), 1);
        assert_eq!(count("We come at 18:30. See room 4: the large one."), 3);
    }

    #[test]
    fn sentences_know_their_question_mark() {
        let text = Text::of("Vin. Se poate parca? 👍");
        assert_eq!(text.sentences.iter().map(|s| s.question).collect::<Vec<_>>(), [false, true, false]);
        assert!(text.question);
        assert!(Text::of("Θα έρθω. Υπάρχει πάρκινγκ;").question);
        assert!(!Text::of("Vin; cu drag.").question);
    }
}
