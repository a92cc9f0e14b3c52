//! A text cut where a thought may end: clauses, each of which may say something else than the whole.

use super::text::{Text, fold};

/// Words that begin what is said against what stands before them, folded; not those that stand inside it as well ("pe 12 insa nu pot").
const BUT: &str = " but aber mais pero ma dar maar mas men mutta kuid bet ale но але али ali ampak αλλα ama ancak fakat imma ach ";
/// Words of a no that end a clause, folded: "to the dinner, not".
const NOT: &str = " no not nicht nein non nu nie ne niet nee inte nej ikke nei nem nein en ei nao le ez οχι не ні нет ";
/// So few words are an answer, and not one to a part of it.
const MIN_WORDS: usize = 2;

/// The clauses of a text: its sentences, cut at commas and dashes, and before every "but".
pub(super) fn of(said: &str) -> Vec<&str> {
    let sentences = Text::of(said).sentences;
    let sentences = sentences.iter().filter_map(|sentence| said.get(sentence.start..sentence.end));
    sentences.flat_map(|sentence| sentence.split([',', '–', '—', '/'])).flat_map(|piece| piece.split(" - ")).flat_map(before_but).collect()
}

/// The clauses that end with a no behind other words, at most `most` of them.
pub(super) fn ending_in_no(said: &str, most: usize) -> Vec<&str> {
    let ends_so = |clause: &&str| {
        let words: Vec<&str> = clause.split_whitespace().collect();
        let last = words.last().map(|word| fold(word.trim_matches(|c: char| !c.is_alphanumeric())));
        words.len() >= MIN_WORDS && last.is_some_and(|last| is_in(NOT, &last))
    };
    of(said).into_iter().filter(ends_so).take(most).collect()
}

fn before_but(piece: &str) -> Vec<&str> {
    let words = Text::of(piece).words;
    let buts = words.iter().filter(|word| is_in(BUT, &word.folded)).map(|word| word.start);
    let cuts: Vec<usize> = [0].into_iter().chain(buts).chain([piece.len()]).collect();
    cuts.windows(2).filter_map(|cut| piece.get(*cut.first()?..*cut.last()?)).filter(|clause| !clause.trim().is_empty()).collect()
}

/// Whether a folded word stands in a list of words between blanks.
pub(super) fn is_in(list: &str, folded: &str) -> bool {
    list.contains(&format!(" {folded} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_at_marks_and_before_a_but() {
        let trimmed = |said| of(said).into_iter().map(str::trim).collect::<Vec<_>>();
        assert_eq!(trimmed("I come, she not. Yes - no"), ["I come", "she not", "Yes", "no"]);
        assert_eq!(trimmed("Vin dar nu stau"), ["Vin", "dar nu stau"]);
        assert_eq!(trimmed("But I come"), ["But I come"]);
        assert_eq!(trimmed(""), Vec::<&str>::new());
    }

    #[test]
    fn a_no_at_the_end_of_a_clause() {
        let no = |said| ending_in_no(said, 9).into_iter().map(str::trim).collect::<Vec<_>>();
        assert_eq!(no("Zur Chorfahrt komme ich mit, zum Fest nicht."), ["zum Fest nicht"]);
        assert_eq!(no("На екскурзията идвам, на празника не!"), ["на празника не"]);
        assert_eq!(no("No, I do not come. Non."), Vec::<&str>::new());
        assert_eq!(ending_in_no("A no, a no, a no", 2).len(), 2);
    }
}
