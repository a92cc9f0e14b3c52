//! Never twice, never forgotten: `convoke send` is killed with SIGKILL, and the next `send` goes on.
//!
//! A run of `./test` kills 50 sends of 500 guests. The big campaign is a command of its own:
//!
//! ```text
//! CONVOKE_KILLS=500 CONVOKE_GUESTS=2000 cargo test --release --test wire killed_at_any_letter -- --nocapture
//! ```
//!
//! `CONVOKE_SEED` draws other moments. The moments are numbers of letters that had begun to arrive at smtp-sink, spread
//! over the whole list, plus up to four milliseconds, so that every part of the dialogue is met. A death leaves at most
//! eight uncertain letters a connection, and at most one where less than 200 letters a second were sent.

use super::delay::Delay;
use super::process::until;
use super::sending::{Desk, Said, Sending, address};
use super::sink::{Arrivals, Faults, Sink};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const SEED: u64 = 0x0c0a_70ce_2026;
/// How many letters a connection may have claimed ahead of the relay's answers.
const AHEAD: usize = 8;
/// Letters a second; who sends fewer claims one letter a connection.
const SLOW: f64 = 200.0;
/// So far away that [`FAR_CONNECTIONS`] cannot send [`SLOW`] letters a second, at one letter a round trip.
const FAR: Duration = Duration::from_millis(20);
const FAR_CONNECTIONS: usize = 2;
/// The far relay is met by this many letters at most, because each takes its time.
const FAR_LETTERS: usize = 40;

/// Who dies, and in which weather.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    /// The sender.
    Sender,
    /// The relay falls silent, then the sender dies, then the relay goes on with what it has got.
    Silence,
    /// The sender, while a slow network still carries what it wrote.
    SlowNetwork,
    /// The sender, early and far from the relay, where it sends less than [`SLOW`].
    Far,
    /// The sender twice in a row.
    Twice,
    /// The relay; the sender lives and goes on when the relay is back.
    Relay,
}

/// The ways of the sender's deaths, in turn; one death of the relay comes on top of every ten of them.
const WAYS: [Way; 10] = [
    Way::Sender,
    Way::Silence,
    Way::Sender,
    Way::SlowNetwork,
    Way::Sender,
    Way::Silence,
    Way::Twice,
    Way::Far,
    Way::Sender,
    Way::SlowNetwork,
];

/// Over how many connections, in turn; coprime with the ways.
const CONNECTIONS: [usize; 3] = [2, 10, 5];

/// One death: which, when, and how.
struct Run {
    number: usize,
    seed: u64,
    letters: usize,
    later: Duration,
    way: Way,
    connections: usize,
}

#[derive(Default, Debug)]
struct Tally {
    /// The sender had ended before its moment came.
    missed: usize,
    uncertain: usize,
    /// The most that one run left.
    most: usize,
    /// Uncertain letters that had reached the relay after all.
    arrived: usize,
}

#[test]
fn killed_at_any_letter_a_send_invites_nobody_twice_and_forgets_nobody() {
    let (kills, guests) = (number("CONVOKE_KILLS", 50), number("CONVOKE_GUESTS", 500));
    let seed = std::env::var("CONVOKE_SEED").map_or(SEED, |text| text.parse().expect("CONVOKE_SEED is a number"));
    assert!(kills > 0 && guests > 10, "there is something to kill");
    let deaths = kills + kills.div_ceil(10);
    let began = Instant::now();
    let (next, total) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::SeqCst);
                    if index >= deaths {
                        break;
                    }
                    let one = die(&Run::draw(index, kills, guests, seed), guests);
                    let mut total = total.lock().expect("no run failed before");
                    total.missed += one.missed;
                    total.uncertain += one.uncertain;
                    total.most = total.most.max(one.uncertain);
                    total.arrived += one.arrived;
                }
            });
        }
    });
    let total = total.into_inner().expect("no run failed");
    eprintln!("{deaths} deaths in sends of {guests}, seed {seed}: {total:?}, {:?}", began.elapsed());
    assert!(total.missed * 5 <= kills, "seed {seed}: too many sends had ended before their moment: {total:?}");
    assert!(total.uncertain * 10 >= kills, "seed {seed}: the deaths met hardly a letter under way: {total:?}");
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

