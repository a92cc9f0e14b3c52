//! What lists say in their own ways: addresses with other letters, cells that mean no.

use super::{
    case::{Case, TEMPLATE},
    relay::Relay,
};

#[test]
fn an_address_is_typed_as_the_list_has_it() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port).list("email,name,lang\nana@bücher.example,Ana Pop,en\nben@guests.example,Ben Hill,en\n");
    case.call("preview --guest Ana@Bücher.example").exit(0).stdout_has("1 letter written");
    case.call("preview --guest eva@bücher.example").exit(2).stderr_has("has no guest eva@xn--bcher-kva.example");
    case.call("send --test me@town.example --as ana@bücher.example")
        .exit(0)
        .stdout_has("Sent to me@town.example, written as to ana@xn--bcher-kva.example");
    case.call("send --yes 2").exit(0);
    for word in ["bücher", "bucher", "ana@bücher.example", "xn--bcher"] {
        let found = case.call("guests").arg("--find").arg(word).exit(0).stdout;
        assert!(found.contains("Ana Pop") && !found.contains("Ben Hill"), "{word}: {found}");
    }
}

#[test]
fn a_cell_that_says_no_is_told_where_a_template_takes_it_for_a_yes() {
    let case = Case::new()
        .list("email,name,lang,speaker\nana@guests.example,Ana Pop,en,TRUE\nben@guests.example,Ben Hill,en,FALSE\n")
        .template(format!("{TEMPLATE}\n{{{{#if guest.speaker}}}}You come free of charge.{{{{/if}}}}\n"));
    let told = "1 guest with a cell like \"FALSE\" in the column speaker: {{#if guest.speaker}} takes it for a yes";
    case.call("check --offline").exit(0).stdout_has(&format!("note    {told}"));
    case.call("send --dry-run").exit(0).stdout_has(&format!("Careful: {told}"));
}
