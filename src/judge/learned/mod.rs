//! The witness who has learned from examples: a multilingual encoder with heads for the answer, for a question, for
//! leaving the list, and for how many come. What it was taught, and how well it does, stands in `models/README.md`.
//!
//! It is inside the program and opened when it is first asked, so commands that read no mail do not pay for it. Inference is
//! by `rten`, because that is pure Rust and takes quantised ONNX as it is; a pass over 67 words takes 50 to 70 ms on one core
//! with AVX2, less with AVX-512. Pieces are made by `tokenizers`, because the base was taught with exactly those. Linear layers multiply
//! whole numbers; what is left are sums of floats whose order depends on the processor, so answers are the same to within
//! [`TOLERANCE`].

mod grams;
mod pieces;

use super::text::Text;
use crate::model::Answer;
use pieces::{Pieces, is_cut, vectors};
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::{AsView, NdTensor};
use std::{
    borrow::Cow,
    ops::Range,
    sync::{Arc, LazyLock},
};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

static MODEL: &[u8] = include_bytes!("../../../models/reader.onnx");

/// By how much a probability may differ from machine to machine, at worst where a reply is undecided: `tests/judge.rs` prints it.
/// Against one with AVX-512 it is 0.06 on a processor with AVX2 alone, and was 0.10 on an emulated one without AVX.
pub const TOLERANCE: f64 = 0.1;

/// The answers in the order of the heads.
const ANSWERS: [Answer; 5] = [Answer::Accept, Answer::Decline, Answer::Delegate, Answer::Tentative, Answer::None];
/// The place of the head that no number of people is said; those of the numbers follow.
const FIRST_NUMBER: usize = 7;
/// Sentences that are weighed one by one; what comes after them is one more.
const SENTENCES: usize = 8;
/// By how much of a probability the removal of two sentences may differ and be alike.
const ALIKE: f64 = 0.01;

/// How much the words as they were typed count for the number of people, beside the same words bare: a name without its capital is
/// nobody, and in a text of capitals nobody has a name. Chosen among six on the replies held apart for calibration.
const TYPED: f64 = 0.7;

/// What the learned witness makes of a text.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// The likeliest answer.
    pub answer: Answer,
    /// The calibrated probability of each answer, in the order of [`Reading::answers`].
    pub answers: [f64; 5],
    /// The probability of the likeliest answer in that way of typing where it is least.
    pub confidence: f64,
    /// The probability of a no beside a yes, and of a yes beside a no, in that way of typing where it is most; 0 beside others.
    pub opposite: f64,
    /// That the guest asks something.
    pub question: f64,
    /// That the guest wants off the list.
    pub unsubscribe: f64,
    /// How many come in all, where the text says so, and its probability in that way of typing where it is least; more than the heads
    /// were taught is left to rules.
    pub party: Option<(u32, f64)>,
    /// The likeliest number, were one said; None where it is larger than was taught.
    pub likeliest: Option<u32>,
    /// The probability of each number from 1 on, in that way of typing where it is most.
    pub numbers: Vec<f64>,
    /// The probability that more come than the heads were taught to count, in that way of typing where it is most.
    pub many: f64,
    /// That no number of people is said, as it was typed.
    pub uncounted: f64,
    /// Another decision, and its probability, that stands in the middle of a long text, away from its ends.
    pub elsewhere: Option<(Answer, f64)>,
    /// Some of the text was not read: it is too long.
    pub cut: bool,
}

impl Reading {
    /// The answers, each with its probability.
    pub fn answers(&self) -> impl Iterator<Item = (Answer, f64)> {
        ANSWERS.into_iter().zip(self.answers)
    }

    /// The probability of a number of people, in that way of typing where it is most; 0 for more than was taught.
    pub fn of_number(&self, number: u32) -> f64 {
        number.checked_sub(1).and_then(|place| self.numbers.get(usize::try_from(place).ok()?)).copied().unwrap_or(0.0)
    }

    /// The probability of one answer.
    pub fn of(&self, answer: Answer) -> f64 {
        self.answers().find(|(other, _)| *other == answer).map_or(0.0, |(_, p)| p)
    }
}

