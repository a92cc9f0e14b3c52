//! A text as the encoder takes it: pieces of words, and the vector of each.

use rten_tensor::NdTensor;
use tokenizers::{
    NormalizerWrapper, PreTokenizerWrapper, Tokenizer,
    models::unigram::Unigram,
    normalizers::Precompiled,
    pre_tokenizers::metaspace::{Metaspace, PrependScheme},
};

/// The length of a vector.
pub(super) const HIDDEN: usize = 384;
/// A block of Q4_0: a half-precision scale and 32 weights of four bits; the low halves of its bytes come first.
const BLOCK: usize = 18;
const ROW: usize = HIDDEN / 32 * BLOCK;

const BEGIN: u32 = 0;
const END: u32 = 2;
const UNKNOWN: usize = 3;
/// What the base was taught to expect before a text.
const PROMPT: &str = "query: ";
/// A text of more pieces is read in its beginning and its end, and its middle in windows.
const LONGEST: usize = 192;
/// So many pieces at the end of a window stand in the next one again.
const OVERLAP: usize = 30;
/// A text of more bytes is cut to its two ends of half as many before it becomes pieces: some five windows of words, fewer than 40
/// of anything.
const MAX_BYTES: usize = 4_096;

static PIECES: &str = include_str!("../../../models/pieces.tsv");
static CHARSMAP: &[u8] = include_bytes!("../../../models/charsmap.bin");
static WORDS: &[u8] = include_bytes!("../../../models/words.q4");

pub(super) struct Pieces {
    tokenizer: Tokenizer,
}

impl Pieces {
    /// None where the embedded files do not fit together; a test opens them.
    pub fn open() -> Option<Self> {
        let pieces: Option<Vec<(String, f64)>> = PIECES
            .lines()
            .map(|line| {
                let (piece, score) = line.rsplit_once('\t')?;
                Some((piece.to_owned(), score.parse().ok()?))
            })
            .collect();
        let pieces = pieces.filter(|pieces| pieces.len() * ROW == WORDS.len())?;
        let mut tokenizer = Tokenizer::new(Unigram::from(pieces, Some(UNKNOWN), false).ok()?);
        tokenizer.with_normalizer(Some(NormalizerWrapper::Precompiled(Precompiled::from(CHARSMAP).ok()?))).ok()?;
        let spaces = Metaspace::new('▁', PrependScheme::Always, true);
        tokenizer.with_pre_tokenizer(Some(PreTokenizerWrapper::Metaspace(spaces)));
        Some(Self { tokenizer })
    }

    /// The numbers of a text's pieces, between the marks of its ends.
    pub fn numbers(&self, text: &str) -> Option<Vec<u32>> {
        let pieces = self.pieces(text)?;
        let room = LONGEST - 2;
        if pieces.len() <= room {
            return Some(marked(&pieces));
        }
        let (first, last) = (pieces.get(..room / 2)?, pieces.get(pieces.len() - room / 2..)?);
        Some(marked(&[first, last].concat()))
    }

    /// What [`Pieces::numbers`] leaves out of a longer text, in windows of the same length.
    pub fn middle(&self, text: &str) -> Option<Vec<Vec<u32>>> {
        let pieces = self.pieces(text)?;
        let room = LONGEST - 2;
        if pieces.len() <= room {
            return Some(Vec::new());
        }
        let prompt = self.pieces("")?;
        let left_out = pieces.get((room / 2).saturating_sub(OVERLAP)..pieces.len() - room / 2 + OVERLAP)?;
        let length = room - prompt.len();
        let starts = (0..left_out.len()).step_by(length - OVERLAP);
        let windows = starts.filter_map(|at| left_out.get(at..left_out.len().min(at + length)));
        Some(windows.map(|window| marked(&[prompt.as_slice(), window].concat())).collect())
    }

