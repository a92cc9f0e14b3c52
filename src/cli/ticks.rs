//! Columns of yes and no, as lists and templates understand them differently.

use super::words::counted;
use crate::{
    compose::Templates,
    model::{Guest, guest::fold},
};
use std::collections::BTreeMap;

/// How people and spreadsheets write "no", folded.
const NO: [&str; 27] = [
    "no", "nu", "nein", "nee", "non", "ne", "nie", "ei", "nej", "nei", "nao", "nem", "hayir", "n", "0", "n a", "false", "fals", "falsch",
    "faux", "falso", "onwaar", "falsz", "nepravda", "hamis", "falskt", "falsk",
];

/// A sentence for each column that a template asks for only by `{{#if guest.speaker}}` and that has cells with a "no": such a cell is
/// filled, so the letter says yes. And one for each that is compared with a "false" which no cell has: a tick box of a workbook that
/// is not set is an empty cell.
pub fn misunderstood(templates: &Templates, guests: &[Guest]) -> Vec<String> {
    let asked = templates.asked_columns();
    let mut compared: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (column, text) in &asked {
        compared.entry(column).or_default().extend(text);
    }
    compared
        .into_iter()
        .filter_map(|(column, texts)| if texts.is_empty() { bare(column, guests) } else { never(column, &texts, guests) })
        .collect()
}

fn bare(column: &str, guests: &[Guest]) -> Option<String> {
    let filled = || guests.iter().filter_map(|guest| guest.fields.get(column)).map(String::as_str);
    let mut no = filled().filter(|value| is_no(value));
    let first = no.next()?;
    let (guests, yes) = (counted(1 + no.count(), "guest"), filled().find(|value| !is_no(value) && value.len() <= 20));
    let yes = yes.unwrap_or("yes");
    Some(format!(
        "{guests} with a cell like \"{first}\" in the column {column}: {{{{#if guest.{column}}}}} takes it for a yes, because it is not empty. Empty these cells, or write {{{{#if (eq guest.{column} \"{yes}\")}}}}"
    ))
}

fn never(column: &str, texts: &[&str], guests: &[Guest]) -> Option<String> {
    let text = texts.iter().find(|text| text.eq_ignore_ascii_case("false"))?;
    let has = |guest: &Guest| guest.fields.get(column).is_some_and(|value| value == text);
    (!guests.iter().any(has)).then(|| {
        format!(
            "no cell of the column {column} says \"{text}\", which a template asks for; a tick box of a workbook that is not set is an empty cell: write {{{{#if guest.{column}}}}} or {{{{#unless guest.{column}}}}}"
        )
    })
}

fn is_no(value: &str) -> bool {
    let folded = fold(value);
    NO.contains(&folded.as_str()) || value.chars().all(|c| c.is_ascii_punctuation() || "–—".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Address;

    fn notes(template: &str, cells: &[&str]) -> Vec<String> {
        let files = BTreeMap::from([("invitation.en.md".to_owned(), format!("---\nsubject: Hello\n---\n{template}\n"))]);
        let guest = |cell: &&str| Guest {
            email: Address::parse("a@x.example").expect("an address"),
            name: "Ana".into(),
            lang: crate::model::Lang::parse("no"),
            organisation: None,
            zone: None,
            fields: [("speaker".to_owned(), (*cell).to_owned())].into_iter().filter(|(_, cell)| !cell.is_empty()).collect(),
            row: 2,
        };
        let guests: Vec<Guest> = cells.iter().map(guest).collect();
        misunderstood(&Templates::parse("t", &files).expect("a template"), &guests)
    }

    #[test]
    fn a_no_that_reads_as_a_yes_is_told() {
        assert_eq!(
            notes("{{#if guest.speaker}}free{{/if}}", &["TRUE", "FALSE", "FALSE", ""]),
            [
                "2 guests with a cell like \"FALSE\" in the column speaker: {{#if guest.speaker}} takes it for a yes, because it is not empty. Empty these cells, or write {{#if (eq guest.speaker \"TRUE\")}}"
            ]
        );
        for no in ["No", "nu", "Não", "FAŁSZ", "-", "0", "n/a"] {
            assert_eq!(notes("{{#if (and guest.lang (not guest.speaker))}}x{{/if}}", &["Da", no]).len(), 1, "{no}");
        }
        for good in ["{{#if (eq guest.speaker \"TRUE\")}}x{{/if}}", "{{#if guest.lang}}x{{/if}}", "{{guest.speaker}}"] {
            assert_eq!(notes(good, &["TRUE", "FALSE"]), Vec::<String>::new(), "{good}");
        }
        assert_eq!(notes("{{#if guest.speaker}}x{{/if}}", &["TRUE", "", "Nora", "10"]), Vec::<String>::new());
    }

    #[test]
    fn a_tick_box_that_is_not_set_is_not_the_word_false() {
        let asked = "{{#if (ne guest.speaker \"false\")}}free{{/if}}";
        assert!(notes(asked, &["true", ""])[0].starts_with("no cell of the column speaker says \"false\""));
        assert_eq!(notes(asked, &["true", "false"]), Vec::<String>::new());
    }
}
