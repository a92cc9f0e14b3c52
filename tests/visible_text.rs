//! Public test data for "what the guest typed": `tests/fixtures/visible-text.jsonl`, its sources and licences on every line.

use convoke::read::{Context, said};
use std::collections::HashMap;

/// These contradict our meaning: a closing line is typed and stays, a signature under a dash is none, and a mail that is
/// nothing but a quote says nothing.
const NOT_COUNTED: [&str; 3] = ["CRISP/email_with_regards", "CRISP/email_emoji", "ERT/spam_1"];

#[derive(serde::Deserialize)]
struct Row {
    id: String,
    input: String,
    visible: Option<String>,
    checks: Vec<(String, String)>,
}

/// Harmonic mean of precision and recall over words; two empty texts agree.
fn token_f1(expected: &str, got: &str) -> f64 {
    let mut left: HashMap<&str, i64> = HashMap::new();
    for word in expected.split_whitespace() {
        *left.entry(word).or_default() += 1;
    }
    let wanted = expected.split_whitespace().count();
    let given = got.split_whitespace().count();
    if wanted == 0 || given == 0 {
        return if wanted == given { 1.0 } else { 0.0 };
    }
    let mut same = 0;
    for word in got.split_whitespace() {
        let count = left.entry(word).or_default();
        same += i64::from(*count > 0);
        *count -= 1;
    }
    2.0 * same as f64 / (wanted + given) as f64
}

#[test]
fn public_fixtures_are_read_right() {
    let data = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/visible-text.jsonl")).expect("the fixtures");
    let rows: Vec<Row> = data.lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
    assert!(rows.len() > 120, "the fixtures are not whole: {} rows", rows.len());
    let mut wrong = Vec::new();
    let mut counted = 0;
    for row in rows.iter().filter(|row| !NOT_COUNTED.contains(&row.id.as_str())) {
        counted += 1;
        let got = said(&row.input, &Context::default()).said;
        let checks = row.checks.iter().all(|(how, text)| (how == "contains") == got.contains(text.as_str()));
        if row.visible.as_ref().is_some_and(|visible| token_f1(visible, &got) < 0.95) || !checks {
            wrong.push(format!("{}\n{got}\n", row.id));
        }
    }
    let right = counted - wrong.len();
    println!("{right} of {counted} right; wrong:\n{}", wrong.join("\n"));
    assert!(right * 100 >= counted * 95, "only {right} of {counted} are right:\n{}", wrong.join("\n"));
}