    fn pieces(&self, text: &str) -> Option<Vec<u32>> {
        let text = format!("{PROMPT}{}", ends(text).split_whitespace().collect::<Vec<_>>().join(" "));
        Some(self.tokenizer.encode_fast(text.trim_end(), false).ok()?.get_ids().to_vec())
    }
}

/// Whether a text is so long that some of it is in no window.
pub(super) fn is_cut(text: &str) -> bool {
    text.len() > MAX_BYTES
}

fn marked(pieces: &[u32]) -> Vec<u32> {
    [&[BEGIN][..], pieces, &[END]].concat()
}

/// The first and the last half of MAX_BYTES, where a text is longer.
pub(super) fn ends(text: &str) -> String {
    if !is_cut(text) {
        return text.to_owned();
    }
    let (first, last) = (text.floor_char_boundary(MAX_BYTES / 2), text.ceil_char_boundary(text.len() - MAX_BYTES / 2));
    format!("{} {}", text.get(..first).unwrap_or_default(), text.get(last..).unwrap_or_default())
}

/// A row of [`HIDDEN`] numbers for each piece.
pub(super) fn vectors(numbers: &[u32]) -> Option<NdTensor<f32, 2>> {
    let mut data = Vec::with_capacity(numbers.len() * HIDDEN);
    for number in numbers {
        let at = usize::try_from(*number).ok()? * ROW;
        for block in WORDS.get(at..at + ROW)?.chunks_exact(BLOCK) {
            let (scale, nibbles) = block.split_first_chunk::<2>()?;
            let scale = half(u16::from_le_bytes(*scale));
            let weight = |nibble: u8| (f32::from(nibble) - 8.0) * scale;
            data.extend(nibbles.iter().map(|byte| weight(byte & 15)));
            data.extend(nibbles.iter().map(|byte| weight(byte >> 4)));
        }
    }
    Some(NdTensor::from_data([numbers.len(), HIDDEN], data))
}

/// A number of IEEE 754 binary16.
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff));
    sign * if exponent == 0 { fraction * 2f32.powi(-24) } else { (1024.0 + fraction) * 2f32.powi(exponent - 25) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rten_tensor::Layout;

    #[test]
    fn halves() {
        for (bits, value) in [(0x0000, 0.0), (0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (0x0001, 5.960_464_5e-8)] {
            assert!((half(bits) - value).abs() <= f32::EPSILON * value.abs(), "{bits:x}");
        }
    }

    #[test]
    fn long_texts_keep_both_ends() {
        let pieces = Pieces::open().expect("the embedded files");
        let long = format!("Da, vin. {} Cu drag, Ana", "čšž ".repeat(20_000));
        let numbers = pieces.numbers(&long).expect("numbers");
        assert_eq!(numbers.len(), LONGEST);
        let short = pieces.numbers("Da, vin.").expect("numbers");
        assert_eq!(numbers.get(..short.len() - 1), short.get(..short.len() - 1));
        assert_eq!(vectors(&numbers).expect("vectors").size(0), LONGEST);
    }

    #[test]
    fn what_stands_between_the_ends_is_in_the_windows() {
        let pieces = Pieces::open().expect("the embedded files");
        let words: Vec<String> = (0..200).map(|n| format!("word{n}")).collect();
        let long = words.join(" ");
        let windows = pieces.middle(&long).expect("windows");
        let all: Vec<u32> = pieces.numbers(&long).into_iter().chain(windows.clone()).flatten().collect();
        let of = |word: &str| pieces.pieces(word).expect("pieces").last().copied().expect("a piece");
        assert!(words.iter().all(|word| all.contains(&of(word))));
        assert!(windows.len() > 2 && windows.iter().all(|window| window.len() <= LONGEST), "{}", windows.len());
        assert_eq!(pieces.middle("Da, vin."), Some(Vec::new()));
        let longest = pieces.middle(&"šč ".repeat(20_000)).expect("windows");
        assert!(longest.len() < 40, "the work is bounded: {}", longest.len());
    }
}
