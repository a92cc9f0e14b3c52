//! A second learned witness beside the encoder: a linear model over grams of letters and of words. It is less often right by itself,
//! as `training/grams.py` prints, which teaches it; it is there to speak where the encoder is sure and mistaken.
//!
//! Sums are of whole numbers, so they are the same on every machine.

use super::pieces::ends;
use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

/// A scale and a constant for each answer, as single-precision numbers; then [`RECORD`] after [`RECORD`], in the order of buckets. All
/// in little-endian order.
static GRAMS: &[u8] = include_bytes!("../../../models/grams.i8");
/// A bucket in three bytes, and how much it speaks for each answer.
const RECORD: usize = 8;
/// So many bits of a gram's CRC-32 are its bucket.
const BITS: u32 = 20;
/// Letters of a word, the blanks around it included.
const LETTERS: std::ops::RangeInclusive<usize> = 3..=5;

/// What is added to the encoder's heads of the answers; None where the embedded file is broken.
pub(super) fn heads(text: &str) -> Option<[f64; 5]> {
    let (numbers, records) = GRAMS.split_first_chunk::<24>()?;
    let (numbers, _) = numbers.as_chunks::<4>();
    let (scale, constants) = numbers.split_first()?;
    let (records, _) = records.as_chunks::<RECORD>();
    let buckets = buckets(text);
    let mut sums = [0_i32; 5];
    for [_, _, _, weights @ ..] in buckets.iter().filter_map(|bucket| find(records, *bucket)) {
        for (sum, weight) in sums.iter_mut().zip(weights) {
            *sum += i32::from(weight.cast_signed());
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "a few ten thousand")]
    let scale = f64::from(f32::from_le_bytes(*scale)) / (buckets.len().max(1) as f64).sqrt();
    let mut heads = sums.map(|sum| f64::from(sum) * scale);
    for (head, constant) in heads.iter_mut().zip(constants) {
        *head += f64::from(f32::from_le_bytes(*constant));
    }
    Some(heads)
}

fn find(records: &[[u8; RECORD]], bucket: u32) -> Option<&[u8; RECORD]> {
    let of = |[low, middle, high, ..]: &[u8; RECORD]| u32::from_le_bytes([*low, *middle, *high, 0]);
    records.binary_search_by(|record| of(record).cmp(&bucket)).ok().and_then(|at| records.get(at))
}

/// The buckets of a text's grams, each once: three to five letters of a word, a word, two words.
fn buckets(text: &str) -> Vec<u32> {
    let folded: String = ends(text).to_lowercase().nfkd().filter(|c| canonical_combining_class(*c) == 0).collect();
    let words = words(&folded);
    let mut buckets = Vec::new();
    let mut add = |gram: &str| buckets.push(crc32fast::hash(gram.as_bytes()) >> (32 - BITS));
    for word in &words {
        let between = format!(" {word} ");
        let mut starts: Vec<usize> = between.char_indices().map(|(at, _)| at).collect();
        starts.push(between.len());
        for length in LETTERS {
            let grams = starts.iter().zip(starts.iter().skip(length));
            grams.filter_map(|(start, end)| between.get(*start..*end)).for_each(&mut add);
        }
        add(&format!("{word}_"));
    }
    for (first, second) in words.iter().zip(words.iter().skip(1)) {
        add(&format!("{first}_{second}_"));
    }
    buckets.sort_unstable();
    buckets.dedup();
    buckets
}

/// Runs of letters and digits; a question mark and an exclamation mark are words, too.
fn words(text: &str) -> Vec<&str> {
    let is_mark = |c: char| c == '?' || c == '!';
    let runs = text.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).flat_map(|run| {
        // A mark stands by itself also where it follows a word without a blank.
        run.split_inclusive(is_mark).flat_map(move |part| {
            let word = part.trim_end_matches(is_mark);
            [word, part.get(word.len()..).unwrap_or_default()]
        })
    });
    runs.filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits_and_marks_by_themselves() {
        assert_eq!(words("da, vin la 13:15!! e ok?da a_b"), ["da", "vin", "la", "13", "15", "!", "!", "e", "ok", "?", "da", "a", "b"]);
        assert_eq!(words(" – …"), [""; 0]);
    }

    #[test]
    fn buckets_are_those_of_the_training() {
        // `python grams.py --buckets TEXT` prints them.
        let sums = |text: &str| (buckets(text).len(), buckets(text).iter().sum::<u32>());
        assert_eq!(sums("Da, vin la 13:15!! Ştefan"), (48, 26_966_075));
        assert_eq!(sums("Не прийду, ЙОД ΣΊΣΥΦΟΣ ﬁ İı"), (59, 30_219_449));
    }

    #[test]
    fn the_file_is_whole_and_its_buckets_are_in_order() {
        let (records, rest) = GRAMS.get(24..).expect("numbers").as_chunks::<RECORD>();
        assert!(rest.is_empty() && records.len() >= 50_000, "{} records", records.len());
        let of = |record: &[u8; RECORD]| u32::from_le_bytes([record[0], record[1], record[2], 0]);
        assert!(records.iter().zip(records.iter().skip(1)).all(|(a, b)| of(a) < of(b)));
        assert!(records.iter().all(|record| find(records, of(record)) == Some(record)));
    }
}
