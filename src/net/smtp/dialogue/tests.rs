//! The dialogue against a server that is a value too: every fault, every split, and the round trips counted.

use super::*;
use crate::model::Address;
use proptest::prelude::*;

/// What the server says instead of a good server's answer: to which word of the nth letter. `DOT` is the end of a letter.
type Rule = (&'static str, usize, &'static str);

/// The server says this and closes.
const BYE: &str = "\u{1}";
/// The server says nothing to it, now or later.
const SILENT: &str = "";

#[derive(Clone, Default)]
struct Server {
    rules: Vec<Rule>,
    /// What comes in the same packet behind a dot is thrown away.
    eats: bool,
    /// The same, but only so many bytes of it.
    nibbles: usize,
    /// How many of MAIL, RCPT, DATA were taken in this transaction.
    taken: usize,
    in_letter: bool,
    partial: Vec<u8>,
    said: Vec<u8>,
    closed: bool,
    silent: bool,
    words: Vec<String>,
    /// The guest of the letter that is announced, where his address was taken.
    guest: Option<usize>,
    /// The guests whose letter's dot came in, with its answer.
    dots: Vec<(usize, String)>,
    letters: usize,
}

impl Server {
    fn hear(&mut self, bytes: &[u8]) {
        self.partial.extend_from_slice(bytes);
        while let Some(end) = self.partial.windows(2).position(|w| w == b"\r\n") {
            let line: Vec<u8> = self.partial.drain(..end + 2).collect();
            let line = String::from_utf8(line).unwrap();
            if self.closed {
                return;
            }
            if self.in_letter && line != ".\r\n" {
                continue;
            }
            let word = if self.in_letter { "DOT" } else { line.split([' ', '\r']).next().unwrap() }.to_owned();
            self.words.push(word.clone());
            let answer = self.answer(&word);
            let good = answer.starts_with('2');
            match word.as_str() {
                "MAIL" | "RSET" if good => self.guest = None,
                "RCPT" if good => self.guest = number(&line),
                "DOT" => self.dots.extend(self.guest.take().map(|guest| (guest, answer))),
                _ => {}
            }
            if word == "DOT" {
                self.letters += 1;
                let eaten = if self.eats { self.partial.len() } else { self.nibbles.min(self.partial.len()) };
                self.partial.drain(..eaten);
            }
        }
    }

    fn answer(&mut self, word: &str) -> String {
        let letter = self.words.iter().filter(|w| *w == "MAIL").count();
        let good = match word {
            "MAIL" if self.taken == 0 => "250 2.1.0 sender ok",
            "RCPT" if self.taken == 1 => "250 2.1.5 recipient ok",
            "DATA" if self.taken == 2 => "354 go",
            "DOT" => "250-2.0.0 queued\r\n250 2.0.0 as Q1",
            "RSET" => "250 ok",
            "MAIL" | "RCPT" | "DATA" => "503 5.5.1 bad sequence of commands",
            _ => "500 5.5.2 what",
        };
        let rule = self.rules.iter().find(|(w, n, _)| *w == word && *n == letter);
        let answer = rule.map_or(good, |(.., answer)| answer);
        self.in_letter = word == "DATA" && answer.starts_with("354");
        match word {
            "RSET" | "DOT" => self.taken = 0,
            _ if answer.starts_with(['2', '3']) => self.taken += 1,
            _ => {}
        }
        let answer = answer.to_owned();
        self.silent |= answer == SILENT;
        self.closed = answer.ends_with(BYE);
        let text = answer.trim_end_matches(BYE);
        if !text.is_empty() && !self.silent {
            self.said.extend_from_slice(text.as_bytes());
            self.said.extend_from_slice(b"\r\n");
        }
        answer
    }
}

struct Run {
    /// One word a letter, in order; `!` = the relay is in trouble.
    outcomes: String,
    lockstep: bool,
    usable: bool,
    /// How often the client had said all that it could and had to wait for the server.
    trips: usize,
    server: Server,
}

struct Pump<'a> {
    talk: Dialogue,
    server: Server,
    /// How many of the bytes that lie there the next read gets.
    chunk: &'a mut dyn FnMut(usize) -> usize,
    wrote: bool,
    trips: usize,
    waits: Vec<Wait>,
}

