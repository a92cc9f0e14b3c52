//! Who comes instead, read from words.

mod brackets;
mod german;
mod letter;
mod others;
#[cfg(test)]
mod tests;

use self::{
    german::{Before, is_role},
    others::{Others, Own},
};
use super::{lexicon, text::fold};
use crate::model::{Address, Delegate};
use std::{ops::Range, sync::LazyLock};

/// More words than these are no name.
const MAX_NAME_WORDS: usize = 4;
/// So many words of a stretch of text are looked at for addresses.
const MAX_WORDS: usize = 400;
/// So many lines below a colon are looked at.
const MAX_LINES: usize = 10;
/// A line behind the sentences that decided with at most so many words beside an address says whose it is.
const BESIDE_AN_ADDRESS: usize = 2;

/// The name and the address of the substitute, where they stand in the sentences that decided.
///
/// A name is a run of two to four words that begin with a capital inside a sentence, where nothing says that it is an
/// organisation, a place or an event, without the nouns that stand before it in German; where there are several such runs none
/// is taken. Whom the letter greets and who wrote it (`own`) is no substitute. The address is the only one in those sentences, or
/// right behind them, that is none of the guest's; one elsewhere counts only if it spells the name.
pub(super) fn of<'a>(said: &str, evidence: &[(usize, usize)], own: impl Into<Own<'a>>) -> Option<Delegate> {
    let own = own.into();
    let mut names = names(said, evidence, &own);
    let name = names.pop().filter(|_| names.is_empty());
    let email = address(said, evidence, &own.addresses, name.as_deref());
    (name.is_some() || email.is_some()).then_some(Delegate { name, email })
}

/// The substitute's address.
fn address(said: &str, evidence: &[(usize, usize)], own: &[&Address], name: Option<&str>) -> Option<Address> {
    let others = |text: &str| -> Vec<Address> { addresses(text).filter(|address| !own.contains(&address)).collect() };
    let mut near: Vec<Address> = evidence
        .iter()
        .flat_map(|span| {
            let behind = said.get(stretch(said, *span).end..).map_or("", next_sentence);
            let words = behind.split_whitespace().filter(|word| !word.contains('@') && word.chars().any(char::is_alphanumeric)).count();
            let behind = if words <= BESIDE_AN_ADDRESS { others(behind) } else { Vec::new() };
            others(said.get(stretch(said, *span)).unwrap_or_default()).into_iter().chain(behind)
        })
        .collect();
    near.dedup();
    if near.is_empty() {
        near = others(said).into_iter().filter(|address| name.is_some_and(|name| spells(address, name))).collect();
        near.dedup();
    }
    let first = near.pop()?;
    near.is_empty().then_some(first)
}

fn addresses(text: &str) -> impl Iterator<Item = Address> {
    let words = text.split(|c: char| c.is_whitespace() || "<>()[],;:\"".contains(c)).take(MAX_WORDS).filter(|word| word.contains('@'));
    words.filter_map(|word| Address::parse(word.trim_matches(|c: char| !c.is_alphanumeric())).ok())
}

/// Whether what stands before the @ has a word of the name in it.
fn spells(address: &Address, name: &str) -> bool {
    let local = fold(address.as_str().split('@').next().unwrap_or_default());
    name.split([' ', '-']).map(fold).any(|word| word.len() > 2 && local.contains(&word))
}

/// A sentence that decided, with what stands before brackets in it, and what its colon announces: the rest of its line, or the lines
/// below it.
fn stretch(said: &str, (start, end): (usize, usize)) -> Range<usize> {
    let start = brackets::before(said, start);
    let Some(announced) = said.get(end..).and_then(|rest| rest.trim_start().strip_prefix(':')) else { return start..end };
    let lines = announced.trim_start_matches([' ', '\t']);
    let below = lines.trim_start();
    let most = if below.len() == lines.len() { 1 } else { MAX_LINES };
    let block = below.split_inclusive('\n').take_while(|line| !line.trim().is_empty()).take(most);
    let length: usize = block.map(str::len).sum();
    start..said.len() - below.len() + length
}

/// The sentences that decided on one line each without greeting and closing, where what a colon announces on lines of its own is told
/// apart.
fn sentences(said: &str, evidence: &[(usize, usize)]) -> Vec<String> {
    let of = |span: &(usize, usize)| {
        let within = stretch(said, *span);
        let (sentence, announced) = (said.get(within.start..span.1)?, said.get(span.1..within.end)?);
        let sentence = sentence.get(letter::greeting(sentence).map_or(0, |greeting| greeting.length)..)?;
        let line = format!("{sentence} {}", announced.trim().replace('\n', " ; ")).replace('/', " / ");
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(letter::unsigned(&brackets::without(&line)).to_owned())
    };
    evidence.iter().filter_map(of).collect()
}

