//! What may happen to a `send` short of a power cut: the relay dies or falls silent, somebody stops, pauses or starts a second one.

use super::dovecot::{self, Dovecot};
use super::postfix::{self, Postfix};
use super::process::{signal, until};
use super::sending::{CONNECTIONS, Desk, Said, Sending, address};
use super::sink::{Faults, Sink};
use rustix::process::Signal;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
/// Nothing has changed for so long: nothing is on the way.
const STILL: Duration = Duration::from_millis(500);

fn reached(sink: &Sink, sending: &mut Sending, letters: usize) {
    until("letters at the sink", PATIENCE, || {
        assert!(sending.ended().is_none(), "`send` ended too early: {}", sending.printed());
        (sink.begun() >= letters).then_some(())
    });
}

/// How many guests are in a state.
fn how_many(desk: &Desk, state: &str) -> usize {
    desk.deliveries().values().filter(|delivery| *delivery == state).count()
}

/// Everybody got one letter and is *sent*, except those that are uncertain.
fn everybody_once(desk: &Desk, sink: &mut Sink, guests: usize, uncertain: usize, said: &Said) {
    let recipients = sink.recipients();
    let once: BTreeSet<&String> = recipients.iter().collect();
    assert_eq!(once.len(), recipients.len(), "somebody was written to twice");
    let deliveries = desk.deliveries();
    for number in 0..guests {
        let (email, state) = deliveries.get_key_value(&address(number)).expect("every guest is there");
        assert!(state == "uncertain" || state == "sent" && once.contains(email), "{email} is {state}; {said:?}");
    }
    assert_eq!(deliveries.values().filter(|state| *state == "uncertain").count(), uncertain, "{said:?}");
    assert_eq!(said.code, Some(if uncertain > 0 { 3 } else { 0 }), "{said:?}");
}

#[test]
fn a_relay_that_is_down_from_the_start_touches_no_letter() {
    let mut sink = Sink::start(&Faults::default());
    sink.stop();
    let desk = Desk::new(40, sink.port());
    for (name, letters) in [("first", 40), ("second", 0)] {
        let said = desk.send(name, letters).end();
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.err.contains("cannot be reached") && said.err.contains("check host, port"), "{said:?}");
        let outbox = desk.outbox();
        assert_eq!(outbox.len(), 40);
        assert!(outbox.values().all(|(state, attempts)| state == "queued" && *attempts == 0), "{outbox:?}");
    }
    sink.start_again(&Faults::default());
    let said = desk.send("third", 0).end();
    everybody_once(&desk, &mut sink, 40, 0, &said);
}

#[test]
fn a_relay_that_dies_leaves_the_rest_for_the_next_send() {
    let mut sink = Sink::start(&Faults::default());
    let desk = Desk::new(300, sink.port());
    let mut first = desk.send("first", 300);
    reached(&sink, &mut first, 100);
    sink.kill();
    // Both connections have noticed when no letter is in their hands.
    until("the sender to notice", PATIENCE, || (how_many(&desk, "sending") == 0).then_some(()));
    signal(first.id(), Signal::TERM);
    let said = first.end();
    assert_eq!(said.code, Some(3), "{said:?}");
    let uncertain = how_many(&desk, "uncertain");
    assert!(uncertain <= CONNECTIONS, "{uncertain} letters are uncertain");
    let waiting = desk.outbox();
    assert!(waiting.values().all(|(state, attempts)| state != "queued" || *attempts == 0), "a dead relay is no attempt: {waiting:?}");
    sink.start_again(&Faults::default());
    let said = desk.send("second", 0).end();
    everybody_once(&desk, &mut sink, 300, uncertain, &said);
}

#[test]
fn asked_to_stop_a_send_finishes_the_letters_in_its_hands() {
    for asked in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut sink = Sink::start(&Faults::default());
        let desk = Desk::new(200, sink.port());
        let mut first = desk.send("first", 200);
        reached(&sink, &mut first, 30);
        let began = Instant::now();
        signal(first.id(), asked);
        let said = first.end();
        assert!(began.elapsed() < Duration::from_secs(5), "{asked:?} took {:?}", began.elapsed());
        assert_eq!(said.code, Some(3), "{asked:?}: {said:?}");
        assert!(said.out.contains("\"uncertain\":0"), "{asked:?}: {said:?}");
        let sent = how_many(&desk, "sent");
        assert_eq!((sink.count(), how_many(&desk, "queued")), (sent, 200 - sent));
        assert!(sent < 200, "it stopped before the end");
        let said = desk.send("second", 0).end();
        everybody_once(&desk, &mut sink, 200, 0, &said);
    }
}

