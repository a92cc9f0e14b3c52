//! `send`: what it shows, what it asks, what it queues, and how it ends.

use super::{case::{Case, LIST}, relay::Relay};

#[test]
fn the_number_is_typed_and_the_letters_leave() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    let said = case.call("send").stdin("3\n").exit(0);
    said.stdout_has("Campaign gala: 3 guests in the list, 0 invited already, 3 to invite now.")
        .stdout_has("The first of them, to Ana Pop <ana@guests.example>:")
        .stdout_has("    Subject: Gala [#")
        .stdout_has("    Dear Ana Pop,\n")
        .stdout_has("Type the number of letters (3) to send them: ")
        .stdout_has("3 letters queued.\n3 sent, 0 waiting, 0 uncertain, 0 failed.\n");
    assert_eq!(relay.recipients(), ["ana@guests.example", "ben@guests.example", "eva@guests.example"]);
    let _ = LIST;
}