/// What stands behind a sentence, to the end of the next one or of a line.
fn next_sentence(rest: &str) -> &str {
    let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    let ends = rest.char_indices().filter(|(_, c)| matches!(c, '.' | '!' | '?' | '\n' | ')'));
    let mut ends = ends.filter(|(at, _)| rest.get(at + 1..).is_none_or(|next| next.is_empty() || next.starts_with(char::is_whitespace)));
    ends.next().and_then(|(at, _)| rest.get(..at)).unwrap_or(rest)
}

/// Words between the names of two people, folded.
const JOINING: &str = " and & or as well plus with together si sau respectiv impreuna cu en of samen met e ed o oppure insieme con und oder sowie \
    bzw beziehungsweise samt mit et ou ainsi que avec y i ir arba bei ja seka tai oraz lub albo wraz z a nebo anebo spolu s in ali ter te es vagy \
    ve veya ile un vai kopa ar och eller samt og sammen med agus no και ή η и или та або dhe ose u jew ";

/// What a text says behind the greeting with which it begins; all of it where no mark ends one.
pub(super) fn behind_greeting(said: &str) -> &str {
    let greeting = letter::greeting(said).filter(|greeting| greeting.ends);
    greeting.and_then(|greeting| said.get(greeting.length..)).unwrap_or(said)
}

/// Whether two names stand in the sentences that decided with nothing between them but what joins two people: a word, a comma, an
/// address or a title. One of them may look like no person where a word joins them: "Senior Rossi and Dan Rus".
pub(super) fn are_joined(said: &str, evidence: &[(usize, usize)]) -> bool {
    sentences(said, evidence).into_iter().any(|sentence| {
        let runs = runs(&sentence);
        let people: Vec<&Run> = runs.iter().filter(|run| !run.is_other).collect();
        pairs(&sentence, &people).any(|(_, between)| joins(between))
            || pairs(&sentence, &runs.iter().collect::<Vec<_>>())
                .any(|(pair, between)| pair.iter().any(|run| !run.is_other) && joins(between) && has_and(between))
    })
}

/// Runs that follow one another, and what stands between them.
fn pairs<'a>(sentence: &'a str, runs: &'a [&'a Run]) -> impl Iterator<Item = (&'a [&'a Run], &'a str)> {
    let mut rest = sentence;
    let befores: Vec<&str> = runs
        .iter()
        .map(|run| {
            let (before, behind) = rest.split_once(run.whole.as_str()).unwrap_or(("", rest));
            rest = behind;
            before
        })
        .collect();
    runs.windows(2).zip(befores.into_iter().skip(1))
}

/// Whether a word joins two people there that does not tell as well where somebody is from.
fn has_and(between: &str) -> bool {
    between.split_whitespace().any(|word| {
        let word = format!(" {} ", fold(word.trim_matches(['.', ','])));
        word == " & " || JOINING.contains(&word) && !FROM.contains(&word) && !BY.contains(&word) && word != " in "
    })
}

/// Whether what stands between two names makes two people of them.
fn joins(between: &str) -> bool {
    let has_mark = between.contains([',', ';', '/', '+', '&', '|', '@']);
    let mut words = between.split(|c: char| c.is_whitespace() || "<>(),;/+|".contains(c)).filter(|word| !word.is_empty());
    let mut joined = false;
    words.all(|word| {
        let joining = word.contains('@') || JOINING.contains(&format!(" {} ", fold(word.trim_matches('.'))));
        joined |= joining;
        let numbers = || word.trim_matches(['.', ')']).bytes().all(|byte| byte.is_ascii_digit());
        let article = || ARTICLES.contains(&format!(" {} ", fold(word)));
        joining || numbers() || article() || word == "&" || is_title(word.trim_matches('.')) || is_role(word) || is_of_a_body(word)
    }) && (joined || has_mark)
}

