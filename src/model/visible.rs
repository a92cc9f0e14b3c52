//! What leaves no trace on paper: lists that are copied from web pages are full of it.

/// Whether a character has no width and only steers its neighbours: soft hyphens, zero width spaces and joiners, marks of direction.
pub fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether a character can be seen: neither white space of any kind, nor one that has no width, nor a letter that is drawn as nothing.
pub fn is_visible(c: char) -> bool {
    // The fillers of Korean, the inherent vowels of Khmer and the empty pattern of braille are letters by their kind.
    let drawn_as_nothing = matches!(c, '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}');
    !(c.is_whitespace() || c.is_control() || is_zero_width(c) || drawn_as_nothing)
}

/// Whether nothing of a text can be seen: printed, it is as good as empty.
pub fn is_blank(text: &str) -> bool {
    !text.chars().any(is_visible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_blank() {
        for text in ["", " \u{A0}\t", "\u{200B}", "\u{AD}", "\u{2060}\u{FEFF}", "\u{3164}", "\u{2800} \u{2800}", "\u{E0020}"] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["-", "A", "ș", "김", "⠁", "\u{AD}a", "👍"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
