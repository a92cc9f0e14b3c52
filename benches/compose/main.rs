//! How fast letters are written: the long way beside the press, for the shipped workshop invitation with its calendar part; and signed.
//!
//! `cargo bench --bench compose` prints microseconds a letter and letters a second on one core; `-- check` fails where a target is
//! missed. A number (`-- 50000`) is how many letters the press writes in each round, for a profiler.

use convoke::{
    compose::{Press, Templates, letter},
    model::{Address, CalendarPolicy, Campaign, Event, Guest, Kind, Lang, Letter, Localised, Sender, Stamp, Token},
    net::dkim::{Signer, Signers},
};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    fs,
    hint::black_box,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

const LETTERS: usize = 20_000;
/// The long way is slow: this many letters are enough.
const LONG_WAY: usize = 300;
/// Signatures cost more than letters.
const SIGNED: usize = 1_000;
const ROUNDS: usize = 5;
/// The most a letter of the press may take, where the machine is quiet.
const TARGET: Duration = Duration::from_micros(15);

fn lang(code: &str) -> Lang {
    Lang::parse(code).expect("a code")
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn templates() -> Templates {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/workshop");
    let files = fs::read_dir(folder).expect("templates/workshop").map(|entry| {
        let entry = entry.expect("an entry");
        (entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path()).expect("UTF-8"))
    });
    Templates::parse("templates/workshop", &files.collect()).expect("a set")
}

fn campaign() -> Campaign {
    let titles = [("ro", "Workshop online ECoC-SME"), ("en", "ECoC-SME online workshop"), ("fi", "ECoC-SME-verkkotyöpaja")];
    Campaign {
        hours: None,
        name: "workshop".into(),
        language: lang("ro"),
        deadline: Some("2026-12-04".parse().expect("a day")),
        calendar: CalendarPolicy::WithInvitation,
        event: Event {
            title: Localised::ByLang(titles.iter().map(|(code, title)| (lang(code), (*title).to_owned())).collect()),
            start: "2026-12-10T13:15[Europe/Bucharest]".parse().expect("a moment"),
            end: "2026-12-10T15:30[Europe/Bucharest]".parse().expect("a moment"),
            place: Some(Localised::One("Zoom".into())),
            link: Some("https://zoom.example/j/000000000".into()),
        },
    }
}

fn sender() -> Sender {
    let from = address("workshop@primaria.example");
    Sender { name: "Primăria Lunca Mare".into(), reply_to: from.clone(), bounce_to: from.clone(), from, plus_addressing: false }
}

/// Guests of seven languages and three zones; every fourth has a name beyond ASCII.
fn guest(at: usize) -> Guest {
    let pick = |of: &[&str], by: usize| of.get(by % of.len()).map(|word| (*word).to_owned()).expect("some");
    let name = format!("{} {} {at}", pick(&["Ana", "Mary", "Ștefan", "Joris"], at), pick(&["Ionescu", "O Neill", "de Vries"], at / 4));
    Guest {
        email: address(&format!("guest{at}@guests.example")),
        lang: Some(lang(&pick(&["ro", "en", "nl", "it", "hr", "lt", "fi"], at))),
        organisation: None,
        zone: Some(pick(&["Europe/Bucharest", "Europe/Amsterdam", "Europe/Helsinki"], at / 7)),
        fields: BTreeMap::from([("salutation".to_owned(), format!("Stimată doamnă {name}"))]),
        name,
        row: 2,
    }
}

fn stamp(at: usize) -> Stamp {
    Stamp {
        token: Token::from_bits((at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)),
        kind: Kind::Invitation,
        number: 1,
        date: "2026-11-23T10:00:00Z".parse().expect("an instant"),
        earlier: Vec::new(),
    }
}

fn signers(keys: &[&str]) -> Signers {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dkim");
    let signer = |key: &&str| {
        let pem = fs::read(folder.join(format!("{key}.pem"))).expect("a key");
        Signer::new("primaria.example", key, &pem).expect("a good key")
    };
    Signers::new(keys.iter().map(signer).collect())
}

/// What a signature takes.
fn signed(press: &mut Press, signers: &Signers, guests: &[(Guest, Stamp)]) -> Duration {
    let few = guests.iter().take(SIGNED);
    let letters: Vec<Letter> = few.map(|(guest, stamp)| press.letter(guest, stamp).expect("a letter")).collect();
    let begun = Instant::now();
    for letter in &letters {
        black_box(signers.sign(&letter.raw, Timestamp::UNIX_EPOCH));
    }
    begun.elapsed() / u32::try_from(letters.len()).expect("few")
}

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let letters = asked.iter().find_map(|word| word.parse().ok()).unwrap_or(LETTERS);
    let (templates, campaign, sender) = (Arc::new(templates()), campaign(), sender());
    let guests: Vec<(Guest, Stamp)> = (0..letters).map(|at| (guest(at), stamp(at))).collect();
    let mut press = Press::new(Arc::clone(&templates), campaign.clone(), sender.clone());

    let begun = Instant::now();
    let mut octets = 0;
    for (guest, stamp) in guests.iter().take(21) {
        octets += press.letter(guest, stamp).expect("a letter").raw.len();
    }
    println!(
        "{} KB a letter; the first letters of 21 shapes took {:.1} ms each",
        octets / 21 / 1000,
        begun.elapsed().as_secs_f64() * 1e3 / 21.0
    );

    let (mut long, mut short) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for (guest, stamp) in guests.iter().take(LONG_WAY) {
            black_box(letter(&templates, &campaign, &sender, guest, stamp).expect("a letter"));
        }
        long.push(begun.elapsed() / u32::try_from(LONG_WAY.min(letters)).expect("few"));
        let begun = Instant::now();
        for (guest, stamp) in &guests {
            black_box(press.letter(guest, stamp).expect("a letter"));
        }
        short.push(begun.elapsed() / u32::try_from(letters).expect("few"));
    }
    long.sort();
    short.sort();
    let shown = |name: &str, took: &[Duration]| {
        let micros = |at: usize| took.get(at).map_or(0.0, |took| took.as_secs_f64() * 1e6);
        let median = micros(took.len() / 2);
        println!("{name}: {median:.1} µs a letter (best {:.1}), {:.0} letters/s", micros(0), 1e6 / median);
        median
    };
    let ratio = shown("the long way", &long) / shown("the press   ", &short);
    println!("the press is {ratio:.0} times as fast");
    for (name, keys) in [("Ed25519", &["ed25519"][..]), ("RSA-2048", &["rsa"]), ("both", &["rsa", "ed25519"])] {
        let signers = signers(keys);
        let mut took: Vec<Duration> = (0..ROUNDS).map(|_| signed(&mut press, &signers, &guests)).collect();
        took.sort();
        shown(&format!("DKIM with {name}, without the letter"), &took);
    }
    if short.first().is_some_and(|best| *best > TARGET) {
        println!("missed: {TARGET:?} a letter");
        if asked.iter().any(|word| word == "check") {
            std::process::exit(1);
        }
    }
}
