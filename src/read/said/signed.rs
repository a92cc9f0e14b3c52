//! Under which name a text is signed.

use super::{line::ends_sentence, signature::is_closing};

/// So many lines below a closing line may be of the name.
const MAX_LINES: usize = 3;
/// A name has at most so many words.
const MAX_WORDS: usize = 5;

/// What may be the name of who wrote `said`: what stands behind and below closing lines ("Cu stimă,"), and the last line where it
/// is written as a name.
///
/// Places and titles are among them, and a last line that is none: it is for taking people out of a text, not for knowing them.
pub fn signers(said: &str) -> Vec<&str> {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut found = Vec::new();
    for (at, _) in lines.iter().enumerate().filter(|(_, line)| is_closing(line)) {
        let behind = lines.get(at).and_then(|line| line.split_once([',', '!', '.'])).map(|(_, behind)| behind.trim());
        found.extend(behind.filter(|name| may_be_name(name)));
        found.extend(lines.iter().skip(at + 1).take(MAX_LINES).take_while(|line| may_be_name(line) && !is_closing(line)));
    }
    let is_capital = |word: &str| word.starts_with(char::is_uppercase);
    let last = lines.last().filter(|line| lines.len() > 1 && may_be_name(line) && !is_closing(line));
    let last = last.filter(|line| line.split_whitespace().all(is_capital) || !line.contains(char::is_whitespace));
    found.extend(last.filter(|last| !found.contains(*last)).copied().into_iter().collect::<Vec<_>>());
    found
}

/// A few words that are no sentence: all written as names, or two of them at most.
fn may_be_name(line: &str) -> bool {
    let count = line.split_whitespace().count();
    let capital = |word: &str| word.chars().find(|c| c.is_alphabetic()).is_none_or(|first| !first.is_lowercase());
    (1..=MAX_WORDS).contains(&count)
        && !ends_sentence(line)
        && !line.contains(|c: char| c.is_numeric() || c == '@' || c == ':')
        && line.contains(char::is_alphabetic)
        && (count <= 2 || line.split_whitespace().all(capital))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_below_closing_lines_and_at_the_end() {
        for (said, names) in [
            ("Da, vin.\n\nCu stimă,\nGheorghe Popa\nPrimar\nConfirm pentru 3.", vec!["Gheorghe Popa", "Primar"]),
            ("Da, vin. Cu drag, Magda\nCu stimă, Mihai", vec!["Mihai"]),
            ("I will come.\n\nMagda", vec!["Magda"]),
            ("I will come.\nmagda", vec!["magda"]),
            ("I will come.\n\nThanks", vec![]),
            ("I will come.\nSee you there", vec![]),
            ("Magda", vec![]),
            ("Kind regards,\nAna\n\nPS: I come with 3", vec!["Ana"]),
        ] {
            assert_eq!(signers(said), names, "{said}");
        }
    }
}