struct Reader {
    pieces: Pieces,
    model: Model,
    input: NodeId,
    output: NodeId,
    /// One thread: a mail is read in the background, and a server has other things to do.
    alone: Arc<ThreadPool>,
}

fn reader() -> Option<&'static Reader> {
    static READER: LazyLock<Option<Reader>> = LazyLock::new(|| {
        // Weights are laid out for this processor once; else every pass does it again, for a quarter of its time.
        let model = ModelOptions::with_all_ops().prepack_weights(true).load_static_slice(MODEL).ok()?;
        let (input, output) = (*model.input_ids().first()?, *model.output_ids().first()?);
        Some(Reader { pieces: Pieces::open()?, model, input, output, alone: Arc::new(ThreadPool::with_num_threads(1)) })
    });
    READER.as_ref()
}

impl Reader {
    /// The heads, as numbers without a scale: the encoder's, and for the answers the grams' beside them.
    fn heads(&self, text: &str) -> Option<Vec<f64>> {
        let text = without_links(text);
        let mut heads = self.run(&self.pieces.numbers(&text)?)?;
        for (head, more) in heads.iter_mut().zip(grams::heads(&text)?) {
            *head += more;
        }
        Some(heads)
    }

    fn run(&self, pieces: &[u32]) -> Option<Vec<f64>> {
        let words = vectors(pieces)?;
        let options = RunOptions::default().with_thread_pool(Some(self.alone.clone()));
        let [heads] = self.model.run_n(vec![(self.input, words.into())], [self.output], Some(options)).ok()?;
        let heads: NdTensor<f32, 2> = heads.try_into().ok()?;
        Some(heads.iter().map(|head| f64::from(*head)).collect())
    }
}

/// Reads what a guest typed: the answer by the whole, or by both ends of a long text, whose middle may speak against it.
/// None where nothing was typed.
pub fn read(said: &str) -> Option<Reading> {
    if said.trim().is_empty() {
        return None;
    }
    let temperature = super::thresholds::get().temperature;
    let mut reading = conclude(&passes(said)?, temperature)?;
    let (reader, text) = (reader()?, without_links(said));
    for window in reader.pieces.middle(&text)? {
        let part = conclude(&[reader.run(&window)?], temperature)?;
        reading.question = reading.question.max(part.question);
        reading.unsubscribe = reading.unsubscribe.max(part.unsubscribe);
        let other = (part.answer, part.confidence);
        if ![reading.answer, Answer::None].contains(&other.0) && reading.elsewhere.is_none_or(|(_, chance)| chance < other.1) {
            reading.elsewhere = Some(other);
        }
    }
    reading.cut = is_cut(&text);
    Some(reading)
}

/// One pass of the encoder over a text: its heads.
pub fn pass(text: &str) -> Option<Vec<f64>> {
    reader()?.heads(text)
}

/// What the encoder's heads say of a text, before anything is made of it: answers, flags, parties. In one or two ways in which
/// the same words are typed, as they are and bare: what hangs on a capital or an accent is not what the guest means.
pub fn passes(said: &str) -> Option<Vec<Vec<f64>>> {
    let (typed, bare) = (pass(said)?, bare(said));
    Some(if bare == said { vec![typed] } else { vec![typed, pass(&bare)?] })
}

/// A link says nothing of coming, and its question mark asks nothing.
fn without_links(text: &str) -> Cow<'_, str> {
    if !text.contains("://") && !text.contains("www.") {
        return text.into();
    }
    let words: Vec<&str> = text.split_whitespace().filter(|word| !word.contains("://") && !word.starts_with("www.")).collect();
    words.join(" ").into()
}

/// In lower case and without accents, as people type who have no keyboard for them; in Cyrillic the marks make letters.
fn bare(said: &str) -> String {
    let mut cyrillic = false;
    let letters = said.nfd().filter(|c| {
        let mark = is_combining_mark(*c);
        if !mark {
            cyrillic = ('\u{400}'..='\u{4ff}').contains(c);
        }
        !mark || cyrillic
    });
    letters.nfc().collect::<String>().to_lowercase()
}

