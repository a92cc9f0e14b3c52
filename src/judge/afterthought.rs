//! An afterthought: a plain answer further down that says the opposite of the one above it.

use super::{
    text::{Text, Word, fold},
    words,
};
use crate::model::{Answer, Lang};
use std::ops::Range;

/// So many of the last sentences may be one.
const MAX_SENTENCES: usize = 12;
/// What stands before a colon and is no question of a form, folded: "PS: no".
const MORE: &str = " ps pps p.s nb pd ui update edit nachtrag korrektur correction correccion correctie korekta ";

/// The sentence that takes back `answer`: it says the opposite as plainly as a sentence above it says the answer.
///
/// Not in the same sentence: "I would love to, but I cannot" says one thing. Nor behind another label of a form than the answer's.
pub(super) fn of(said: &str, answer: Answer, hints: &[&Lang]) -> Option<Range<usize>> {
    let opposite = answer.opposite()?;
    let text = Text::of(said);
    let spans: Vec<Range<usize>> = text.sentences.iter().map(|sentence| sentence.start..sentence.end).collect();
    let says = |span: &Range<usize>, wanted: Answer| {
        said.get(span.clone()).is_some_and(|sentence| {
            let reading = words::read(sentence, hints);
            reading.sure && reading.answer == wanted
        })
    };
    let takes_back = |span: &Range<usize>| {
        let words: Vec<&Word> = text.words.iter().filter(|word| span.contains(&word.start)).collect();
        let by_way = way(&words).is_some_and(|end| !says(&(end..span.end), opposite));
        says(span, opposite) && !by_way && !said.get(span.clone()).is_some_and(|sentence| is_of_another(sentence, &words))
    };
    // "Coming: yes. Vegetarian: no."
    let label = |at: usize| {
        let (label, answer) = (spans.get(at.checked_sub(1)?)?, spans.get(at)?);
        let is_label = said.get(label.end..answer.start)?.trim_start().starts_with(':');
        said.get(label.clone()).map(fold).filter(|label| is_label && !MORE.contains(&format!(" {} ", label.trim_matches('.'))))
    };
    let is_of_a_form = |at: usize| {
        let is_said = |at: usize| label(at + 1).is_none() && spans.get(at).is_some_and(|span| says(span, answer));
        let above = || (0..at).filter(|above| is_said(*above));
        label(at).is_some_and(|this| above().all(|above| label(above).is_some_and(|other| other != this)))
    };
    let from = spans.len().saturating_sub(MAX_SENTENCES);
    let (at, found) = spans.iter().enumerate().skip(from.max(1)).rev().find(|(at, span)| takes_back(span) && !is_of_a_form(*at))?;
    let above = spans.iter().take(at).rev().take(MAX_SENTENCES);
    let later = spans.get(at + 1..).unwrap_or_default();
    // "Yes … no … yes" ends as it began.
    let again = later.iter().any(|span| says(span, answer));
    above.into_iter().any(|span| says(span, answer)).then(|| found.clone()).filter(|_| !again)
}

/// More words than these say more than that somebody else does not come.
const MAX_OF_ANOTHER: usize = 8;

/// Whether a short sentence begins with somebody else, and says nothing of the guest: "My husband can't make it".
fn is_of_another(sentence: &str, words: &[&Word]) -> bool {
    /// Whose they are.
    const POSSESSIVES: &str = " my our meine mein unsere unser mon ma mes notre mi mis mia mio moja moj moje mijn onze min mitt ";
    /// Who they are.
    const OTHERS: &str = " wife husband partner colleague colleagues boss son daughter children kids friend assistant mother father sister brother \
        frau mann kollege kollegin kollegen kolleginnen chef chefin sohn tochter kinder freund freundin partnerin mutter vater femme mari \
        collegue collegues fils fille compagne compagnon conjoint mujer marido esposa esposo companera companero colega hijo hija moglie marito \
        collega figlio figlia zona maz kolega kolezanka szef zena muz kolegyne suprug supruga vrouw man partner collegas zoon dochter \
        sotia sotul colegul colegii fiica fiul fru kone kollega vaimoni mieheni kollegani puolisoni felesegem ferjem kollegam ";
    /// What says that it is about the guest after all.
    const MORE: &str = " i im we so and ich wir also und deshalb je j nous et donc y yo e io quindi si eu deci i a wiec oraz en ik dus och jag ja joten es ";
    let is_in = |list: &str, word: &&Word| list.contains(&format!(" {} ", word.folded));
    let who = match words {
        [first, second, ..] if is_in(POSSESSIVES, first) => second,
        [first, ..] => first,
        [] => return false,
    };
    is_in(OTHERS, who)
        && words.len() <= MAX_OF_ANOTHER
        && !sentence.contains([',', ';', ':', '-'])
        && !words.iter().any(|word| is_in(MORE, word))
}

/// Where the words end that say by what means somebody does not come: "by train".
fn way(words: &[&Word]) -> Option<usize> {
    const WAYS: [&str; 15] = [
        "by train",
        "by car",
        "by bus",
        "by plane",
        "mit dem zug",
        "mit dem auto",
        "en train",
        "en voiture",
        "in treno",
        "in macchina",
        "cu trenul",
        "cu masina",
        "en tren",
        "en coche",
        "met de auto",
    ];
    let (first, _) = (0..words.len()).find_map(|at| {
        let is_there = |way: &&&str| way.split(' ').enumerate().all(|(i, part)| words.get(at + i).is_some_and(|word| word.folded == part));
        WAYS.iter().find(is_there).map(|way| (at + way.split(' ').count() - 1, way))
    })?;
    words.get(first).map(|word| word.end)
}
