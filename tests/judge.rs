//! The learned judge says the same on every machine, to within its tolerance.

use convoke::judge::learned;

#[derive(serde::Deserialize)]
struct Known {
    lang: String,
    text: String,
    answers: [f64; 5],
}

#[test]
fn readings_are_those_of_another_machine() {
    let known = include_str!("fixtures/readings.jsonl");
    let known: Vec<Known> = known.lines().map(|line| serde_json::from_str(line).expect("a reading")).collect();
    assert!(known.len() >= 28, "{} languages", known.len());
    let far = known.into_iter().map(|Known { lang, text, answers }| {
        let here = learned::read(&text).expect("a reading").answers;
        let far = here.iter().zip(answers).map(|(here, there)| (here - there).abs()).fold(0.0, f64::max);
        (far, format!("{lang}: {here:?} here, {answers:?} there"))
    });
    let (far, which) = far.max_by(|a, b| a.0.total_cmp(&b.0)).expect("a reading");
    println!("at most {far:.4} from those of the other machine: {which}");
    assert!(far <= learned::TOLERANCE, "{far}: {which}");
}

#[test]
fn a_reading_is_a_distribution_and_empty_texts_have_none() {
    assert_eq!(learned::read(" \n\t"), None);
    for text in ["Da", "👍", "\u{202e}\u{200b}", "ß", &"nu ".repeat(10_000), &"?".repeat(100_000), "日本語"] {
        let reading = learned::read(text).expect("a reading");
        assert!((reading.answers.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let span = learned::deciding(text, &reading);
        assert!(text.get(span).is_some());
    }
}