#[test]
fn asked_to_stop_before_a_silent_relay_a_send_ends_and_says_what_is_uncertain() {
    let mut sink = Sink::start(&Faults::default());
    let desk = Desk::new(200, sink.port());
    let mut first = desk.send("first", 200);
    reached(&sink, &mut first, 30);
    sink.freeze();
    // Answers that were on the way still come; then each connection that stands waits with a letter in hand. On a busy machine
    // that is one of them, and a fast one has claimed more behind it.
    let (mut seen, mut since) = ((0, 0), Instant::now());
    until("the connections to wait", PATIENCE, || {
        let now = (how_many(&desk, "sent"), how_many(&desk, "sending"));
        if now != seen {
            (seen, since) = (now, Instant::now());
        }
        (now.1 > 0 && since.elapsed() >= STILL).then_some(())
    });
    let began = Instant::now();
    signal(first.id(), Signal::TERM);
    let said = first.end();
    sink.thaw();
    assert!(began.elapsed() < Duration::from_secs(8), "it took {:?}", began.elapsed());
    let uncertain = how_many(&desk, "uncertain");
    assert!((1..=CONNECTIONS).contains(&uncertain), "{uncertain} letters are uncertain: {said:?}");
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.out.contains(&format!("\"uncertain\":{uncertain}")), "{said:?}");
    let said = desk.send("second", 0).end();
    everybody_once(&desk, &mut sink, 200, uncertain, &said);
}

#[test]
fn a_second_send_watches_the_first_and_both_end() {
    let mut sink = Sink::start(&Faults::default());
    let desk = Desk::new(200, sink.port());
    let mut first = desk.send("first", 200);
    reached(&sink, &mut first, 20);
    let mut second = desk.send("second", 0);
    let (first, second) = (first.end(), second.end());
    assert!(second.err.contains("Delivered by: convoke send, process "), "{second:?}");
    everybody_once(&desk, &mut sink, 200, 0, &first);
    everybody_once(&desk, &mut sink, 200, 0, &second);
}

#[test]
fn two_sends_at_once_invite_nobody_twice() {
    let mut sink = Sink::start(&Faults::default());
    let desk = Desk::new(200, sink.port());
    let (mut first, mut second) = (desk.send("first", 200), desk.send("second", 200));
    let said = [first.end(), second.end()];
    assert!(said.iter().any(|said| said.code == Some(0)), "{said:?}");
    // The later one finds other numbers than it was told, before its letters are queued or while they are.
    let late = said.iter().find(|said| said.code != Some(0)).unwrap_or_else(|| panic!("both have queued 200 letters: {said:?}"));
    assert!(late.code == Some(2) || late.err.contains("another convoke queued"), "{late:?}");
    let said = desk.send("last", 0).end();
    everybody_once(&desk, &mut sink, 200, 0, &said);
}

#[test]
fn a_second_send_takes_over_from_a_first_that_is_killed() {
    let mut sink = Sink::start(&Faults::default());
    let desk = Desk::new(200, sink.port());
    let mut first = desk.send("first", 200);
    reached(&sink, &mut first, 5);
    // The relay keeps still, so that the first is at work for as long as the second needs to find it so.
    sink.freeze();
    let mut second = desk.send("second", 0);
    until("the second to watch", PATIENCE, || second.printed().contains("Delivered by").then_some(()));
    assert!(first.kill());
    sink.thaw();
    let said = second.end();
    let uncertain = how_many(&desk, "uncertain");
    assert!((1..=CONNECTIONS).contains(&uncertain), "{uncertain} letters are uncertain: {said:?}");
    assert!(said.err.contains("uncertain now, see"), "{said:?}");
    everybody_once(&desk, &mut sink, 200, uncertain, &said);
}