impl Pump<'_> {
    fn write(&mut self) {
        let out = std::mem::take(&mut self.talk.out);
        self.server.hear(&out);
        self.wrote = true;
    }

    fn read(&mut self, wait: Wait) {
        self.trips += usize::from(std::mem::take(&mut self.wrote));
        self.waits.push(wait);
        let lies = self.server.said.len();
        if lies > 0 {
            let got: Vec<u8> = self.server.said.drain(..(self.chunk)(lies).clamp(1, lies)).collect();
            self.talk.replies.feed(&got);
        } else if self.server.closed {
            self.talk.lost(Lost::Ended("closed".into()));
        } else {
            self.talk.lost(Lost::Silent("silent".into()));
        }
    }

    fn ready(&mut self) -> Result<(), Outcome> {
        loop {
            match self.talk.ready() {
                Turn::Done(result) => return result,
                Turn::Write => self.write(),
                Turn::Read(wait) => self.read(wait),
            }
        }
    }

    fn answer(&mut self) -> Outcome {
        loop {
            match self.talk.answer() {
                Turn::Done(outcome) => return outcome,
                Turn::Write => self.write(),
                Turn::Read(wait) => self.read(wait),
            }
        }
    }
}

fn word(outcome: &Outcome) -> String {
    let word = match &outcome.signal {
        Signal::Accepted { .. } => "accepted",
        Signal::Deferred { .. } => "deferred",
        Signal::Rejected { .. } => "rejected",
        Signal::Unknown { .. } => "unknown",
        Signal::NotBegun { .. } => "not-begun",
        _ => "?",
    };
    format!("{word}{}", if outcome.relay_trouble.is_some() { "!" } else { "" })
}

/// Whose address stands in the line.
fn number(line: &str) -> Option<usize> {
    line.split_once("<guest")?.1.split_once('@')?.0.parse().ok()
}

fn guest(number: usize) -> Address {
    Address::parse(&format!("guest{number}@them.example")).unwrap()
}

const LETTER: &[u8] = b"Subject: x\r\n\r\n.MAIL FROM:<a@b.example>\r\nbye\r\n";