/// The names in the sentences that decided, each once: runs of capitalised words that nothing says to be an organisation, a place or
/// an event, or somebody else. None where the name of who wrote the mail, or perhaps of who is greeted, stands among them and does
/// not sign: who comes for whom is not sure then.
fn names(said: &str, evidence: &[(usize, usize)], own: &Own<'_>) -> Vec<String> {
    let others = Others::of(said, evidence.iter().map(|span| stretch(said, *span)), own);
    let mut names = Vec::new();
    for sentence in sentences(said, evidence) {
        for run in runs(&sentence).into_iter().filter(|run| !run.is_other) {
            if others.greets(&run.name) {
                continue;
            }
            if !others.wrote(&run.name) && !others.may_greet(&run.name) {
                names.push(run.name);
            } else if !others::signs(&sentence, &run.whole) {
                return Vec::new();
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// Words before whom or what a run of capitals tells where somebody is from, where they go, or for whom they come; folded.
const FROM: &str = " from at of for din pentru vom aus bei beim zum zur im fur uit bij voor van du au aux \
    chez pour della dello dei degli dal dalla dallo dall di per para do dos z ze od iz fra fran fra w we от из з від \
    από στο στη ";
/// Articles: behind one of those words they tell the same, alone they may stand before a name ("die Anna Schmidt").
const ARTICLES: &str = " the der die das den dem het le les la il el los las του της ";
/// Those of them that mean "by" beside a verb of standing in.
const BY: &str = " de von da ";
/// How such a verb begins, folded.
const STANDS_IN: [&str; 9] = ["inlocui", "reprezent", "substitu", "vertret", "ersetz", "sostitu", "rappresent", "represent", "zastup"];

/// Whether the words before the run of capitals that begins there say that it is no person.
fn is_from(words: &[&str], at: usize) -> bool {
    let Some((last, earlier)) = words.get(..at).and_then(<[&str]>::split_last) else { return false };
    let word = format!(" {} ", fold(last.trim_matches('\'')));
    let by = || words.iter().any(|word| STANDS_IN.iter().any(|verb| fold(word).starts_with(verb)));
    // "Ana Pop in Dan Rus" are two in Slovenian.
    if ARTICLES.contains(&word) {
        return is_from(words, at - 1);
    }
    let inside = word == " in " && !earlier.last().is_some_and(|word| word.starts_with(char::is_uppercase));
    inside || FROM.contains(&word) || BY.contains(&word) && !by()
}

/// Whether a word belongs to the name of an organisation, a place or an event, or to an office.
fn is_of_a_body(word: &str) -> bool {
    static WORDS: LazyLock<(Vec<&str>, Vec<&str>)> = LazyLock::new(|| {
        let lines = BODIES.lines().filter(|line| !line.starts_with('#') && !line.contains('\t'));
        let (begins, whole): (Vec<&str>, Vec<&str>) = lines.flat_map(str::split_whitespace).partition(|word| word.ends_with('*'));
        (begins.into_iter().map(|word| word.trim_end_matches('*')).collect(), whole)
    });
    // "ECoC" is no name; "McDonald" is one.
    let mixed = |part: &str| part.chars().filter(|c| c.is_uppercase()).count() > 2 && part.chars().any(char::is_lowercase);
    word.split(['-', '\'', '’']).any(|part| {
        let folded = fold(part);
        mixed(part) || WORDS.1.contains(&folded.as_str()) || WORDS.0.iter().any(|begin| folded.starts_with(begin))
    })
}

/// What tells that a run of capitals is no person; behind a tab, what stands before a person's name.
const BODIES: &str = include_str!("words/bodies.txt");

/// Words in lower case inside a name.
const PARTICLES: [&str; 24] = [
    "van", "von", "der", "den", "de", "del", "della", "da", "di", "do", "dos", "das", "la", "las", "los", "le", "du", "zu", "zur", "ten",
    "ter", "te", "el", "af",
];

/// One word for it, in Hungarian, of which there is no lexicon.
const INSTEAD_OF_ME: &str = "helyettem";

/// Those of them that mean from, in, at or to as well.
const PREPOSITIONS: [&str; 11] = ["de", "del", "della", "da", "di", "do", "du", "la", "le", "das", "dos"];

/// A run of capitalised words.
struct Run {
    name: String,
    /// The name, and the German nouns before it.
    whole: String,
    /// Something says that it is no person.
    is_other: bool,
}

/// Runs of capitalised words, without the titles before them and without a word that has its capital from the sentence.
fn runs(sentence: &str) -> Vec<Run> {
    // Where all letters are capitals they tell nothing.
    if !sentence.contains(char::is_lowercase) {
        return Vec::new();
    }
    let chunks: Vec<&str> = sentence.split_whitespace().collect();
    let is_german = german::is_german(&chunks);
    let mut runs: Vec<Run> = Vec::new();
    let mut run: Vec<&str> = Vec::new();
    let (mut opens, mut from, mut before) = (false, false, Before::Foreign);
    // Particles that belong to the name if it goes on behind them.
    let mut between: Vec<&str> = Vec::new();
    for (i, chunk) in chunks.iter().enumerate() {
        let word = chunk.trim_matches(|c: char| !c.is_alphanumeric());
        let ends = chunk.ends_with([',', '.', ';', ':', ')', '!']);
        let is_name = word.chars().next().is_some_and(char::is_uppercase)
            && word.chars().count() > 1
            && word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’'))
            && !chunk.contains('@')
            && !(is_german && german::is_determiner(word, run.is_empty(), i == 0));
        // "Ana Pop de la Primăria": behind a whole name it tells where somebody is from.
        let tells_whence = between.is_empty() && run.len() > 1 + usize::from(opens) && PREPOSITIONS.contains(&word);
        if !run.is_empty() && PARTICLES.contains(&word) && *chunk == word && !tells_whence {
            between.push(word);
            continue;
        }
        // "Ana Pop, Dr. Dan Rus": a title begins a new name.
        if is_degree(word) {
            close(&mut run, opens, from, before, &mut runs);
            between.clear();
            continue;
        }
        if is_name && !(run.is_empty() && is_title(word)) {
            run.append(&mut between);
            if run.is_empty() {
                // A name of two words may be one that is a word too: Will, Rose.
                let folded = fold(word);
                opens = i == 0 && (folded == INSTEAD_OF_ME || lexicon::all().iter().any(|lexicon| lexicon.knows(&folded)));
                from = is_from(&chunks, i) || chunks.get(..i).is_some_and(letter::is_agreed);
                before = if is_german { Before::of(&chunks, i) } else { Before::Foreign };
            }
            run.push(word);
        }
        between.clear();
        if !is_name || ends {
            // "Anna Virtanen Helsingin kaupungilta": the last word of the run belongs to what stands behind it.
            // Behind two it is what they do: "Dan Rus inginer la primărie".
            let tells_work = run.len() > 2 && !is_name && word.starts_with(char::is_lowercase) && is_of_a_body(word);
            close(&mut run, opens, from || tells_work, before, &mut runs);
        }
    }
    close(&mut run, opens, from, before, &mut runs);
    runs
}

fn close(run: &mut Vec<&str>, opens: bool, from: bool, before: Before, runs: &mut Vec<Run>) {
    let whole = run.get(usize::from(opens && run.len() > 2)..).unwrap_or_default();
    let (places, capitals): (Vec<usize>, Vec<&str>) =
        whole.iter().copied().enumerate().filter(|(_, word)| !PARTICLES.contains(word)).unzip();
    let nouns = before.nouns(&capitals);
    let name = places.get(nouns).and_then(|start| whole.get(*start..)).unwrap_or_default();
    let is_name = (2..=MAX_NAME_WORDS).contains(&capitals.len().saturating_sub(nouns));
    // "Tochter Lena" is no name, and yet somebody.
    if is_name || nouns > 0 && capitals.len() > 1 {
        let is_body = whole.iter().any(|word| is_of_a_body(word) && !(nouns > 0 && is_role(word)));
        runs.push(Run { name: name.join(" "), whole: whole.join(" "), is_other: from || !is_name || is_body });
    }
    run.clear();
}

/// Titles that are no part of any name, in the middle of one either.
fn is_degree(word: &str) -> bool {
    const WORDS: &str = " dr dra drs prof profesor professor ing mgr bc dipl inz dott dottssa doc phdr mudr judr ir ";
    WORDS.contains(&format!(" {} ", fold(word)))
}

/// Words with a capital before a name: titles, pronouns, what somebody is.
fn is_title(word: &str) -> bool {
    let folded = fold(word);
    const WORDS: &str = " unser unsere unserer unserem unseren notre nuestra nuestro nasz nasza nas nasa mijn hun eine einer ein \
        doamna domnul colega colegul dna dl my our mr mrs ms mijn onze mevrouw meneer il la mia mio kolega kolegica \
        moja moj kolege mano kollegani kollega frau herr meine mein madame monsieur ma mon kollegin kollege kollegen chefin chef \
        mitarbeiterin mitarbeiter colleague mme mlle hr fr dhr mevr mw sig signora signor sra sr srta senora senor me maitre pan pani gospodin \
        gospoda gospodja vereador vereadora senhor senhora ";
    let mut offices = BODIES.lines().filter_map(|line| line.strip_prefix("title\t")).flat_map(|line| line.split(' '));
    WORDS.contains(&format!(" {folded} ")) || is_degree(word) || offices.any(|office| office == folded)
}