/// What [`passes`] mean at a temperature, by which the heads of the answers are divided: the answer by the mean of their heads, the
/// number of people by a mean of unequal shares ([`TYPED`]), the rest as it was typed.
pub fn conclude(passes: &[Vec<f64>], temperature: f64) -> Option<Reading> {
    let (first, others) = passes.split_first()?;
    #[allow(clippy::cast_precision_loss, reason = "one or two")]
    let of_all = passes.len() as f64;
    let mean = |at: usize, head: &f64| (head + others.iter().filter_map(|other| other.get(at)).sum::<f64>()) / of_all;
    let heads: Vec<f64> = first.iter().enumerate().map(|(at, head)| mean(at, head)).collect();
    let chances =
        |heads: &[f64]| -> Option<[f64; 5]> { softmax(&heads.first_chunk::<5>()?.map(|head| head / temperature)).try_into().ok() };
    let answers = chances(&heads)?;
    let (place, (answer, _)) = ANSWERS.into_iter().zip(answers).enumerate().max_by(|a, b| a.1.1.total_cmp(&b.1.1))?;
    let of = |place: usize| passes.iter().filter_map(move |pass| chances(pass)?.get(place).copied());
    let confidence = of(place).fold(1.0, f64::min);
    let opposite =
        ANSWERS.into_iter().position(|other| Some(other) == answer.opposite()).map_or(0.0, |place| of(place).fold(0.0, f64::max));
    let (_, rest) = first.split_first_chunk::<5>()?;
    let ([question, unsubscribe], _) = rest.split_first_chunk::<2>()?;
    let parties: Vec<Vec<f64>> = passes.iter().filter_map(|pass| Some(softmax(pass.get(FIRST_NUMBER..)?))).collect();
    let bare = passes.last()?.get(FIRST_NUMBER..)?;
    let mixed = |(typed, bare): (&f64, &f64)| TYPED * typed + (1.0 - TYPED) * bare;
    let counts = softmax(&first.get(FIRST_NUMBER..)?.iter().zip(bare).map(mixed).collect::<Vec<f64>>());
    let of_number = |number: u32| parties.iter().filter_map(move |chances| chances.get(usize::try_from(number).ok()?)).copied();
    let taught = u32::try_from(counts.len().saturating_sub(1)).unwrap_or_default();
    let sigmoid = |head: f64| 1.0 / (1.0 + (-head).exp());
    Some(Reading {
        answer,
        answers,
        confidence,
        opposite,
        question: sigmoid(*question),
        unsubscribe: sigmoid(*unsubscribe),
        party: party(&counts).map(|(number, _)| (number, of_number(number).fold(1.0, f64::min))),
        likeliest: likeliest(&counts).map(|(number, _)| number),
        numbers: (1..taught).map(|number| of_number(number).fold(0.0, f64::max)).collect(),
        many: of_number(taught).fold(0.0, f64::max),
        uncounted: parties.first()?.first().copied().unwrap_or_default(),
        elsewhere: None,
        cut: false,
    })
}

/// The likeliest of the numbers *not said, 1, 2 … , more* and its probability, if a number is likelier said than not.
fn party(chances: &[f64]) -> Option<(u32, f64)> {
    likeliest(chances).filter(|_| chances.first().is_some_and(|silent| *silent <= 0.5))
}

/// The likeliest of the numbers *1, 2 …* and its probability, if *more* is not as likely.
fn likeliest(chances: &[f64]) -> Option<(u32, f64)> {
    let (_, numbers) = chances.split_first()?;
    let (more, _) = numbers.split_last()?;
    let (number, most) = (1..).zip(numbers).max_by(|a: &(u32, &f64), b| a.1.total_cmp(b.1))?;
    Some((number, *most)).filter(|_| most > more)
}