/// Sends so many letters over one connection, as the engine does, until it is of no use.
fn run(server: Server, manner: Manner, letters: usize, chunk: &mut dyn FnMut(usize) -> usize) -> Run {
    let mut talk = Dialogue::new("mx".into());
    talk.offers.pipelining = manner != Manner::Plain;
    if manner == Manner::StepByStep {
        talk.go_step_by_step();
    }
    let from = Address::parse("office@us.example").unwrap();
    let mut pump = Pump { talk, server, chunk, wrote: false, trips: 0, waits: Vec::new() };
    let mut outcomes = vec![None; letters];
    let mut opened = false;
    for n in 0..letters {
        let mut settle = |n: usize, outcome: &Outcome| {
            let slot: &mut Option<String> = &mut outcomes[n];
            assert!(slot.is_none(), "two outcomes of letter {n}");
            *slot = Some(word(outcome));
        };
        if !opened {
            match pump.talk.open(&from, &guest(n), LETTER) {
                Ok(()) => pump.write(),
                Err(outcome) => {
                    settle(n, &outcome);
                    continue;
                }
            }
        }
        opened = false;
        if let Err(outcome) = pump.ready() {
            settle(n, &outcome);
            continue;
        }
        let glance: Vec<u8> = pump.server.said.drain(..).collect();
        pump.talk.replies.feed(&glance);
        let next = (n + 1 < letters).then(|| guest(n + 1));
        let sent = pump.talk.letter(LETTER, next.as_ref().map(|next| (&from, next, LETTER)));
        opened = next.is_some();
        match sent {
            Ok(at) => {
                assert_eq!(at, 0);
                pump.talk.writing_dot();
                pump.write();
                let outcome = pump.answer();
                settle(n, &outcome);
            }
            Err(outcome) => settle(n, &outcome),
        }
    }
    let outcomes: Vec<String> = outcomes.into_iter().flatten().collect();
    Run { outcomes: outcomes.join(" "), lockstep: pump.talk.lockstep(), usable: pump.talk.usable(), trips: pump.trips, server: pump.server }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Manner {
    Pipelined,
    StepByStep,
    /// The server does not offer PIPELINING.
    Plain,
}

const MANNERS: [Manner; 3] = [Manner::Pipelined, Manner::StepByStep, Manner::Plain];

fn server(rules: &[Rule]) -> Server {
    Server { rules: rules.to_vec(), ..Server::default() }
}

fn whole(server: Server, manner: Manner, letters: usize) -> Run {
    run(server, manner, letters, &mut |n| n)
}

/// What the server does to three letters → their outcomes when pipelined, when step by step; and whether it seems to lie.
#[rustfmt::skip]
const TABLE: &[(&[Rule], &str, &str, bool)] = &[
    (&[], "accepted accepted accepted", "accepted accepted accepted", false),
    // Refusals of one letter leave the others alone.
    (&[("MAIL", 2, "552 5.3.4 too big")], "accepted rejected accepted", "accepted rejected accepted", false),
    (&[("MAIL", 2, "451 4.3.0 later")], "accepted not-begun! accepted", "accepted not-begun! accepted", false),
    (&[("RCPT", 2, "550 5.1.1 nobody")], "accepted rejected accepted", "accepted rejected accepted", false),
    (&[("RCPT", 2, "550 5.1.1 nobody"), ("DATA", 2, "354 go")], "accepted rejected accepted", "accepted rejected accepted", false),
    (&[("RCPT", 2, "550 5.1.1 nobody"), ("DATA", 2, "354 go"), ("DOT", 2, "554 no recipients")], "accepted rejected accepted", "accepted rejected accepted", false),
    (&[("RCPT", 2, "450 4.7.1 greylisted")], "accepted deferred accepted", "accepted deferred accepted", false),
    (&[("DATA", 2, "451 later")], "accepted deferred accepted", "accepted deferred accepted", false),
    (&[("DOT", 1, "554 5.6.0 bad content")], "rejected accepted accepted", "rejected accepted accepted", false),
    (&[("DOT", 1, "451 4.3.0 later")], "deferred accepted accepted", "deferred accepted accepted", false),
    (&[("DOT", 2, "550 5.7.1 spam")], "accepted rejected! accepted", "accepted rejected! accepted", false),
    (&[("DOT", 1, "550 5.6.0 no"), ("RCPT", 2, "550 5.1.1 nobody"), ("DATA", 3, "452 full")], "rejected rejected deferred", "rejected rejected deferred", false),
    // It goes away.
    (&[("MAIL", 1, BYE)], "not-begun! not-begun not-begun", "not-begun! not-begun not-begun", false),
    (&[("RCPT", 1, BYE)], "not-begun! not-begun not-begun", "not-begun! not-begun not-begun", false),
    (&[("DATA", 1, BYE)], "not-begun! not-begun not-begun", "not-begun! not-begun not-begun", false),
    (&[("DOT", 1, BYE)], "unknown! not-begun not-begun", "unknown! not-begun not-begun", true),
    (&[("DOT", 2, BYE)], "accepted unknown! not-begun", "accepted unknown! not-begun", false),
    (&[("MAIL", 2, BYE)], "accepted not-begun not-begun", "accepted not-begun not-begun", true),
    (&[("MAIL", 3, BYE)], "accepted accepted not-begun", "accepted accepted not-begun", false),
    (&[("RCPT", 3, BYE)], "accepted accepted not-begun!", "accepted accepted not-begun!", false),
    (&[("DATA", 3, BYE)], "accepted accepted not-begun!", "accepted accepted not-begun!", false),
    (&[("DOT", 1, "421 4.3.2 closing\u{1}")], "deferred! not-begun not-begun", "deferred! not-begun not-begun", false),
    (&[("MAIL", 2, "421 4.7.0 slow down\u{1}")], "accepted not-begun! not-begun", "accepted not-begun! not-begun", false),
    (&[("MAIL", 2, "421 too many messages in this connection\u{1}")], "accepted not-begun not-begun", "accepted not-begun not-begun", false),
    (&[("MAIL", 1, "421 too many messages in this connection\u{1}")], "not-begun! not-begun not-begun", "not-begun! not-begun not-begun", false),
    (&[("RCPT", 2, "421 4.7.0 slow down\u{1}")], "accepted deferred! not-begun", "accepted deferred! not-begun", false),
    (&[("DATA", 2, "421 4.7.0 slow down\u{1}")], "accepted not-begun! not-begun", "accepted not-begun! not-begun", false),
    // It falls silent.
    (&[("MAIL", 1, SILENT), ("RCPT", 1, SILENT), ("DATA", 1, SILENT)], "not-begun! not-begun not-begun", "not-begun! not-begun not-begun", false),
    (&[("RCPT", 1, SILENT), ("DATA", 1, SILENT)], "not-begun! not-begun not-begun", "not-begun! not-begun not-begun", true),
    (&[("DOT", 1, SILENT), ("MAIL", 2, SILENT), ("RCPT", 2, SILENT), ("DATA", 2, SILENT)], "unknown! not-begun not-begun", "unknown! not-begun not-begun", true),
    (&[("MAIL", 2, SILENT), ("RCPT", 2, SILENT), ("DATA", 2, SILENT)], "accepted not-begun not-begun", "accepted not-begun! not-begun", true),
    // It speaks nonsense, or out of step.
    (&[("DOT", 1, "<html>")], "unknown! not-begun not-begun", "unknown! not-begun not-begun", true),
    (&[("DOT", 1, "354 go on")], "unknown! not-begun not-begun", "unknown! not-begun not-begun", true),
    (&[("MAIL", 2, "<html>")], "accepted not-begun not-begun", "accepted not-begun! not-begun", true),
    (&[("MAIL", 2, "354 go")], "accepted not-begun not-begun", "accepted not-begun! not-begun", true),
    (&[("DATA", 2, "250 ok")], "accepted not-begun not-begun", "accepted not-begun! not-begun", true),
    (&[("DATA", 2, "354 go\r\n250 queued")], "accepted not-begun! not-begun", "accepted not-begun! not-begun", false),
    // It offers PIPELINING and says that it will not have it.
    (&[("MAIL", 2, "500 5.5.1 command unrecognized")], "accepted not-begun not-begun", "accepted not-begun! accepted", true),
    (&[("MAIL", 2, "554 SMTP synchronization error\u{1}")], "accepted not-begun not-begun", "accepted not-begun! not-begun", true),
    (&[("DATA", 1, "503 5.5.0 Improper use of SMTP command pipelining")], "not-begun not-begun not-begun", "not-begun! accepted accepted", true),
];

#[test]
fn the_table_of_three_letters() {
    for (rules, pipelined, step_by_step, lies) in TABLE {
        for manner in MANNERS {
            let run = whole(server(rules), manner, 3);
            let expected = if manner == Manner::Pipelined { pipelined } else { step_by_step };
            assert_eq!(run.outcomes, *expected, "{manner:?} {rules:?}");
            assert_eq!(run.lockstep, *lies && manner == Manner::Pipelined, "{manner:?} {rules:?}");
        }
    }
}

#[test]
fn every_split_of_every_answer_comes_to_the_same() {
    for (rules, ..) in TABLE {
        for manner in MANNERS {
            let once = whole(server(rules), manner, 3);
            let single = run(server(rules), manner, 3, &mut |_| 1);
            assert_eq!((single.outcomes, single.lockstep, single.trips), (once.outcomes.clone(), once.lockstep, once.trips), "{rules:?}");
            for at in 1..400 {
                let mut left = at;
                let split = run(server(rules), manner, 3, &mut |n| {
                    let part = n.min(if left == 0 { n } else { left });
                    left -= part.min(left);
                    part
                });
                assert_eq!((split.outcomes, split.lockstep), (once.outcomes.clone(), once.lockstep), "{rules:?} split at {at}");
                if left > 0 {
                    break;
                }
            }
        }
    }
}

#[test]
fn one_round_trip_a_letter() {
    let run = whole(server(&[]), Manner::Pipelined, 200);
    assert!(run.usable && run.outcomes.split(' ').all(|word| word == "accepted"));
    assert_eq!((run.server.letters, run.trips), (200, 201), "the announcement of the first letter, then one a letter");
    for manner in [Manner::StepByStep, Manner::Plain] {
        assert_eq!(whole(server(&[]), manner, 200).trips, 800, "{manner:?}");
    }
}

#[test]
fn a_server_that_swallows_what_stands_behind_a_dot() {
    let eats = Server { eats: true, ..Server::default() };
    let all = whole(eats.clone(), Manner::Pipelined, 3);
    assert_eq!((all.outcomes.as_str(), all.lockstep, all.usable), ("accepted not-begun not-begun", true, false));
    let careful = whole(eats, Manner::StepByStep, 3);
    assert_eq!((careful.outcomes.as_str(), careful.lockstep), ("accepted accepted accepted", false));
    for nibbles in 1..90 {
        let part = whole(Server { nibbles, ..Server::default() }, Manner::Pipelined, 3);
        assert!(part.outcomes == "accepted not-begun not-begun" && part.lockstep, "{nibbles}: {}", part.outcomes);
        assert_eq!(part.server.letters, 1);
    }
}

/// Between the 354 and the body the caller writes its claim down; a server that leaves meanwhile leaves no doubt.
#[test]
fn what_happens_before_the_body_is_written_leaves_no_doubt() {
    let from = Address::parse("office@us.example").unwrap();
    for (lost, said) in [(true, ""), (true, "421 4.4.2 idle too long\r\n"), (false, "250 2.0.0 queued\r\n"), (false, "25")] {
        let mut chunk = |n| n;
        let mut talk = Dialogue::new("mx".into());
        talk.offers.pipelining = true;
        let mut pump = Pump { talk, server: Server::default(), chunk: &mut chunk, wrote: false, trips: 0, waits: Vec::new() };
        pump.talk.open(&from, &guest(1), LETTER).unwrap();
        pump.write();
        pump.ready().unwrap();
        pump.talk.replies.feed(said.as_bytes());
        if lost {
            pump.talk.lost(Lost::Ended("closed".into()));
        }
        let next = guest(2);
        let outcome = pump.talk.letter(LETTER, Some((&from, &next, LETTER))).unwrap_err();
        assert_eq!(word(&outcome), "not-begun!", "{said}");
        assert_eq!(word(&pump.ready().unwrap_err()), "not-begun", "{said}");
        assert!(!pump.talk.usable() && !pump.talk.lockstep(), "{said}");
    }
}

#[test]
fn answers_behind_a_dot_are_waited_for_shortly_until_the_server_is_trusted() {
    let mut chunk = |n| n;
    let mut talk = Dialogue::new("mx".into());
    talk.offers.pipelining = true;
    let from = Address::parse("office@us.example").unwrap();
    let mut pump = Pump { talk, server: Server::default(), chunk: &mut chunk, wrote: false, trips: 0, waits: Vec::new() };
    // One answer a read, so each of them is waited for.
    let mut answers = |_: usize| 1;
    pump.chunk = &mut answers;
    pump.talk.open(&from, &guest(0), LETTER).unwrap();
    pump.write();
    for n in 1..20 {
        pump.ready().unwrap();
        let short = pump.waits.drain(..).any(|wait| wait == Wait::Behind);
        assert_eq!(short, (2..=9).contains(&n), "letter {n}");
        pump.talk.letter(LETTER, Some((&from, &guest(n), LETTER))).unwrap();
        pump.talk.writing_dot();
        pump.write();
        assert_eq!(word(&pump.answer()), "accepted");
        assert!(pump.waits.drain(..).all(|wait| wait == Wait::Dot));
    }
}

/// What a server may say to anything, good answers aside.
const SAYS: &[&str] = &[
    BYE,
    SILENT,
    "250 2.0.0 ok",
    "354 go",
    "251-two\r\n251 lines",
    "421 4.3.2 closing\u{1}",
    "421 4.3.2 closing",
    "450 4.7.1 later",
    "452 4.3.1 full",
    "500 5.5.2 what",
    "503 5.5.1 bad sequence",
    "550 5.1.1 nobody",
    "554 5.7.1 no",
    "550 synchronization error\u{1}",
    "<html>",
    "25",
    "250-half\u{1}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    /// Whatever a server does, as long as its answers are in order, no outcome is a lie: what is accepted was taken,
    /// what is said not to have gone was not taken, and what may have been taken is in doubt.
    #[test]
    fn no_outcome_is_a_lie(
        rules in proptest::collection::vec((0usize..5, 1usize..6, 0..SAYS.len()), 0..4),
        manner in 0..MANNERS.len(), eats in proptest::bool::weighted(0.1), nibbles in prop_oneof![9 => Just(0usize), 1 => 0usize..90], chunk in 1usize..60,
    ) {
        let rules: Vec<Rule> = rules.iter().map(|&(word, n, says)| (["MAIL", "RCPT", "DATA", "DOT", "RSET"][word], n, SAYS[says])).collect();
        let run = run(Server { eats, nibbles, ..server(&rules) }, MANNERS[manner], 6, &mut |_| chunk);
        let outcomes: Vec<&str> = run.outcomes.split(' ').map(|word| word.trim_end_matches('!')).collect();
        prop_assert_eq!(outcomes.len(), 6);
        for (n, outcome) in outcomes.iter().enumerate() {
            let dots: Vec<&str> = run.server.dots.iter().filter(|(guest, _)| *guest == n).map(|(_, answer)| answer.as_str()).collect();
            prop_assert!(dots.len() <= 1, "letter {} went twice", n);
            let answer = dots.first();
            let honest = match *outcome {
                "accepted" => answer.is_some_and(|answer| answer.starts_with('2')),
                "unknown" => answer.is_some_and(|answer| !answer.starts_with(['4', '5']) || answer.starts_with("25") ),
                "deferred" | "rejected" | "not-begun" => answer.is_none_or(|answer| answer.starts_with(['4', '5'])),
                _ => false,
            };
            prop_assert!(honest, "letter {} is {}, its dot was answered {:?}; {:?} {}", n, outcome, answer, rules, run.outcomes);
        }
    }
}