impl Run {
    fn draw(number: usize, kills: usize, guests: usize, seed: u64) -> Self {
        let mut chance = Chance(seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        // Each death has its own part of the list.
        let part = if number < kills { number } else { chance.below(kills) };
        let (from, to) = (part * guests / kills, (part + 1) * guests / kills);
        let letters = from + 1 + chance.below(to.saturating_sub(from).max(1));
        let later = Duration::from_micros(chance.below(4_000) as u64);
        let way = if number < kills { WAYS[number % WAYS.len()] } else { Way::Relay };
        let letters = if way == Way::Far { 1 + letters % FAR_LETTERS } else { letters };
        let connections = if way == Way::Far { FAR_CONNECTIONS } else { CONNECTIONS[number % CONNECTIONS.len()] };
        Self { number, seed, letters: letters.min(guests), later, way, connections }
    }

    fn name(&self) -> String {
        let Self { number, seed, letters, later, way, connections } = self;
        format!("death {number} (seed {seed}; {way:?} at letter {letters} + {later:?}, {connections} connections)")
    }
}

/// SplitMix64: the same numbers on every machine and for ever.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("below a usize")
    }
}

/// What a death may leave, and what the names in a failure are.
struct Bound {
    name: String,
    /// The most letters that one death may leave in doubt.
    each: usize,
}

/// Waits until `letters` have begun to arrive, or the sender has ended.
fn wait(arrivals: &mut Arrivals, sending: &mut Sending, letters: usize) {
    while arrivals.begun() < letters && sending.ended().is_none() {
        std::thread::sleep(Duration::from_micros(200));
    }
}

fn die(run: &Run, guests: usize) -> Tally {
    let mut sink = Sink::start(&Faults::default());
    let mut arrivals = sink.arrivals();
    let each_way = match run.way {
        Way::SlowNetwork => Some(Duration::from_millis(1)),
        Way::Far => Some(FAR),
        Way::Sender | Way::Silence | Way::Twice | Way::Relay => None,
    };
    let delay = each_way.map(|each_way| Delay::start(sink.port(), each_way));
    let desk = Desk::connected(guests, delay.as_ref().map_or(sink.port(), Delay::port), run.connections);
    let mut bound = Bound { name: run.name(), each: AHEAD * run.connections };
    let mut tally = Tally::default();

    let mut first = desk.send("first", guests);
    wait(&mut arrivals, &mut first, 1);
    let began = Instant::now();
    wait(&mut arrivals, &mut first, run.letters);
    std::thread::sleep(run.later);
    if run.way == Way::Far {
        let rate = arrivals.begun().saturating_sub(run.connections) as f64 / began.elapsed().as_secs_f64();
        assert!(rate < SLOW, "{}: {rate} letters/s over a round trip of {:?}", bound.name, 2 * FAR);
        bound.each = run.connections;
    }
    let mut deaths = 1;
    match run.way {
        Way::Relay => {
            tally.missed += usize::from(first.ended().is_some());
            sink.kill();
            sink.start_again(&Faults::default());
        }
        Way::Silence => {
            sink.freeze();
            // Long enough for all connections to have written what they can.
            std::thread::sleep(Duration::from_millis(25));
            tally.missed += usize::from(!first.kill());
            sink.thaw();
        }
        Way::Sender | Way::SlowNetwork | Way::Far | Way::Twice => tally.missed += usize::from(!first.kill()),
    }
    if run.way != Way::Relay {
        between(&bound, &desk, &mut sink);
    }
    if run.way == Way::Twice {
        let mut second = desk.send("second", 0);
        wait(&mut arrivals, &mut second, run.letters + (guests - run.letters) / 2);
        second.kill();
        between(&bound, &desk, &mut sink);
        deaths = 2;
    }
    if run.way == Way::Far {
        desk.reach(sink.port());
    }

    let said = if run.way == Way::Relay { first.end() } else { desk.send("last", 0).end() };
    if let Some(delay) = &delay {
        until("the slow network to be empty", Duration::from_secs(20), || delay.is_empty().then_some(()));
    }
    let (uncertain, arrived) = judge(&bound, &desk, &mut sink, &said, deaths);
    (tally.uncertain, tally.arrived) = (uncertain, arrived);

    let before = sink.count();
    let said = desk.send("again", 0).end();
    assert_eq!(judge(&bound, &desk, &mut sink, &said, deaths), (uncertain, arrived), "{}: a further `send` changes nothing", bound.name);
    assert_eq!(sink.count(), before, "{}: a further `send` sends nothing", bound.name);
    tally
}