#[test]
fn a_paused_campaign_keeps_its_letters_until_it_goes_on() {
    let mut sink = Sink::start(&Faults::default());
    let desk = Desk::new(200, sink.port());
    let mut first = desk.send("first", 200);
    reached(&sink, &mut first, 30);
    // The relay keeps still meanwhile: on a busy machine all 200 would leave before `pause` has started.
    sink.freeze();
    let paused = desk.run(&["pause", "workshop"]);
    sink.thaw();
    assert_eq!(paused.code, Some(0), "{paused:?}");
    let said = first.end();
    assert_eq!(said.code, Some(3), "{said:?}");
    let sent = how_many(&desk, "sent");
    assert_eq!((sink.count(), how_many(&desk, "queued")), (sent, 200 - sent));
    assert!(sent < 200, "it was paused before the end");

    let said = desk.run(&["send", "workshop.toml", "--yes", "0"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.out.contains("The campaign is paused"), "{said:?}");
    assert_eq!(sink.count(), sent, "nothing leaves while it is paused");

    assert_eq!(desk.run(&["resume", "workshop"]).code, Some(0));
    let said = desk.send("last", 0).end();
    everybody_once(&desk, &mut sink, 200, 0, &said);
}

#[test]
fn a_refused_guest_stops_nobody() {
    let user = ("workshop@primaria.example".to_owned(), "secret".to_owned());
    let dovecot = Dovecot::start(&dovecot::Options { tls: false, users: vec![user] });
    let options = postfix::Options { refused: vec![address(3)], deferred: vec![address(0), address(7)], bounced: Vec::new() };
    let postfix = Postfix::start(&dovecot, &options);
    let desk = Desk::new(30, postfix.plain_port());
    let said = desk.send("first", 30).end();
    assert_eq!(said.code, Some(3), "{said:?}");
    for (email, state) in desk.deliveries() {
        let expected = match email {
            _ if email == address(3) => "failed",
            _ if email == address(0) || email == address(7) => "queued",
            _ => "sent",
        };
        assert_eq!(state, expected, "{email}: {said:?}");
    }
    let outbox = desk.outbox();
    assert_eq!(outbox.get(&address(7)), Some(&("queued".to_owned(), 1)), "{outbox:?}");
    assert!(said.err.contains("550") && said.err.contains(&address(3)), "what the server said is shown: {said:?}");
}

#[test]
fn a_relay_that_refuses_every_guest_gets_every_letter_offered_once() {
    let mut sink = Sink::start(&Faults { soft: vec!["RCPT"], ..Faults::default() });
    let desk = Desk::new(30, sink.port());
    let said = desk.send("first", 30).end();
    assert_eq!(said.code, Some(3), "{said:?}");
    let outbox = desk.outbox();
    assert_eq!(outbox.len(), 30, "{outbox:?}");
    assert!(outbox.values().all(|found| *found == ("queued".to_owned(), 1)), "{outbox:?}");
    assert_eq!(sink.count(), 0);
}

#[test]
fn a_campaign_whose_guests_are_all_refused_pauses_itself() {
    let mut sink = Sink::start(&Faults { hard: vec!["RCPT"], hard_reply: Some("550 5.1.1 no such user"), ..Faults::default() });
    let desk = Desk::new(60, sink.port());
    let said = desk.send("first", 60).end();
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("10 letters in a row were refused") && said.err.contains("convoke resume"), "{said:?}");
    // What was announced or claimed already when the tenth came back is refused too.
    let failed = how_many(&desk, "failed");
    assert!((10..=10 + 8 * CONNECTIONS).contains(&failed), "{failed}");
    assert_eq!((how_many(&desk, "queued"), sink.count()), (60 - failed, 0));
    let status = desk.run(&["status"]);
    assert!(status.out.contains("10 letters in a row were refused"), "{status:?}");
    // The relay is well again: the organiser lets the rest go.
    sink.stop();
    sink.start_again(&Faults::default());
    assert_eq!(desk.run(&["resume"]).code, Some(0));
    let said = desk.send("second", 0).end();
    assert_eq!((said.code, sink.count()), (Some(3), 60 - failed), "{said:?}");
}

/// What the scripted server has seen.
#[derive(Default)]
struct Seen {
    taken: Vec<String>,
    goodbyes: usize,
    hung_up: bool,
}

type Script = (Mutex<Seen>, Condvar);

/// One connection of a server that, once, at the RCPT of the second guest, waits until the other connection has said
/// goodbye, and hangs up.
fn serve(mut stream: TcpStream, script: &Script) -> Option<()> {
    let (seen, changed) = script;
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let mut say = |words: &str| stream.write_all(format!("{words}\r\n").as_bytes()).ok();
    let mut guest = String::new();
    say("220 relay.example")?;
    while let Some(Ok(line)) = lines.next() {
        match line.get(..4).unwrap_or_default() {
            "RCPT" => {
                guest = line.split(['<', '>']).nth(1)?.to_owned();
                let mut seen = seen.lock().ok()?;
                if guest == address(1) && !std::mem::replace(&mut seen.hung_up, true) {
                    drop(changed.wait_timeout_while(seen, PATIENCE, |seen| seen.goodbyes == 0).ok()?);
                    return None;
                }
                say("250 ok")?;
            }
            "DATA" => {
                say("354 go on")?;
                lines.by_ref().find(|line| line.as_ref().is_ok_and(|line| line == "."))?.ok()?;
                seen.lock().ok()?.taken.push(guest.clone());
                say("250 ok")?;
            }
            "QUIT" => {
                seen.lock().ok()?.goodbyes += 1;
                changed.notify_all();
                return say("221 bye");
            }
            _ => say("250 ok")?,
        }
    }
    None
}

#[test]
fn a_letter_that_comes_back_last_is_sent_by_the_same_send() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let port = listener.local_addr().expect("its address").port();
    let script = Arc::new(Script::default());
    let shared = script.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let shared = shared.clone();
            std::thread::spawn(move || serve(stream, &shared));
        }
    });
    let desk = Desk::new(3, port);
    let said = desk.send("first", 3).end();
    let seen = script.0.lock().expect("no server thread failed");
    let mut taken = seen.taken.clone();
    taken.sort();
    assert!(seen.hung_up);
    assert_eq!(taken, [address(0), address(1), address(2)], "{said:?}");
    assert_eq!(said.code, Some(0), "{said:?}");
}