fn softmax(heads: &[f64]) -> Vec<f64> {
    let most = heads.iter().copied().fold(f64::MIN, f64::max);
    let powers: Vec<f64> = heads.iter().map(|head| (head - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// The sentence whose removal takes most from the answer: the words that decided, as a span of the text. A name, a number or a link
/// by itself decides nothing.
pub fn deciding(said: &str, reading: &Reading) -> Range<usize> {
    let trimmed = said.len() - said.trim_start().len()..said.trim_end().len();
    let spans = sentences(said);
    if spans.len() < 2 {
        return spans.first().cloned().unwrap_or(trimmed);
    }
    let temperature = super::thresholds::get().temperature;
    let without = |span: &Range<usize>| {
        let rest = format!("{} {}", said.get(..span.start).unwrap_or_default(), said.get(span.end..).unwrap_or_default());
        pass(&rest).and_then(|heads| conclude(&[heads], temperature)).map_or(0.0, |other| other.of(reading.answer))
    };
    let weighed: Vec<(f64, Range<usize>)> = spans.into_iter().map(|span| (without(&span), span)).collect();
    let least = weighed.iter().map(|(left, _)| *left).fold(f64::MAX, f64::min);
    // Where several could go and the others would say the same, the one that says it most surely by itself.
    let mut near = weighed.into_iter().filter(|(left, _)| *left <= least + ALIKE).map(|(_, span)| span);
    let (Some(first), rest) = (near.next(), near.collect::<Vec<_>>()) else { return trimmed };
    if rest.is_empty() {
        return first;
    }
    let alone = |span: &Range<usize>| {
        said.get(span.clone()).and_then(pass).and_then(|heads| conclude(&[heads], temperature)).map_or(0.0, |it| it.of(reading.answer))
    };
    let weighed = std::iter::once(first).chain(rest).map(|span| (alone(&span), span));
    // The first of two that say the same.
    weighed.reduce(|best, next| if next.0 > best.0 { next } else { best }).map_or(trimmed, |(_, span)| span)
}

/// The sentences of a text with words in them, at most [`SENTENCES`] and the rest.
fn sentences(said: &str) -> Vec<Range<usize>> {
    let text = Text::of(said);
    let speaks = |at: usize| text.words.iter().any(|word| word.sentence == at && !word.name && !word.inert);
    let any = (0..text.sentences.len()).any(speaks);
    let worded = |at: usize| text.words.iter().any(|word| word.sentence == at) && (!any || speaks(at));
    let mut spans: Vec<Range<usize>> =
        text.sentences.iter().enumerate().filter(|(at, _)| worded(*at)).map(|(_, sentence)| sentence.start..sentence.end).collect();
    if let (Some(first), Some(last)) = (spans.get(SENTENCES).cloned(), spans.last().cloned()) {
        spans.truncate(SENTENCES);
        spans.push(first.start..last.end);
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_party_is_a_number_that_is_likelier_said_than_not() {
        let party = |heads: &[f64]| party(&softmax(heads));
        let near = |heads: &[f64], number, chance: f64| party(heads).is_some_and(|(n, p)| n == number && (p - chance).abs() < 0.01);
        assert!(near(&[0.0, 0.0, 9.0, 0.0], 2, 1.0));
        assert_eq!(party(&[9.0, 0.0, 8.0, 0.0]), None, "rather not said");
        assert!(near(&[0.0, 0.1, 0.2, 0.0], 2, 0.28), "said, and hardly known how many");
        assert_eq!(party(&[0.0, 0.0, 8.0, 9.0]), None, "more than the heads were taught");
        assert_eq!(party(&[]), None);
    }

    #[test]
    fn a_number_that_is_heard_in_bare_words_alone_is_heard_where_capitals_hide_it() {
        let heads = |silent: f64, two: f64| [vec![5.0, 0.0, 0.0, 0.0, 0.0, -9.0, -9.0], vec![silent, 0.0, two, 0.0]].concat();
        let number = |typed, bare| conclude(&[typed, bare], 1.0).unwrap().party;
        let (two, chance) = number(heads(1.0, 0.8), heads(0.0, 4.0)).unwrap();
        assert!(two == 2 && chance < 0.4, "as sure as in the worse way");
        assert_eq!(number(heads(4.0, 0.0), heads(0.0, 4.0)), None, "as typed counts more");
    }
}