/// Between the death and the next `send`: whatever reached the relay is claimed, and few letters are.
fn between(bound: &Bound, desk: &Desk, sink: &mut Sink) {
    let Bound { name, each } = bound;
    let received: BTreeSet<String> = sink.recipients().into_iter().collect();
    let deliveries = desk.deliveries();
    for (email, delivery) in &deliveries {
        match (delivery.as_str(), received.contains(email)) {
            ("queued", false) | ("sent", true) | ("sending" | "uncertain", _) => {}
            (state, there) => panic!("{name}: after the death {email} is {state}, and in the sink: {there}"),
        }
    }
    let held = deliveries.values().filter(|state| *state == "sending").count();
    assert!(held <= *each, "{name}: {held} letters were claimed, and {each} may be");
}

/// After the last `send`: the sink and the database agree. How many letters are uncertain, and how many of them arrived.
fn judge(bound: &Bound, desk: &Desk, sink: &mut Sink, said: &Said, deaths: usize) -> (usize, usize) {
    let Bound { name, each } = bound;
    let mut received = BTreeSet::new();
    for recipient in sink.recipients() {
        assert!(received.insert(recipient.clone()), "{name}: {recipient} was written to twice");
    }
    let deliveries = desk.deliveries();
    assert!(received.iter().all(|recipient| deliveries.contains_key(recipient)), "{name}: a stranger was written to");
    let (mut uncertain, mut arrived) = (0, 0);
    for (email, delivery) in &deliveries {
        match (delivery.as_str(), received.contains(email)) {
            ("sent", true) => {}
            ("uncertain", there) => {
                uncertain += 1;
                arrived += usize::from(there);
            }
            (state, there) => panic!("{name}: {email} is {state}, and in the sink: {there}; {said:?}"),
        }
    }
    assert!(uncertain <= each * deaths, "{name}: {uncertain} uncertain letters after {deaths} deaths, and {each} may be of each");
    let outbox: BTreeSet<String> = desk.outbox().into_keys().collect();
    let shown: BTreeSet<String> = deliveries.into_iter().filter(|(_, state)| state == "uncertain").map(|(email, _)| email).collect();
    assert_eq!(outbox, shown, "{name}: `outbox` shows the uncertain letters and no other");
    assert_eq!(said.code, Some(if uncertain > 0 { 3 } else { 0 }), "{name}: {said:?}");
    (uncertain, arrived)
}

/// A death while letters are rendered and queued, before the first leaves: all of them are queued, or none.
#[test]
fn killed_before_the_first_letter_all_guests_are_invited_or_none() {
    let guests = 60;
    let (mut all, mut none) = (0, 0);
    let mut chance = Chance(SEED);
    for number in 0..12 {
        let mut sink = Sink::start(&Faults::default());
        let desk = Desk::new(guests, sink.port());
        // `send` says so when the queue was written; half of the deaths are timed by that.
        let mut first = desk.send("first", guests);
        if number % 2 == 0 {
            std::thread::sleep(Duration::from_millis(chance.below(150) as u64));
        } else {
            while !first.printed().contains(" queued.") && first.ended().is_none() {
                std::hint::spin_loop();
            }
        }
        first.kill();
        let dry = desk.run(&["send", "workshop.toml", "--dry-run"]);
        let new = [0, guests].into_iter().find(|new| dry.out.contains(&format!(", {new} to invite now."))).unwrap_or_else(|| {
            panic!("death {number} (seed {SEED}): all guests are new, or none: {dry:?}");
        });
        if new == 0 {
            all += 1
        } else {
            none += 1
        }
        let said = desk.send("last", new).end();
        let bound = Bound { name: format!("early death {number} (seed {SEED})"), each: AHEAD * super::sending::CONNECTIONS };
        judge(&bound, &desk, &mut sink, &said, 1);
        let expected: BTreeSet<String> = (0..guests).map(address).collect();
        assert_eq!(desk.deliveries().into_keys().collect::<BTreeSet<_>>(), expected);
    }
    assert!(all > 0 && none > 0, "the deaths met both sides of the queue: {all} after it, {none} before");
}
