//! A peer: logistic regression over character 2- to 5-grams and word 1- to 3-grams, hashed, taught on the same replies.

use super::{ANSWERS, figures::Judged, replies::Reply};
use std::hash::{DefaultHasher, Hash, Hasher};

const BUCKETS: usize = 1 << 20;
const EPOCHS: usize = 12;

pub fn judged<'a>(learn: &[Reply], replies: &'a [Reply]) -> Vec<Judged<'a>> {
    let rows: Vec<(Vec<(usize, f32)>, usize)> = learn
        .iter()
        .map(|reply| (features(&reply.text), ANSWERS.iter().position(|answer| *answer == reply.label).expect("a label")))
        .collect();
    let mut weights = vec![[0f32; 5]; BUCKETS];
    let mut bias = [0f32; 5];
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut dice = 1u64;
    for epoch in 0..EPOCHS {
        for at in (1..order.len()).rev() {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            order.swap(at, usize::try_from(dice >> 33).expect("31 bits") % (at + 1));
        }
        #[allow(clippy::cast_precision_loss, reason = "a dozen")]
        let rate = 4.0 / (1.0 + epoch as f32);
        for at in &order {
            let (features, label) = &rows[*at];
            let chances = chances(features, &weights, &bias);
            for (answer, chance) in chances.iter().enumerate() {
                let step = rate * (f32::from(u8::from(answer == *label)) - chance);
                bias[answer] += 0.01 * step;
                features.iter().for_each(|(bucket, value)| weights[*bucket][answer] += step * value);
            }
        }
    }
    replies
        .iter()
        .map(|reply| {
            let chances = chances(&features(&reply.text), &weights, &bias);
            let (best, confidence) =
                chances.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(at, chance)| (ANSWERS[at], *chance)).expect("five");
            Judged {
                reply,
                answer: best,
                recorded: false,
                confidence: f64::from(confidence),
                question: reply.text.contains('?'),
                unsubscribe: false,
                party: None,
            }
        })
        .collect()
}

fn chances(features: &[(usize, f32)], weights: &[[f32; 5]], bias: &[f32; 5]) -> [f32; 5] {
    let mut heads = *bias;
    for (bucket, value) in features {
        heads.iter_mut().zip(weights[*bucket]).for_each(|(head, weight)| *head += weight * value);
    }
    let most = heads.iter().copied().fold(f32::MIN, f32::max);
    let powers = heads.map(|head| (head - most).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

/// Buckets and their weights, of length 1 in all; each gram counts once.
fn features(text: &str) -> Vec<(usize, f32)> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect();
    let mut grams: Vec<usize> = Vec::new();
    let mut add = |gram: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        gram(&mut hasher);
        grams.push(usize::try_from(hasher.finish() % BUCKETS as u64).expect("a bucket"));
    };
    for n in 1..=3 {
        words.windows(n).for_each(|window| add(&|hasher| window.hash(hasher)));
    }
    for word in lower.split_whitespace() {
        let chars: Vec<char> = format!(" {word} ").chars().collect();
        for n in 2..=5 {
            chars.windows(n).for_each(|window| add(&|hasher| (n, window).hash(hasher)));
        }
    }
    grams.sort_unstable();
    grams.dedup();
    #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
    let length = (grams.len().max(1) as f32).sqrt();
    grams.into_iter().map(|gram| (gram, 1.0 / length)).collect()
}
