//! The steps by hand, with a clock in the hand: invite, claim, settle, receive. The servers are the sandbox's.

use convoke::{
    compose::Templates,
    model::{Address, Answer, CalendarPolicy, Campaign, Certainty, Event, Fact, Guest, Lang, Localised, Patience, Sender as Who, Signal},
    net::{
        Account, Auth, Secret, Security,
        imap::{Mailbox, Timeouts},
        smtp,
    },
    plan::Pace,
    sandbox::{Client, Guests, Reaction, Sandbox},
    store::{
        self, Connection, Store, campaigns, copies, inbox, journal, kept,
        outbox::{self, Upcoming},
        unwanted::{KeptBack, Withdrawals},
        views,
    },
    work::{
        Step,
        edition::{self, Editions},
        folder::Folder,
        invite,
        receive::Desk,
        reread::{Again, Found},
        rule::{self, Assigned},
        send::{self, Seat, Sender, Terms},
    },
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use tempfile::TempDir;

const DESK: &str = "workshop@primaria.example";

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn desk() -> Desk {
    Desk { ours: vec![address(DESK)], authserv_id: None, certainty: Certainty::default() }
}

fn noon() -> Timestamp {
    "2026-11-30T12:00:00Z".parse().expect("a time")
}

fn later(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

fn campaign() -> Campaign {
    Campaign {
        hours: None,
        name: "workshop".into(),
        language: Lang::parse("en").expect("a code"),
        deadline: None,
        calendar: CalendarPolicy::Never,
        event: Event {
            title: Localised::One("Workshop".into()),
            start: "2026-12-10T13:15[Europe/Bucharest]".parse().expect("a moment"),
            end: "2026-12-10T15:30[Europe/Bucharest]".parse().expect("a moment"),
            place: None,
            link: None,
        },
    }
}

fn who() -> Who {
    let desk = address(DESK);
    Who { name: "Primaria".into(), from: desk.clone(), reply_to: desk.clone(), bounce_to: desk, plus_addressing: false }
}

fn guest(email: &str) -> Guest {
    let name = format!("Guest {email}");
    Guest { email: address(email), name, lang: None, organisation: None, zone: None, fields: BTreeMap::new(), row: 2 }
}

fn account(port: u16) -> Account {
    let auth = Auth::Password(Secret::new("any"));
    Account { host: "127.0.0.1".into(), port, security: Security::None, ca: None, user: Some("desk".into()), auth }
}

fn templates() -> Templates {
    let template = "---\nsubject: You are invited\n---\nDear {{guest.name}},\n\nplease come.\n\n{{reply_buttons}}\n";
    let files = BTreeMap::from([("invitation.en.md".to_owned(), template.to_owned())]);
    Templates::parse("templates/t", &files).expect("a set")
}

/// A database with a campaign, and its servers.
struct House {
    _folder: TempDir,
    store: Store,
    sandbox: Sandbox,
    chance: u64,
}

impl House {
    async fn open(script: impl IntoIterator<Item = (&'static str, Vec<Reaction>)>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&folder.path().join("convoke.db")).expect("a new database");
        let guests = Guests::scripted(script.into_iter().map(|(guest, does)| (address(guest), does)).collect());
        let sandbox = Sandbox::start(guests, noon, address(DESK)).await.expect("free ports");
        Self { _folder: folder, store, sandbox, chance: 0 }
    }

    /// Invites who is not invited yet; how many that were.
    async fn invite(&mut self, emails: &[&str], now: Timestamp) -> usize {
        self.invite_all(emails.iter().map(|email| guest(email)).collect(), now).await
    }

    async fn invite_all(&mut self, list: Vec<Guest>, now: Timestamp) -> usize {
        self.invite_to(campaign(), list, now).await
    }

    async fn invite_to(&mut self, campaign: Campaign, list: Vec<Guest>, now: Timestamp) -> usize {
        let templates = templates();
        let invitees = invite::invitees(&self.store, &campaign.name, list).await.expect("a look");
        let mut chance = || {
            self.chance += 1;
            self.chance
        };
        let checked = invite::check(&templates, &campaign, &who(), &invitees.new, now).expect("letters");
        let count = invitees.new.len();
        let tokens: Vec<u64> = invitees.new.iter().map(|_| chance()).collect();
        let mut tokens = tokens.into_iter();
        let round = invite::Round {
            file: format!("/srv/{}.toml", campaign.name),
            content: edition::content(&templates, &campaign, &who()),
            campaign,
            guests: invitees.new,
            again: invitees.again,
            subjects: checked.subjects,
        };
        if count > 0 {
            invite::queue(&self.store, round, now, move || tokens.next().expect("one for each")).await.expect("queued");
        }
        count
    }

    fn sender(&self, port: u16, pace: Pace) -> Sender {
        Sender::new(account(port), "primaria.example".into(), smtp::Timeouts::default(), Terms::new(pace))
    }

    /// Steps until there is a rest; the number of steps, and until when.
    async fn send(&self, sender: &Sender, now: Timestamp) -> (usize, Option<Timestamp>) {
        let mut seat = Seat::default();
        for steps in 0..100 {
            if let Step::Rest { until } = sender.step(&self.store, &mut seat, now).await.expect("a step") {
                seat.leave().await;
                return (steps, until);
            }
        }
        panic!("a hundred steps without a rest")
    }

    /// Reads the inbox to its end.
    async fn receive(&self, now: Timestamp) -> usize {
        let mut mailbox = Mailbox::connect(&account(self.sandbox.imap_port), &Timeouts::default()).await.expect("sign-in");
        let desk = desk();
        let mut folder = Folder::open(&self.store, &mut mailbox, "INBOX", now).await.expect("a folder").expect("somebody was invited");
        let mut steps = 0;
        while folder.step(&self.store, &mut mailbox, &desk, now).await.expect("a step") == Step::Did {
            steps += 1;
            assert!(steps < 100);
        }
        mailbox.logout().await;
        steps
    }

    /// Puts the answer of a guest to the first letter of a campaign into the inbox, with more fields in its header.
    async fn answer(&self, campaign: &str, guest: &'static str, fields: &str, words: &str) {
        let token = self.row_in(campaign, guest).await.token;
        let mail = format!(
            "From: {guest}\r\nTo: {DESK}\r\nSubject: Re: You are invited\r\n{fields}In-Reply-To: <invitation.{token}.1@primaria.example>\r\n\
             \r\n{words}\r\n"
        );
        self.put(mail.as_bytes(), &[]);
    }

    /// Puts a mail into the inbox.
    fn put(&self, raw: &[u8], flags: &[&str]) {
        let flags = flags.iter().map(|flag| (*flag).to_owned());
        self.sandbox.mailbox().append(convoke::sandbox::Folder::Inbox, raw.to_vec(), noon(), flags).expect("there is room");
    }

    async fn read<T: Send + 'static>(&self, look: impl FnOnce(&Connection) -> store::Result<T> + Send + 'static) -> T {
        self.store.read(look).await.expect("a look")
    }

    /// The letter that has waited longest and is due, claimed.
    async fn claim(&self, now: Timestamp) -> Option<Upcoming> {
        let claim = move |conn: &Connection| {
            let next = outbox::upcoming(conn, now, &[], |_| false, 1)?.letters.pop();
            let claimed = outbox::claim(conn, &next.iter().map(|letter| letter.id).collect::<Vec<_>>(), now)?;
            assert_eq!(claimed.len(), usize::from(next.is_some()), "what is upcoming can be claimed");
            Ok(next)
        };
        self.store.write(claim).await.expect("a claim")
    }

    /// The bytes of a letter as they go out.
    async fn bytes(&self, letter: &Upcoming) -> Vec<u8> {
        let Some(edition) = letter.edition else { panic!("it has an edition") };
        let set = Editions::default().get(&self.store, edition).await.expect("a look").expect("an edition");
        letter.kept.clone().unwrap_or_else(|| set.letter(&letter.guest, &letter.stamp).expect("a letter").raw)
    }

    async fn settle(&self, letter: i64, signal: Signal, now: Timestamp) {
        self.store.write(move |conn| outbox::settle(conn, letter, signal, now, &Patience::default(), None)).await.expect("settled");
    }

    async fn mend(&self, from: &'static str, to: &str, now: Timestamp) {
        let id = self.row(from).await.invitation;
        rule::mend(&self.store, &templates(), &campaign(), &who(), id, address(to), now).await.expect("mended");
    }

    async fn row(&self, email: &'static str) -> views::GuestRow {
        let rows = self.read(|conn| views::guests(conn, None)).await;
        rows.into_iter().find(|row| row.email == email).expect("a guest")
    }

    async fn row_in(&self, campaign: &str, email: &'static str) -> views::GuestRow {
        let name = campaign.to_owned();
        let rows = self.read(move |conn| views::guests(conn, campaigns::by_name(conn, &name)?.map(|known| known.id))).await;
        rows.into_iter().find(|row| row.email == email).expect("a guest")
    }

    /// Why the mails of a campaign wait for a look: the sender, and the doubts.
    async fn doubts(&self, campaign: &str) -> Vec<(String, String)> {
        let name = campaign.to_owned();
        let looks = self.read(move |conn| inbox::looks(conn, campaigns::by_name(conn, &name)?.map(|known| known.id))).await;
        looks.into_iter().map(|look| (look.sender, look.doubts.join("; "))).collect()
    }

    async fn facts(&self, email: &'static str) -> Vec<Fact> {
        let id = self.row(email).await.invitation;
        self.read(move |conn| views::timeline(conn, id)).await.into_iter().map(|moment| moment.fact).collect()
    }

    async fn status(&self) -> views::Status {
        self.read(|conn| views::status(conn, "workshop")).await.expect("a campaign")
    }
}

const ANA: &str = "ana@post.example";
const BO: &str = "bo@post.example";

#[tokio::test]
async fn running_again_invites_nobody_twice() {
    let mut house = House::open([]).await;
    assert_eq!(house.invite(&[ANA, BO], noon()).await, 2);
    assert_eq!(house.invite(&[BO, ANA, "cy@post.example"], later(60)).await, 1);
    assert_eq!(house.invite(&[ANA, BO, "cy@post.example"], later(120)).await, 0);
    let status = house.status().await;
    assert_eq!((status.guests, status.delivery.get("queued"), status.standing.get("silent")), (3, 3, 3));
    assert_eq!(house.facts(ANA).await, [Fact::Invited { email: ANA.into() }]);
}

#[tokio::test]
async fn a_claimed_letter_is_nobody_elses_and_uncertain_after_a_crash() {
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO], noon()).await;
    let first = house.claim(noon()).await.expect("a letter");
    assert_eq!((first.rcpt_to.as_str(), first.mail_from.as_str()), (ANA, DESK));
    let second = house.claim(noon()).await.expect("the other letter");
    assert_eq!(second.rcpt_to.as_str(), BO);
    assert_eq!(house.claim(later(3600)).await, None, "a claimed letter is not claimed again");
    house.settle(second.id, Signal::Accepted { receipt: "250 ok".into() }, noon()).await;

    // The process dies here; the next one finds a letter in a dead hand.
    assert_eq!(send::recover(&house.store, later(10)).await.expect("recovered"), 1);
    assert_eq!((house.row(ANA).await.delivery.as_str(), house.row(BO).await.delivery.as_str()), ("uncertain", "sent"));
    assert_eq!(send::recover(&house.store, later(20)).await.expect("recovered"), 0, "twice is as once");
    assert_eq!(house.claim(later(3600)).await, None, "an uncertain letter is not sent again by itself");

    rule::letter(&house.store, first.id, rule::Word::Resend, later(30)).await.expect("the organiser's word");
    let again = house.claim(later(30)).await.expect("it is due at once");
    assert_eq!((again.id, house.bytes(&again).await), (first.id, house.bytes(&first).await), "the same letter, byte for byte");
}

#[tokio::test]
async fn a_mended_address_withdraws_what_waits_for_the_old_one_and_leaves_a_sender_its_letter() {
    const NEW_ANA: &str = "ana@new.example";
    const NEW_BO: &str = "bo@new.example";
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO], noon()).await;
    let held = house.claim(noon()).await.expect("a letter");
    assert_eq!(held.rcpt_to.as_str(), ANA);
    house.mend(ANA, NEW_ANA, later(10)).await;
    house.mend(BO, NEW_BO, later(20)).await;
    let delivery = house.status().await.delivery;
    assert_eq!(
        (delivery.get("sending"), delivery.get("cancelled"), delivery.get("queued")),
        (1, 0, 2),
        "a letter that another follows is done with"
    );
    let facts = house.facts(NEW_BO).await;
    assert!(matches!(&facts[1], Fact::Letter { number: 1, state, .. } if state == "cancelled"), "{facts:?}");
    assert!(matches!(&facts[2], Fact::Mended { from, to } if from == BO && to == NEW_BO), "{facts:?}");

    for email in [NEW_ANA, NEW_BO] {
        let next = house.claim(later(3600)).await.expect("a letter to the new address");
        assert_eq!((next.rcpt_to.as_str(), next.stamp.number, next.stamp.earlier.len()), (email, 2, 1));
        house.settle(next.id, Signal::Accepted { receipt: "250 ok".into() }, later(3600)).await;
    }
    assert_eq!(house.claim(later(3600)).await, None, "nothing waits for an old address");
    house.settle(held.id, Signal::Accepted { receipt: "250 ok".into() }, later(3600)).await;
    assert_eq!(house.status().await.delivery.get("sent"), 3);

    // Mended again while the letter waits: the number goes on, though the third never left.
    house.mend(NEW_BO, "bo@newer.example", later(4000)).await;
    house.mend("bo@newer.example", "bo@newest.example", later(4010)).await;
    let last = house.claim(later(4010)).await.expect("a letter");
    assert_eq!((last.rcpt_to.as_str(), last.stamp.number), ("bo@newest.example", 4));
    assert_eq!(house.claim(later(4010)).await, None);
}

#[tokio::test]
async fn a_paused_campaign_lets_no_letter_go() {
    let mut house = House::open([]).await;
    house.invite(&[ANA], noon()).await;
    assert!(house.store.write(|conn| campaigns::set_paused(conn, "workshop", true)).await.expect("paused"));
    assert_eq!(house.claim(later(3600)).await, None);
    let sender = house.sender(house.sandbox.smtp_port, Pace::free());
    assert_eq!(house.send(&sender, later(3600)).await, (0, None));
    assert!(house.store.write(|conn| campaigns::set_paused(conn, "workshop", false)).await.expect("resumed"));
    assert_eq!(house.send(&sender, later(3600)).await.0, 1);
    assert_eq!(house.sandbox.letters().len(), 1);
}

#[tokio::test]
async fn a_deferred_letter_waits_longer_each_time_and_is_given_up_after_four_days() {
    let mut house = House::open([(ANA, vec![Reaction::RefuseRcpt { reply: "450 4.2.1 mailbox is busy".into() }])]).await;
    house.invite(&[ANA, BO], noon()).await;
    let sender = house.sender(house.sandbox.smtp_port, Pace::free());
    let (steps, until) = house.send(&sender, noon()).await;
    assert_eq!((steps, until), (2, Some(later(6 * 60))), "one bad address does not stop the other");
    assert_eq!((house.row(ANA).await.delivery.as_str(), house.row(BO).await.delivery.as_str()), ("queued", "sent"));
    assert_eq!(sender.trouble(), None, "the letter's trouble is not the relay's");
    let (mut now, mut pauses) = (noon(), Vec::new());
    let mut next = until;
    while let Some(due) = next {
        assert_eq!(house.send(&sender, due - SignedDuration::from_secs(1)).await, (0, Some(due)), "not before its hour");
        pauses.push(due.duration_since(now).as_mins());
        now = due;
        next = house.send(&sender, now).await.1;
        assert!(pauses.len() < 100);
    }
    assert_eq!(pauses.get(..7), Some([6, 15, 30, 60, 120, 240, 240].as_slice()), "{pauses:?}");
    let lasted = now.duration_since(noon());
    assert!(lasted >= SignedDuration::from_hours(96) && lasted < SignedDuration::from_hours(101), "{lasted:?}");
    let row = house.row(ANA).await;
    assert_eq!((row.delivery.as_str(), row.standing.as_str()), ("failed", "silent"), "busy is not unreachable");
    assert!(
        matches!(house.facts(ANA).await.last(), Some(Fact::Letter { state, why, .. }) if state == "failed" && why.contains("mailbox is busy"))
    );
}

#[tokio::test]
async fn an_address_that_does_not_exist_is_unreachable_at_once() {
    let mut house = House::open([(ANA, vec![Reaction::RefuseRcpt { reply: "550 5.1.1 no such user".into() }])]).await;
    house.invite(&[ANA, BO], noon()).await;
    let sender = house.sender(house.sandbox.smtp_port, Pace::free());
    assert_eq!(house.send(&sender, noon()).await, (2, None));
    let row = house.row(ANA).await;
    assert_eq!((row.delivery.as_str(), row.standing.as_str()), ("failed", "unreachable"));
    assert!(row.note.contains("no such user"), "{row:?}");
    assert_eq!(house.row(BO).await.delivery, "sent");
}

#[tokio::test]
async fn who_was_unreachable_is_not_once_a_later_letter_was_sent() {
    let mut house = House::open([]).await;
    house.invite(&[ANA], noon()).await;
    let letter = house.claim(noon()).await.expect("a letter").id;
    house.settle(letter, Signal::Rejected { why: "550 5.1.1 no such user".into() }, noon()).await;
    let id = house.row(ANA).await.invitation;
    let gone = move |conn: &Connection| journal::append(conn, id, noon(), &Fact::Unreachable { why: "no such user".into() });
    house.store.write(gone).await.expect("written");
    assert_eq!(house.status().await.standing.get("unreachable"), 1);
    assert!(rule::letter(&house.store, letter, rule::Word::Resend, later(10)).await.expect("the organiser's word"));
    assert_eq!(house.row(ANA).await.standing, "unreachable", "nothing has left yet");
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), later(20)).await;
    let row = house.row(ANA).await;
    assert_eq!((row.delivery.as_str(), row.standing.as_str(), row.note.as_str()), ("sent", "silent", ""));
    assert_eq!(house.status().await.standing.get("unreachable"), 0);
}

#[tokio::test]
async fn a_guest_who_said_no_meanwhile_is_not_invited() {
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO], noon()).await;
    let id = house.row(ANA).await.invitation;
    let ruling = |answer| rule::Ruling { answer, party: None, delegate: None, note: String::new(), mail: None };
    rule::record(&house.store, id, ruling(Answer::Decline), None, later(10)).await.expect("recorded");
    let status = house.status().await;
    let kept_back = |letters, missed| KeptBack { letters, unwilling: 0, missed };
    let unwanted = |no| Withdrawals { no, unwilling: 0 };
    assert_eq!((status.delivery.get("queued"), status.unwanted, status.kept_back), (2, unwanted(1), kept_back(0, 0)));
    // Whoever asks for it by its number does not get it either.
    let number = move |conn: &Connection| Ok(outbox::newest(conn, id)?.expect("a letter"));
    let letter = house.read(number).await;
    let refused = house.store.write(move |conn| {
        conn.execute_batch("SAVEPOINT look")?;
        let claimed = outbox::claim(conn, &[letter], later(15))?;
        conn.execute_batch("ROLLBACK TO look; RELEASE look")?;
        Ok(claimed)
    });
    assert_eq!(refused.await.expect("a look"), [0; 0]);

    let sender = house.sender(house.sandbox.smtp_port, Pace::free());
    assert_eq!(house.send(&sender, later(20)).await, (1, None));
    let invited: Vec<Address> = house.sandbox.letters().into_iter().flat_map(|letter| letter.rcpt_to).collect();
    assert_eq!(invited, [address(BO)]);
    let row = house.row(ANA).await;
    assert_eq!((row.delivery.as_str(), row.standing.as_str()), ("cancelled", "decline"));
    let facts = house.facts(ANA).await;
    assert!(matches!(facts.last(), Some(Fact::Letter { state, why, .. }) if state == "cancelled" && why.contains("decline")), "{facts:?}");
    assert_eq!(house.invite(&[ANA, BO], later(30)).await, 0, "who said no is not invited again");
    let status = house.status().await;
    assert_eq!((status.unwanted, status.kept_back), (unwanted(0), kept_back(1, 0)));

    // The guest comes after all: nothing leaves by itself, and it is told.
    rule::record(&house.store, id, ruling(Answer::Accept), None, later(40)).await.expect("recorded");
    assert_eq!((house.invite(&[ANA, BO], later(50)).await, house.status().await.kept_back), (0, kept_back(1, 1)));
    // What the organiser has sent after a no is wanted.
    rule::record(&house.store, id, ruling(Answer::Delegate), None, later(60)).await.expect("recorded");
    assert!(rule::letter(&house.store, letter, rule::Word::Resend, later(70)).await.expect("the organiser's word"));
    assert_eq!(house.send(&sender, later(80)).await.0, 1);
    assert_eq!((house.row(ANA).await.delivery.as_str(), house.sandbox.letters().len()), ("sent", 2));
    assert_eq!(house.status().await.kept_back, kept_back(0, 0));
}

#[tokio::test]
async fn a_letter_is_dated_as_it_leaves_and_keeps_that_date() {
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO], noon()).await;
    house.store.write(convoke::store::copies::begin).await.expect("written");
    // Of the first letter nobody can tell whether it left, an hour after it was queued.
    let first = house.claim(later(3_600)).await.expect("a letter");
    assert!(!first.dated);
    let id = first.id;
    house.store.write(move |conn| outbox::date(conn, id, later(3_600))).await.expect("written");
    send::recover(&house.store, later(3_700)).await.expect("recovered");

    let two_days = later(2 * 24 * 3_600);
    let sender = house.sender(house.sandbox.smtp_port, Pace::free());
    assert_eq!(house.send(&sender, two_days).await.0, 1);
    let [taken] = &house.sandbox.letters()[..] else { panic!("one letter") };
    let raw = String::from_utf8_lossy(&taken.raw).into_owned();
    assert!(raw.contains("\r\nDate: Wed, 02 Dec 2026 12:00:00 +0000\r\n"), "{raw}");
    let copy = house.read(convoke::store::copies::next).await.expect("a copy is due").letter;
    assert_eq!((copy.rcpt_to.as_str(), String::from_utf8_lossy(&house.bytes(&copy).await).into_owned()), (BO, raw));

    assert!(rule::letter(&house.store, id, rule::Word::Resend, two_days).await.expect("the organiser's word"));
    assert_eq!(house.send(&sender, two_days).await.0, 1);
    let again = house.sandbox.letters().pop().expect("a letter");
    let raw = String::from_utf8_lossy(&again.raw).into_owned();
    assert!(raw.contains("\r\nDate: Mon, 30 Nov 2026 13:00:00 +0000\r\n"), "{raw}");
}

#[tokio::test]
async fn a_letter_that_never_left_bears_the_date_of_the_day_on_which_it_is_sent_again() {
    let mut house = House::open([]).await;
    house.invite(&[ANA], noon()).await;
    let id = house.claim(noon()).await.expect("a letter").id;
    let refuse = move |conn: &Connection| {
        let why = Signal::Rejected { why: "550 5.2.2 over quota".into() };
        outbox::settle(conn, id, why, noon(), &Patience::default(), Some(b"Date: long ago\r\n\r\nx\r\n"))
    };
    house.store.write(refuse).await.expect("settled");
    let two_days = later(2 * 24 * 3_600);
    assert!(rule::letter(&house.store, id, rule::Word::Resend, two_days).await.expect("the organiser's word"));
    assert_eq!(house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), two_days).await.0, 1);
    let [taken] = &house.sandbox.letters()[..] else { panic!("one letter") };
    let raw = String::from_utf8_lossy(&taken.raw).into_owned();
    assert!(raw.contains("\r\nDate: Wed, 02 Dec 2026 12:00:00 +0000\r\n") && raw.contains("please come"), "{raw}");
    assert_eq!((house.row(ANA).await.delivery.as_str(), house.status().await.delivery.sum()), ("sent", 1));
}

#[tokio::test]
async fn a_dead_relay_touches_no_letter_and_is_left_alone_longer_each_time() {
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO], noon()).await;
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port").local_addr().expect("its number").port();
    let sender = house.sender(free, Pace::free());
    let (mut now, mut pauses) = (noon(), Vec::new());
    for _ in 0..5 {
        let (steps, until) = house.send(&sender, now).await;
        assert_eq!(steps, 0);
        let until = until.expect("it will be tried again");
        assert_eq!(house.send(&sender, until - SignedDuration::from_secs(1)).await, (0, Some(until)), "not before its hour");
        pauses.push(until.duration_since(now).as_secs());
        now = until;
    }
    assert_eq!(pauses, [2, 4, 8, 16, 32]);
    assert!(!sender.trouble().expect("trouble").permanent);
    let status = house.status().await;
    assert_eq!((status.delivery.get("queued"), status.relay.is_some()), (2, true));
    assert_eq!(house.facts(ANA).await.len(), 1, "nothing happened to the letter");
    // The next process comes to a relay that works: the trouble is forgotten.
    send::recover(&house.store, now).await.expect("recovered");
    let sender = house.sender(house.sandbox.smtp_port, Pace::free());
    assert_eq!(house.send(&sender, now).await, (2, None));
    assert!(house.status().await.relay.is_none());
}

#[tokio::test]
async fn the_pace_is_kept() {
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO, "cy@post.example"], noon()).await;
    let sender = house.sender(house.sandbox.smtp_port, Pace::of(2, SignedDuration::from_mins(1)));
    let mut sent = Vec::new();
    for second in 0..90 {
        let before = house.sandbox.letters().len();
        house.send(&sender, later(second)).await;
        if house.sandbox.letters().len() > before {
            sent.push(second);
        }
    }
    assert_eq!(sent, [0, 30, 60]);
}

#[tokio::test]
async fn an_answer_is_received_once_and_the_cursor_moves_with_it() {
    let yes = Reaction::Button { answer: Answer::Accept, added: None };
    let no = Reaction::Words { text: "Sorry, I can't make it.".into(), client: Client::Thunderbird };
    let mut house = House::open([(ANA, vec![yes]), (BO, vec![no])]).await;
    house.invite(&[ANA, BO, "cy@post.example"], noon()).await;
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), noon()).await;
    house.sandbox.until_settled().await;
    assert!(house.receive(later(60)).await > 0);
    let before = house.read(|conn| inbox::cursor(conn, "INBOX")).await.expect("a cursor");
    assert_eq!((before.next_uid, before.opening), (3, None));
    let rows = house.read(|conn| views::guests(conn, None)).await;
    assert_eq!(rows.iter().map(|row| row.standing.as_str()).collect::<Vec<_>>(), ["accept", "decline", "silent"]);
    let facts = house.facts(ANA).await;
    assert!(matches!(facts.last(), Some(Fact::Answered(answered)) if answered.answer == Answer::Accept), "{facts:?}");

    assert_eq!(house.receive(later(120)).await, 0, "there is nothing new");
    // An older cursor, as after a restored backup, and another numbering: the same mails are known by their identity.
    for (validity, next) in [(before.uidvalidity, 1), (before.uidvalidity + 7, 1)] {
        house.store.write(move |conn| inbox::move_cursor(conn, "INBOX", validity, next, noon())).await.expect("moved");
        house.receive(later(180)).await;
        assert_eq!(house.read(|conn| views::guests(conn, None)).await, rows);
        assert_eq!(house.status().await.mail.get("total"), 2);
        assert_eq!(house.facts(ANA).await, facts);
        assert_eq!(house.read(|conn| inbox::cursor(conn, "INBOX")).await, Some(before));
    }
}

/// There are letters in English alone; "Jo" is an Albanian's no, and elsewhere a yes.
#[tokio::test]
async fn a_short_word_is_read_in_the_language_of_the_contact_list() {
    let mut house = House::open([(ANA, vec![Reaction::Words { text: "Jo.".into(), client: Client::Gmail }])]).await;
    house.invite_all(vec![Guest { lang: Lang::parse("sq"), ..guest(ANA) }], noon()).await;
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), noon()).await;
    house.sandbox.until_settled().await;
    house.receive(later(60)).await;
    assert_eq!(house.row(ANA).await.standing, "decline", "{:?}", house.facts(ANA).await);
    let again = Again::new(house.store.clone(), desk());
    for mail in house.read(|conn| kept::readable(conn, 1)).await {
        assert_eq!(again.look(mail).await.expect("a look"), Found::Same);
    }
}

#[tokio::test]
async fn what_was_just_read_reads_the_same_again() {
    let words = |text: &str, client| Reaction::Words { text: text.into(), client };
    let script = [
        (ANA, vec![words("We will be three. Is there parking?", Client::OutlookDesktop)]),
        (BO, vec![Reaction::Button { answer: Answer::Accept, added: Some("But perhaps I can't.".into()) }]),
        ("cy@post.example", vec![Reaction::OutOfOffice { text: None }]),
        ("di@post.example", vec![Reaction::BounceLater { status: "5.1.1".into() }]),
        ("ed@post.example", vec![words("Hm.", Client::Gmail)]),
    ];
    let mut house = House::open(script).await;
    house.invite(&[ANA, BO, "cy@post.example", "di@post.example", "ed@post.example"], noon()).await;
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), noon()).await;
    house.sandbox.until_settled().await;
    house.receive(later(60)).await;
    let mails = house.read(|conn| kept::readable(conn, 1)).await;
    assert_eq!(mails.len(), 5);
    let again = Again::new(house.store.clone(), desk());
    for mail in mails {
        assert_eq!(again.look(mail).await.expect("a look"), Found::Same, "{:?}", house.read(move |conn| views::mail(conn, mail)).await);
    }
}

#[tokio::test]
async fn an_answer_proves_that_an_uncertain_letter_left() {
    let mut house = House::open([(ANA, vec![Reaction::Button { answer: Answer::Accept, added: None }])]).await;
    house.invite(&[ANA, BO], noon()).await;
    // Both letters are offered; the process dies before it hears what became of them.
    let mut relay =
        smtp::Relay::connect(&account(house.sandbox.smtp_port), "primaria.example", &smtp::Timeouts::default()).await.expect("a relay");
    while let Some(letter) = house.claim(noon()).await {
        let outcome = relay.deliver(&letter.mail_from, &letter.rcpt_to, &house.bytes(&letter).await).await;
        assert!(matches!(outcome.signal, Signal::Accepted { .. }), "{outcome:?}");
    }
    send::recover(&house.store, later(10)).await.expect("recovered");
    assert_eq!(house.status().await.delivery.get("uncertain"), 2);
    house.sandbox.until_settled().await;
    house.receive(later(60)).await;
    assert_eq!((house.row(ANA).await.delivery.as_str(), house.row(BO).await.delivery.as_str()), ("sent", "uncertain"));
    assert_eq!(house.row(ANA).await.standing, "accept");
    let other = format!("From: {BO}\r\nTo: {DESK}\r\nSubject: The school's budget\r\nMessage-ID: <9@post.example>\r\n\r\nHere it is.\r\n");
    house.put(other.as_bytes(), &[]);
    house.receive(later(120)).await;
    assert_eq!(house.status().await.mail.get("total"), 2);
    assert_eq!(house.row(BO).await.delivery, "uncertain", "a mail about something else proves nothing");
}

#[tokio::test]
async fn a_mail_that_names_the_guest_proves_a_letter_only_where_no_other_may_have_left() {
    const NEW_ANA: &str = "ana@new.example";
    const NEW_BO: &str = "bo@new.example";
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO], noon()).await;
    let (to_ana, to_bo) = (house.claim(noon()).await.expect("a letter"), house.claim(noon()).await.expect("a letter"));
    house.settle(to_ana.id, Signal::Accepted { receipt: "250 ok".into() }, noon()).await;
    house.settle(to_bo.id, Signal::Rejected { why: "550 no such mailbox".into() }, noon()).await;
    house.mend(ANA, NEW_ANA, later(10)).await;
    house.mend(BO, NEW_BO, later(10)).await;
    let (ana, bo) = (house.claim(later(20)).await.expect("a letter"), house.claim(later(20)).await.expect("a letter"));
    assert_eq!((ana.rcpt_to.as_str(), bo.rcpt_to.as_str()), (NEW_ANA, NEW_BO));
    house.settle(ana.id, Signal::Deferred { why: "450 greylisted".into() }, later(20)).await;
    house.settle(bo.id, Signal::Unknown { why: "no answer".into() }, later(20)).await;
    // What a mail program keeps of a letter that it answers may be the subject alone.
    let says = |from: &str, subject: String, number: u32| {
        let fields = format!("From: {from}\r\nTo: {DESK}\r\nSubject: {subject}\r\nMessage-ID: <s{number}@post.example>\r\n");
        house.put(format!("{fields}\r\nSee you there.\r\n").as_bytes(), &[]);
    };
    let (tag, tag_of_bo) = (format!("[#{}]", ana.stamp.token), format!("[#{}]", bo.stamp.token));
    says(ANA, format!("Re: You are invited {tag}"), 1);
    says(NEW_BO, format!("Re: You are invited {tag_of_bo}"), 2);
    house.receive(later(60)).await;
    assert_eq!(house.row(NEW_ANA).await.delivery, "queued", "it may be the first letter that is answered");
    assert_eq!(house.row(NEW_BO).await.delivery, "sent", "the first letter was refused");

    let again = house.claim(later(3600)).await.expect("it is tried again");
    assert_eq!(again.id, ana.id);
    house.settle(again.id, Signal::Unknown { why: "no answer".into() }, later(3600)).await;
    says(ANA, format!("Re: You are invited {tag}"), 3);
    house.receive(later(4000)).await;
    assert_eq!(house.row(NEW_ANA).await.delivery, "uncertain");
    house.answer("workshop", NEW_ANA, "", "See you there.").await;
    house.receive(later(4010)).await;
    assert_eq!(house.row(NEW_ANA).await.delivery, "uncertain", "the first letter is named");
    let named = format!("Re: hello\r\nIn-Reply-To: <invitation.{}.2@primaria.example>", ana.stamp.token);
    says(NEW_ANA, named, 4);
    house.receive(later(4020)).await;
    assert_eq!(house.row(NEW_ANA).await.delivery, "sent");
}

/// In a restored backup letters wait that have left. The answer button and the calendar name no letter, only the guest's token.
#[tokio::test]
async fn a_token_proves_that_the_only_letter_of_a_restored_backup_left() {
    const DI: &str = "di@post.example";
    const NEW_DI: &str = "di@new.example";
    const BUTTON: &str = "\r\nYes, I will take part.\r\n";
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO, CY, DI], noon()).await;
    let answer = |from: &str, subject: &str, rest: &str| {
        let id = from.replace('@', "-");
        let fields = format!("From: {from}\r\nTo: {DESK}\r\nSubject: {subject}\r\nMessage-ID: <{id}@post.example>\r\n");
        house.put(format!("{fields}{rest}").as_bytes(), &[]);
    };
    answer(ANA, &format!("Yes, I will come [#{}:yes]", house.row(ANA).await.token), BUTTON);
    answer(BO, "Re: You are invited", "\r\nWhat is it about?\r\n");
    let event = format!(
        "MIME-Version: 1.0\r\nContent-Type: text/calendar; charset=utf-8; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
         METHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:{}@primaria.example\r\nDTSTAMP:20261130T110000Z\r\nSEQUENCE:0\r\n\
         ORGANIZER:mailto:{DESK}\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{CY}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        house.row(CY).await.token
    );
    answer(CY, "Accepted: Workshop", &event);
    house.receive(later(60)).await;
    let mut delivery = Vec::new();
    for guest in [ANA, BO, CY] {
        delivery.push(house.row(guest).await.delivery);
    }
    assert_eq!(delivery, ["sent", "queued", "sent"], "an address alone is known to anybody");
    assert_eq!(house.row(ANA).await.standing, "accept");

    // It may be the letter to the former address that is answered.
    let sender = house.sender(house.sandbox.smtp_port, Pace::free());
    house.send(&sender, later(70)).await;
    house.mend(DI, NEW_DI, later(80)).await;
    answer(DI, &format!("Yes, I will come [#{}:yes]", house.row(NEW_DI).await.token), BUTTON);
    house.receive(later(90)).await;
    assert_eq!(house.row(NEW_DI).await.delivery, "queued");
    let to: Vec<Address> = house.sandbox.letters().into_iter().flat_map(|letter| letter.rcpt_to).collect();
    assert_eq!(to, [address(BO), address(DI)], "who has answered is not invited again");
}

#[tokio::test]
async fn a_copy_of_a_letter_that_came_back_does_not_prove_that_it_left_again() {
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO], noon()).await;
    let unknown = || Signal::Unknown { why: "no answer".into() };
    let ana = house.claim(noon()).await.expect("a letter").id;
    house.settle(ana, Signal::Accepted { receipt: "250 ok".into() }, noon()).await;
    let back = move |conn: &Connection| outbox::prove(conn, ana, Signal::Bounced { why: "5.2.2 full".into() }, later(10));
    house.store.write(back).await.expect("it came back");
    let bo = house.claim(noon()).await.expect("a letter").id;
    house.settle(bo, unknown(), noon()).await;
    for letter in [ana, bo] {
        rule::letter(&house.store, letter, rule::Word::Resend, later(20)).await.expect("the organiser's word");
        house.claim(later(20)).await.expect("it is due at once");
        house.settle(letter, unknown(), later(20)).await;
    }
    let doubtful = house.read(|conn| copies::doubtful(conn, 9)).await;
    assert_eq!(doubtful.into_iter().map(|(letter, _)| letter).collect::<Vec<_>>(), [bo], "the other's copy may be of the first time");
}

#[tokio::test]
async fn an_address_that_is_mended_twice_at_once_gets_one_letter() {
    const NEW: &str = "ana@new.example";
    let mut house = House::open([]).await;
    house.invite(&[ANA], noon()).await;
    let id = house.row(ANA).await.invitation;
    let (templates, campaign, who) = (templates(), campaign(), who());
    let mend = |to: &str| rule::mend(&house.store, &templates, &campaign, &who, id, address(to), later(10));
    // The database is busy until both have asked.
    let (go, busy) = std::sync::mpsc::channel::<()>();
    let gate = house.store.write(move |_| Ok(busy.recv().is_ok()));
    let (_, one, other, _) = tokio::join!(gate, mend("ana@other.example"), mend(NEW), async { go.send(()) });
    one.expect("mended");
    other.expect("mended once more");
    let delivery = house.status().await.delivery;
    assert_eq!((delivery.get("queued"), delivery.sum()), (1, 1), "both letters before it are done with");
    assert_eq!(house.row(NEW).await.delivery, "queued");
    let next = house.claim(later(20)).await.expect("a letter");
    assert_eq!((next.rcpt_to.as_str(), next.stamp.number), (NEW, 3));
    assert!(matches!(mend(NEW).await, Err(rule::NotMended::Already(to)) if to.as_str() == NEW), "nobody is invited twice");
}

#[tokio::test]
async fn nobody_is_invited_to_what_is_past_unless_the_organiser_lets_it_go_on() {
    let mut house = House::open([]).await;
    house.invite(&[ANA], noon()).await;
    let sender = house.sender(house.sandbox.smtp_port, Pace::free());
    let past = later(11 * 24 * 3600);
    assert_eq!(house.send(&sender, past).await.0, 0);
    let known = house.read(campaigns::all).await;
    assert!(known[0].paused && known[0].paused_why.contains("the event is over"), "{known:?}");
    assert_eq!(house.row(ANA).await.delivery, "queued");
    house.store.write(|conn| campaigns::set_paused(conn, "workshop", false)).await.expect("resumed");
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), past).await;
    assert_eq!(house.row(ANA).await.delivery, "sent");
}

#[tokio::test]
async fn a_mail_that_ended_a_process_is_set_aside_and_the_next_is_read() {
    let yes = || vec![Reaction::Button { answer: Answer::Accept, added: None }];
    let mut house = House::open([(ANA, yes()), (BO, yes())]).await;
    house.invite(&[ANA, BO], noon()).await;
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), noon()).await;
    house.sandbox.until_settled().await;
    // The first mail was being opened when the process died.
    let validity = 1;
    house
        .store
        .write(move |conn| {
            inbox::move_cursor(conn, "INBOX", validity, 1, noon())?;
            inbox::mark_opening(conn, "INBOX", 1)
        })
        .await
        .expect("marked");
    house.receive(later(60)).await;
    let status = house.status().await;
    assert_eq!((status.mail.get("needs_look"), status.mail.get("recorded"), status.mail.get("total")), (1, 1, 2));
    let looks = house.read(|conn| inbox::looks(conn, None)).await;
    assert!(looks[0].doubts[0].contains("set aside"), "{looks:?}");
    assert_eq!(house.read(|conn| inbox::cursor(conn, "INBOX")).await.map(|cursor| (cursor.next_uid, cursor.opening)), Some((3, None)));
}

#[tokio::test]
async fn a_mail_that_the_server_withholds_is_set_aside_and_the_others_are_read() {
    let yes = || vec![Reaction::Button { answer: Answer::Accept, added: None }];
    let mut house = House::open([(ANA, yes()), (BO, yes())]).await;
    house.invite(&[ANA, BO], noon()).await;
    let withhold = |house: &House| house.put(b"Subject: x\r\nMessage-ID: <x@post.example>\r\n\r\nx\r\n", &["$Withheld"]);
    withhold(&house);
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), noon()).await;
    house.sandbox.until_settled().await;
    let mut mailbox = Mailbox::connect(&account(house.sandbox.imap_port), &Timeouts::default()).await.expect("sign-in");
    let desk = desk();
    let mut folder = Folder::open(&house.store, &mut mailbox, "INBOX", noon()).await.expect("a folder").expect("somebody was invited");
    let store = house.store.clone();
    let mut patiently = async |from: i64, minutes: i64| {
        for now in (0..=minutes).map(|minute| later(from + 60 * minute)) {
            while matches!(folder.step(&store, &mut mailbox, &desk, now).await, Ok(Step::Did)) {}
        }
    };
    patiently(60, 10).await;
    let mail = house.status().await.mail;
    assert_eq!((mail.get("needs_look"), mail.get("recorded"), mail.get("total")), (1, 2, 3));
    let looks = house.read(|conn| inbox::looks(conn, None)).await;
    assert!(looks[0].doubts[0].contains("does not hand it out"), "{looks:?}");
    // One that comes alone stops nothing either.
    withhold(&house);
    patiently(3_600, 60).await;
    assert_eq!(house.status().await.mail.get("needs_look"), 2);
    assert_eq!(house.receive(later(9_000)).await, 0);
    assert_eq!(house.read(|conn| inbox::cursor(conn, "INBOX")).await.map(|cursor| cursor.next_uid), Some(5));
}

#[tokio::test]
async fn a_server_that_withholds_everything_is_in_trouble_itself() {
    let mut house = House::open([]).await;
    house.invite(&[ANA], noon()).await;
    for _ in 0..2 {
        house.put(b"Subject: x\r\n\r\nx\r\n", &["$Withheld"]);
    }
    let mut mailbox = Mailbox::connect(&account(house.sandbox.imap_port), &Timeouts::default()).await.expect("sign-in");
    let desk = desk();
    let mut folder = Folder::open(&house.store, &mut mailbox, "INBOX", noon()).await.expect("a folder").expect("somebody was invited");
    let error = folder.step(&house.store, &mut mailbox, &desk, noon()).await.expect_err("nothing is given");
    assert!(error.to_string().contains("refused UID FETCH"), "{error}");
    assert_eq!(house.status().await.mail.get("total"), 0);
}

#[tokio::test]
async fn a_bounce_of_another_mail_brings_no_letter_back() {
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO], noon()).await;
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), noon()).await;
    let notice = |guest: &str, original: &str| {
        format!(
            "From: MAILER-DAEMON@mx.post.example\r\nTo: {DESK}\r\nSubject: Undelivered Mail Returned to Sender\r\n\
             Message-ID: <dsn.{guest}>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\n<{guest}>: 550 5.1.1 no such user\r\n\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.post.example\r\n\r\n\
             Final-Recipient: rfc822; {guest}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
             {original}--b--\r\n"
        )
    };
    let minutes = format!(
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: {DESK}\r\nTo: {ANA}\r\nSubject: Minutes\r\n\
         Message-ID: <minutes@primaria.example>\r\n\r\n"
    );
    house.put(notice(ANA, &minutes).as_bytes(), &[]);
    house.put(notice(BO, "").as_bytes(), &[]);
    house.receive(later(60)).await;
    assert_eq!(house.status().await.mail.get("bounces"), 2);
    let (ana, bo) = (house.row(ANA).await, house.row(BO).await);
    assert_eq!((ana.delivery.as_str(), ana.standing.as_str()), ("sent", "silent"), "what came back was something else");
    assert_eq!((bo.delivery.as_str(), bo.standing.as_str()), ("bounced", "unreachable"), "it does not say what came back");
    let again = Again::new(house.store.clone(), desk());
    for mail in house.read(|conn| kept::readable(conn, 1)).await {
        assert_eq!(again.look(mail).await.expect("a look"), Found::Same);
    }
}

#[tokio::test]
async fn the_organisers_word_stands_until_the_guest_says_something_else() {
    let said = |text: &str| Reaction::Words { text: text.into(), client: Client::Thunderbird };
    let mut house = House::open([(ANA, vec![said("Sorry, I can't make it.")])]).await;
    house.invite(&[ANA], noon()).await;
    let id = house.row(ANA).await.invitation;
    let ruling = |answer, note: &str| rule::Ruling { answer, party: Some(2), delegate: None, note: note.into(), mail: None };
    rule::record(&house.store, id, ruling(Answer::Accept, "said so on the telephone"), None, later(1)).await.expect("recorded");
    let row = house.row(ANA).await;
    assert_eq!((row.standing.as_str(), row.party, row.note.as_str()), ("accept", Some(2), "said so on the telephone"));
    let shown = house.read(journal::newest).await;
    assert_eq!(house.status().await.people, 2);

    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), noon()).await;
    house.sandbox.until_settled().await;
    house.receive(later(60)).await;
    let row = house.row(ANA).await;
    assert_eq!((row.standing.as_str(), row.answer.as_str(), row.sure), ("needs_look", "accept", false), "{row:?}");
    assert_eq!(house.status().await.people, 0, "nobody is counted who may not come");
    let looks = house.read(|conn| inbox::looks(conn, None)).await;
    assert_eq!((looks.len(), looks[0].doubts.as_slice()), (1, ["you recorded accept; then the guest wrote decline".to_owned()].as_slice()));
    let late = rule::record(&house.store, id, ruling(Answer::Accept, ""), Some(shown), later(110)).await.expect("no error");
    assert!(!late && house.row(ANA).await.standing == "needs_look", "what the guest wrote meanwhile is not ruled away unseen");
    let shown = house.read(journal::newest).await;
    assert!(rule::record(&house.store, id, ruling(Answer::Decline, ""), Some(shown), later(120)).await.expect("recorded"));
    assert_eq!(house.row(ANA).await.standing, "decline");
}

#[tokio::test]
async fn a_mail_of_nobody_is_decided_by_the_first_of_two_organisers() {
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO], noon()).await;
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), noon()).await;
    let (ana, bo) = (house.row(ANA).await, house.row(BO).await);
    let ruling = |answer| rule::Ruling { answer, party: None, delegate: None, note: String::new(), mail: None };
    let says = |number: u32, from: &str, words: &str| {
        let mail =
            format!("From: {from}\r\nTo: {DESK}\r\nSubject: Re: You are invited\r\nMessage-ID: <{number}@post.example>\r\n\r\n{words}\r\n");
        house.put(mail.as_bytes(), &[]);
    };
    let looks = || house.read(|conn| inbox::looks(conn, None));

    says(1, "stranger@post.example", "I will come.");
    says(2, "other@post.example", "I will come.");
    house.receive(later(60)).await;
    let [first, second] = looks().await.try_into().expect("two of nobody");
    let assign = |mail, to, at| rule::assign(&house.store, mail, to, ruling(Answer::Accept), later(at));
    assert_eq!(assign(first.mail, ana.invitation, 70).await.expect("no error"), Assigned::Recorded);
    assert_eq!(assign(first.mail, bo.invitation, 71).await.expect("no error"), Assigned::Decided);
    assert!(!rule::disown(&house.store, first.mail).await.expect("no error"));
    assert_eq!((house.row(ANA).await.standing.as_str(), house.row(BO).await.standing.as_str()), ("accept", "silent"));
    assert_eq!(assign(second.mail, ana.invitation, 72).await.expect("no error"), Assigned::Waits);
    assert!(!rule::disown(&house.store, second.mail).await.expect("no error"), "it is no mail of nobody any more");
    assert_eq!((house.row(ANA).await.standing.as_str(), looks().await.len()), ("needs_look", 1));
}

#[tokio::test]
async fn a_guest_about_whom_somebody_else_decided_meanwhile_is_not_decided_about_unseen() {
    let mut house = House::open([]).await;
    house.invite(&[ANA], noon()).await;
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), noon()).await;
    let ana = house.row(ANA).await;
    let ruling = |answer| rule::Ruling { answer, party: None, delegate: None, note: String::new(), mail: None };
    let mail = format!(
        "From: {ANA}\r\nTo: {DESK}\r\nSubject: Re: You are invited\r\nMessage-ID: <1@post.example>\r\n\r\nSorry, I can't make it.\r\n"
    );
    rule::record(&house.store, ana.invitation, ruling(Answer::Accept), None, later(1)).await.expect("recorded");
    house.put(mail.as_bytes(), &[]);
    house.receive(later(60)).await;
    let [look] = house.read(|conn| inbox::looks(conn, None)).await.try_into().expect("one that waits");

    let shown = house.read(journal::newest).await;
    rule::record(&house.store, ana.invitation, ruling(Answer::Decline), None, later(80)).await.expect("recorded");
    let record = |answer, seen| rule::record(&house.store, ana.invitation, ruling(answer), Some(seen), later(90));
    let dismiss = |seen| rule::dismiss(&house.store, vec![look.mail], ana.invitation, Some(seen), later(90));
    assert!(!record(Answer::Accept, shown).await.expect("no error"));
    assert!(!dismiss(shown).await.expect("no error"));
    assert_eq!(house.row(ANA).await.standing, "decline");
    let shown = house.read(journal::newest).await;
    assert!(dismiss(shown).await.expect("no error"));
    assert!(!record(Answer::Accept, shown).await.expect("no error"));
    assert_eq!(house.row(ANA).await.standing, "decline");
}

#[tokio::test]
async fn a_guest_who_comes_back_to_what_was_recorded_leaves_the_pile() {
    let mut house = House::open([]).await;
    house.invite(&[ANA], noon()).await;
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), noon()).await;
    let row = house.row(ANA).await;
    let letter = format!("<invitation.{}.1@primaria.example>", row.token);
    let says = |number: u32, words: &str| {
        let mail = format!(
            "From: {ANA}\r\nTo: {DESK}\r\nSubject: Re: You are invited\r\nMessage-ID: <{number}@post.example>\r\n\
             In-Reply-To: {letter}\r\n\r\n{words}\r\n"
        );
        house.put(mail.as_bytes(), &[]);
    };
    let ruling = rule::Ruling { answer: Answer::Accept, party: None, delegate: None, note: String::new(), mail: None };
    rule::record(&house.store, row.invitation, ruling, None, later(1)).await.expect("recorded");
    let (yes, no) = ("I will come.", "Sorry, I can't make it.");
    let waiting = || house.read(|conn| Ok(inbox::looks(conn, None)?.into_iter().map(|look| look.mail).collect::<Vec<_>>()));

    says(1, no);
    house.receive(later(60)).await;
    assert_eq!((house.row(ANA).await.standing.as_str(), waiting().await.len()), ("needs_look", 1));
    says(2, yes);
    house.receive(later(120)).await;
    assert_eq!((house.row(ANA).await.standing.as_str(), waiting().await.len()), ("accept", 0));
    assert_eq!(house.status().await.mail.get("recorded"), 2);

    // Each answer that is news waits, so that no newer one is out of sight.
    says(3, "I might come, I am not sure yet; put me down as a maybe.");
    says(4, no);
    house.receive(later(180)).await;
    let waits = waiting().await;
    assert_eq!(house.row(ANA).await.standing, "needs_look");
    assert!(waits.contains(&1) && waits.contains(&4), "{waits:?}");
    assert!(rule::dismiss(&house.store, waits, row.invitation, None, later(200)).await.expect("dismissed"));
    assert_eq!((house.row(ANA).await.standing.as_str(), waiting().await.len()), ("accept", 0));
}

#[tokio::test]
async fn a_mail_that_waits_because_of_a_ruling_reads_the_same_again() {
    let said = |text: &str| Reaction::Words { text: text.into(), client: Client::Thunderbird };
    let mut house = House::open([(ANA, vec![said("Sorry, I can't make it.")])]).await;
    house.invite(&[ANA], noon()).await;
    let ruling = rule::Ruling { answer: Answer::Accept, party: None, delegate: None, note: String::new(), mail: None };
    rule::record(&house.store, house.row(ANA).await.invitation, ruling, None, later(1)).await.expect("recorded");
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), noon()).await;
    house.sandbox.until_settled().await;
    house.receive(later(60)).await;
    let looks = house.read(|conn| inbox::looks(conn, None)).await;
    let again = Again::new(house.store.clone(), desk());
    assert_eq!(again.look(looks[0].mail).await.expect("a look"), Found::Same);
}

#[tokio::test]
async fn an_answer_to_another_message_takes_no_other_answers_place() {
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO], noon()).await;
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), noon()).await;
    let letter = |row: views::GuestRow| format!("<invitation.{}.1@primaria.example>", row.token);
    let (to_ana, to_bo) = (letter(house.row(ANA).await), letter(house.row(BO).await));
    let says = |guest: &str, number: u32, letter: &str, to: &str, words: &str| {
        let mail = format!(
            "From: {guest}\r\nTo: {DESK}\r\nSubject: Re: You are invited\r\nMessage-ID: <{number}@post.example>\r\n\
             In-Reply-To: {to}\r\nReferences: {letter} {to}\r\n\r\n{words}\r\n"
        );
        house.put(mail.as_bytes(), &[]);
    };
    let (yes, no) = ("I will come.", "Sorry, I can't make it.");
    says(ANA, 1, &to_ana, &to_ana, yes);
    // Some providers give our letters other Message-IDs: a first answer counts.
    says(BO, 2, &to_bo, "<renamed@relay.example>", yes);
    house.receive(later(60)).await;
    assert_eq!((house.row(ANA).await.standing.as_str(), house.row(BO).await.standing.as_str()), ("accept", "accept"));
    // The guest's own earlier mail is no other message.
    says(ANA, 3, &to_ana, "<1@post.example>", no);
    says(BO, 4, &to_bo, "<parking@primaria.example>", yes);
    house.receive(later(120)).await;
    assert_eq!((house.row(ANA).await.standing.as_str(), house.row(BO).await.standing.as_str()), ("decline", "accept"));
    says(ANA, 5, &to_ana, "<next-year@primaria.example>", yes);
    house.receive(later(180)).await;
    let row = house.row(ANA).await;
    assert_eq!((row.standing.as_str(), row.answer.as_str()), ("needs_look", "decline"), "{row:?}");
    let looks = house.read(|conn| inbox::looks(conn, None)).await;
    assert_eq!((looks.len(), looks[0].doubts.join("; ")), (1, "it answers another message, and the guest's answer was decline".to_owned()));
    let again = Again::new(house.store.clone(), desk());
    assert_eq!(again.look(looks[0].mail).await.expect("a look"), Found::Same);
}

const CY: &str = "cy@post.example";

fn event(name: &str, title: &str, day: &str) -> Campaign {
    let moment = |hour: &str| format!("{day}T{hour}[Europe/Bucharest]").parse().expect("a moment");
    let event = Event { title: Localised::One(title.into()), start: moment("13:15"), end: moment("15:30"), place: None, link: None };
    Campaign { name: name.into(), event, ..campaign() }
}

#[tokio::test]
async fn a_sentence_about_another_event_to_which_the_guest_is_invited_is_looked_at() {
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO, CY], noon()).await;
    house.invite_to(event("expo", "The Expo", "2026-12-12"), vec![guest(ANA), guest(BO)], noon()).await;
    house.answer("workshop", ANA, "", "I cannot come to the Expo.").await;
    house.answer("expo", ANA, "", "I will come.").await;
    house.answer("expo", BO, "", "I am coming to the workshop.").await;
    house.answer("workshop", CY, "", "I cannot come to the Expo.").await;
    house.receive(later(60)).await;
    let standing = async |campaign, guest| house.row_in(campaign, guest).await.standing;
    assert_eq!((standing("workshop", ANA).await, standing("expo", ANA).await), ("needs_look".to_owned(), "accept".to_owned()));
    assert_eq!(house.doubts("workshop").await, [(ANA.to_owned(), format!("it speaks of The Expo, to which {ANA} is invited too"))]);
    assert_eq!((standing("workshop", BO).await, standing("expo", BO).await), ("silent".to_owned(), "needs_look".to_owned()));
    assert_eq!(house.doubts("expo").await, [(BO.to_owned(), format!("it speaks of Workshop, to which {BO} is invited too"))]);
    assert_eq!(standing("workshop", CY).await, "decline", "who is not invited there speaks of something else");
}

#[tokio::test]
async fn a_yes_that_names_another_day_than_the_events_is_looked_at() {
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO, CY], noon()).await;
    house.answer("workshop", ANA, "", "I will come on the 17th.").await;
    house.answer("workshop", BO, "", "I will come on the 10th.").await;
    house.answer("workshop", CY, "", "Sorry, I cannot come on the 17th.").await;
    house.receive(later(60)).await;
    let standing = async |guest| house.row(guest).await.standing;
    assert_eq!((standing(ANA).await, standing(BO).await, standing(CY).await), ("needs_look".into(), "accept".into(), "decline".into()));
    let why = "it names the 17th, and the event is on 10 December";
    assert_eq!(house.doubts("workshop").await, [(ANA.to_owned(), why.to_owned())]);
    let again = Again::new(house.store.clone(), desk());
    for mail in house.read(|conn| kept::readable(conn, 1)).await {
        assert_eq!(again.look(mail).await.expect("a look"), Found::Same);
    }
}

#[tokio::test]
async fn a_yes_to_last_years_letter_is_looked_at_in_the_campaign_of_now() {
    let mut house = House::open([]).await;
    house.invite_to(event("last-year", "Workshop 2025", "2025-12-10"), vec![guest(ANA), guest(BO)], noon()).await;
    house.invite_to(event("last-year", "Workshop 2025", "2025-12-10"), vec![guest(CY)], noon()).await;
    while let Some(letter) = house.claim(noon()).await {
        house.settle(letter.id, Signal::Accepted { receipt: "250 ok".into() }, noon()).await;
    }
    house.invite(&[ANA], noon()).await;
    let letter = house.claim(noon()).await.expect("a letter");
    house.settle(letter.id, Signal::Unknown { why: "no answer".into() }, noon()).await;
    house.invite(&[CY], later(10)).await;
    for guest in [ANA, BO, CY] {
        house.answer("last-year", guest, "", "Yes, I will come to the workshop.").await;
    }
    house.receive(later(60)).await;
    let over = "it answers an earlier letter, about an event that is over";
    assert_eq!(house.doubts("workshop").await, [(ANA.to_owned(), over.to_owned())]);
    // The invitation of now has not left: nobody can answer it.
    let closed = "it answers a campaign that is over";
    assert_eq!(house.doubts("last-year").await, [BO, CY].map(|guest| (guest.to_owned(), closed.to_owned())));
    let (now, before) = (house.row_in("workshop", ANA).await, house.row_in("last-year", ANA).await);
    assert_eq!((now.standing.as_str(), before.standing.as_str()), ("needs_look", "silent"));
    assert_eq!(now.delivery, "uncertain", "an answer to another letter proves nothing of this one");
}

#[tokio::test]
async fn an_older_mail_that_comes_late_overturns_no_newer_answer() {
    let date = |minute: u32| format!("Date: Mon, 30 Nov 2026 11:{minute:02}:00 +0000\r\nMessage-ID: <{minute}@post.example>\r\n");
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO, CY], noon()).await;
    let (yes, no) = ("Yes, I will come.", "Sorry, I cannot come after all.");
    // Held back by a server on its way.
    house.answer("workshop", ANA, &date(30), no).await;
    house.answer("workshop", ANA, &date(10), yes).await;
    house.answer("workshop", BO, &date(26), yes).await;
    // Delivered once more, under a footer.
    house.answer("workshop", CY, &date(1), yes).await;
    house.answer("workshop", CY, &date(2), no).await;
    house.receive(later(60)).await;
    let standing = async |guest| house.row(guest).await.standing;
    assert_eq!((standing(ANA).await, standing(BO).await, standing(CY).await), ("needs_look".into(), "accept".into(), "decline".into()));
    assert_eq!(house.row(ANA).await.answer, "decline");
    house.answer("workshop", CY, &date(1), &format!("{yes}\r\n\r\n-- \r\nThis message was scanned by the gateway.")).await;
    // What changes nothing needs no look, however old it is.
    house.answer("workshop", BO, &date(3), yes).await;
    house.receive(later(120)).await;
    let written = "it was written on 2026-11-30 11:10 UTC, before another answer of the guest that came earlier; that was decline";
    let copy = "it is another copy of a mail that was read before, and the guest's answer since is decline";
    assert_eq!(house.doubts("workshop").await, [(ANA.to_owned(), written.to_owned()), (CY.to_owned(), copy.to_owned())]);
    assert_eq!(house.row(CY).await.answer, "decline");
    let again = Again::new(house.store.clone(), desk());
    for mail in house.read(|conn| kept::readable(conn, 1)).await {
        assert_eq!(again.look(mail).await.expect("a look"), Found::Same);
    }
}

#[tokio::test]
async fn a_correction_that_overtakes_what_it_corrects_is_not_taken_back_by_it() {
    const DI: &str = "di@post.example";
    let date = |guest: &str, time: &str| format!("Date: Mon, 30 Nov 2026 11:{time} +0000\r\nMessage-ID: <{time}.{guest}>\r\n");
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO, CY, DI], noon()).await;
    let (yes, three) = ("Yes, I will come.", "Yes, we will be three.");
    for (guest, newer, correction, older, corrected) in [
        (ANA, "45:00", "Sorry, correction: I cannot come.", "36:00", yes),
        (BO, "45:03", "Sorry, I cannot come.", "45:00", yes),
        (CY, "45:00", "Yes, we will be four.", "44:30", three),
        (DI, "45:00", yes, "36:00", three),
    ] {
        house.answer("workshop", guest, &date(guest, newer), correction).await;
        house.answer("workshop", guest, &date(guest, older), corrected).await;
    }
    house.receive(later(60)).await;
    let stands = async |guest| {
        let row = house.row(guest).await;
        (row.standing, row.answer, row.party)
    };
    let row = |standing: &str, answer: &str, party| (standing.to_owned(), answer.to_owned(), party);
    assert_eq!(stands(ANA).await, row("needs_look", "decline", None));
    assert_eq!(stands(BO).await, row("accept", "accept", None), "within seconds nobody knows which clock is right");
    assert_eq!(stands(CY).await, row("needs_look", "accept", Some(4)));
    assert_eq!(stands(DI).await, row("accept", "accept", Some(3)), "the older one only adds a number");
    let written = "it was written on 2026-11-30 11:36 UTC, before another answer of the guest that came earlier; that was decline";
    assert_eq!(house.doubts("workshop").await[0], (ANA.to_owned(), written.to_owned()));
}

#[tokio::test]
async fn a_copy_of_an_older_yes_does_not_settle_a_no_that_waits() {
    let of = |number: u32| format!("Message-ID: <{number}@post.example>\r\n");
    let mut house = House::open([]).await;
    house.invite(&[ANA], noon()).await;
    let yes = "Yes, I will come.";
    house.answer("workshop", ANA, &of(1), yes).await;
    house.receive(later(60)).await;
    let ruling = rule::Ruling { answer: Answer::Accept, party: None, delegate: None, note: String::new(), mail: None };
    let invitation = house.row(ANA).await.invitation;
    rule::record(&house.store, invitation, ruling, None, later(70)).await.expect("recorded");
    house.answer("workshop", ANA, &of(2), "Sorry, I cannot come after all.").await;
    house.receive(later(120)).await;
    assert_eq!(house.row(ANA).await.standing, "needs_look");
    house.answer("workshop", ANA, &of(1), &format!("{yes}\r\n\r\n-- \r\nThis message was scanned by the gateway.")).await;
    house.receive(later(180)).await;
    assert_eq!(house.row(ANA).await.standing, "needs_look");
    assert_eq!(house.doubts("workshop").await.len(), 2, "both wait");
}

#[tokio::test]
async fn a_late_notice_about_the_former_address_says_nothing_of_the_new_one() {
    const NEW: &str = "ana@new.example";
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO, CY], noon()).await;
    let sender = house.sender(house.sandbox.smtp_port, Pace::free());
    house.send(&sender, noon()).await;
    house.mend(ANA, NEW, later(10)).await;
    house.send(&sender, later(20)).await;
    let token = house.row(NEW).await.token;
    let notice = |token: &str, number: u32, to: &str| {
        format!(
            "From: MAILER-DAEMON@mx.post.example\r\nTo: workshop+{token}@primaria.example\r\nSubject: Undelivered Mail Returned to Sender\r\n\
             Message-ID: <dsn.{number}@mx>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\n<{to}>: 550 5.1.1 no such user\r\n\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.post.example\r\n\r\n\
             Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
        )
    };
    let stands = async |house: &House, guest| {
        let row = house.row(guest).await;
        (row.delivery, row.standing)
    };
    let good = || ("sent".to_owned(), "silent".to_owned());
    let bad = || ("bounced".to_owned(), "unreachable".to_owned());
    house.put(notice(&token, 1, ANA).as_bytes(), &[]);
    house.put(notice(&token, 2, "passed-on@else.example").as_bytes(), &[]);
    house.receive(later(60)).await;
    assert_eq!(stands(&house, NEW).await, good());
    assert_eq!(house.status().await.delivery.get("sent"), 3, "the first letter came back, and has a follower");
    house.put(notice(&token, 3, NEW).as_bytes(), &[]);
    // Who had one address alone is meant, whatever it is called where the mail was passed on to.
    let token = house.row(BO).await.token;
    house.put(notice(&token, 4, "passed-on@else.example").as_bytes(), &[]);
    house.receive(later(120)).await;
    // This one is mended only after its letter came back.
    let token = house.row(CY).await.token;
    house.put(notice(&token, 5, CY).as_bytes(), &[]);
    house.receive(later(130)).await;
    assert_eq!(stands(&house, CY).await, bad());
    house.mend(CY, "cy@new.example", later(140)).await;
    house.send(&sender, later(150)).await;
    assert_eq!(stands(&house, "cy@new.example").await, good());
    assert_eq!((stands(&house, NEW).await, stands(&house, BO).await), (bad(), bad()));
    // Each is read again as it was read, whatever was mended before it or since.
    let again = Again::new(house.store.clone(), desk());
    let mails = house.read(|conn| kept::readable(conn, 1)).await;
    assert_eq!(mails.len(), 5);
    for mail in mails {
        assert_eq!(again.look(mail).await.expect("a look"), Found::Same, "{mail}");
    }
}

#[tokio::test]
async fn a_notice_that_names_another_address_than_the_letters_is_looked_at() {
    const DI: &str = "di@gmail.com";
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO, CY, DI], noon()).await;
    house.send(&house.sender(house.sandbox.smtp_port, Pace::free()), noon()).await;
    for (guest, recipients) in [
        (ANA, "Final-Recipient: rfc822; old@gmail.com"),
        (BO, "Original-Recipient: rfc822; bo@post.example\r\nFinal-Recipient: rfc822; old@gmail.com"),
        (CY, "Final-Recipient: rfc822; Cy+letters@Post.example"),
        (DI, "Final-Recipient: rfc822; d.i@googlemail.com"),
    ] {
        let token = house.row(guest).await.token;
        let notice = format!(
            "From: MAILER-DAEMON@mx.gmail.example\r\nTo: {DESK}\r\nSubject: Undelivered Mail Returned to Sender\r\n\
             Message-ID: <dsn.{guest}>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\n550 5.1.1 no such user\r\n\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.gmail.example\r\n\r\n\
             {recipients}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
             --b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: {DESK}\r\nTo: {guest}\r\nSubject: You are invited\r\n\
             Message-ID: <invitation.{token}.1@primaria.example>\r\n\r\n--b--\r\n"
        );
        house.put(notice.as_bytes(), &[]);
    }
    house.receive(later(60)).await;
    let why =
        "the letter to ana@post.example came back from old@gmail.com: either a copy that was passed on, or ana@post.example itself fails";
    assert_eq!(house.doubts("workshop").await, [("mailer-daemon@mx.gmail.example".to_owned(), why.to_owned())]);
    for (guest, stands) in [
        (ANA, ("sent", "needs_look")),
        (BO, ("bounced", "unreachable")),
        (CY, ("bounced", "unreachable")),
        (DI, ("bounced", "unreachable")),
    ] {
        let row = house.row(guest).await;
        assert_eq!((row.delivery.as_str(), row.standing.as_str()), stands, "{guest}");
    }
    let again = Again::new(house.store.clone(), desk());
    for mail in house.read(|conn| kept::readable(conn, 1)).await {
        assert_eq!(again.look(mail).await.expect("a look"), Found::Same);
    }
}

#[tokio::test]
async fn an_answer_to_another_day_than_the_events_is_looked_at() {
    let mut house = House::open([]).await;
    let sender = house.sender(house.sandbox.smtp_port, Pace::free());
    house.invite(&[ANA, BO], noon()).await;
    house.send(&sender, noon()).await;
    house.answer("workshop", ANA, "", "I will come with my wife.").await;
    house.receive(later(60)).await;
    assert_eq!((house.status().await.people, house.status().await.moved), (2, None));
    let moved = event("workshop", "Workshop", "2026-12-17");
    house.invite_to(moved.clone(), vec![guest(ANA), guest(BO), guest(CY)], later(120)).await;
    house.send(&sender, later(130)).await;
    house.answer("workshop", BO, "", "Yes, December 10 suits me.").await;
    house.answer("workshop", CY, "", "I will come.").await;
    house.receive(later(180)).await;
    assert_eq!((house.row(BO).await.standing.as_str(), house.row(CY).await.standing.as_str()), ("needs_look", "accept"));
    let why = "the guest was invited to 2026-12-10 13:15, and the event was moved to 2026-12-17 13:15 since";
    assert_eq!(house.doubts("workshop").await, [(BO.to_owned(), why.to_owned())]);
    let status = house.status().await;
    assert_eq!((status.people, status.moved), (3, Some((2, moved.event.start))));
    // A letter with the day of now makes it good.
    house.mend(BO, "bo@new.example", later(200)).await;
    house.send(&sender, later(210)).await;
    house.answer("workshop", "bo@new.example", "", "I will come on the 17th.").await;
    house.receive(later(240)).await;
    assert_eq!(house.doubts("workshop").await.len(), 1, "only what waited before");
}

#[tokio::test]
async fn an_answer_to_another_place_than_the_events_is_looked_at() {
    let mut house = House::open([]).await;
    let sender = house.sender(house.sandbox.smtp_port, Pace::free());
    let at = |place: &str, day: &str| {
        let mut there = event("workshop", "Workshop", day);
        there.event.place = Some(Localised::One(place.into()));
        there
    };
    let (tenth, guests) = ("2026-12-10", [ANA, BO, CY].map(guest));
    house.invite_to(at("Town hall", tenth), guests[..2].to_vec(), noon()).await;
    house.send(&sender, noon()).await;
    house.invite_to(at("Town Hall, room 2", tenth), vec![guest("di@post.example")], later(10)).await;
    house.answer("workshop", ANA, "", "I will come.").await;
    house.receive(later(60)).await;
    assert_eq!(house.row(ANA).await.standing, "accept", "more words are no other place");
    house.invite_to(at("Opera", tenth), guests.to_vec(), later(120)).await;
    house.send(&sender, later(130)).await;
    for guest in [BO, CY] {
        house.answer("workshop", guest, "", "I will come.").await;
    }
    house.receive(later(180)).await;
    let why = "the guest was invited to Town hall, and the event was moved to Opera since";
    assert_eq!(house.doubts("workshop").await, [(BO.to_owned(), why.to_owned())]);
    let status = house.status().await;
    assert_eq!((status.people, status.moved, status.elsewhere), (2, None, Some((1, "Opera".to_owned()))));
    // Another day and another place are told at once.
    house.invite_to(at("Theatre", "2026-12-17"), vec![guest("ed@post.example")], later(200)).await;
    house.answer("workshop", CY, "", "Yes, I will come.").await;
    house.receive(later(240)).await;
    let why = "the guest was invited to 2026-12-10 13:15, Opera, and the event was moved to 2026-12-17 13:15, Theatre since";
    assert_eq!(house.doubts("workshop").await[1..], [(CY.to_owned(), why.to_owned())]);
}

#[tokio::test]
async fn a_guest_who_writes_from_another_address_is_looked_at() {
    let mut house = House::open([]).await;
    house.invite(&[ANA, BO], noon()).await;
    for (number, name) in ["Ana Post Guest", "Some Body"].into_iter().enumerate() {
        let mail = format!(
            "From: {name} <x{number}@else.example>\r\nTo: {DESK}\r\nSubject: The tenth\r\n\
             Message-ID: <{number}@else.example>\r\n\r\nI will come.\r\n"
        );
        house.put(mail.as_bytes(), &[]);
    }
    house.receive(later(60)).await;
    let mail = house.status().await.mail;
    assert_eq!((mail.get("needs_look"), mail.get("not_ours"), mail.get("total")), (1, 1, 2));
    let looks = house.read(|conn| inbox::looks(conn, None)).await;
    assert!(looks[0].doubts[0].contains("has the name of one, Guest ana@post.example <ana@post.example>"), "{looks:?}");
}

#[tokio::test]
async fn an_answer_marked_as_automatic_is_looked_at() {
    let mut house = House::open([]).await;
    let sender = house.sender(house.sandbox.smtp_port, Pace::free());
    house.invite(&[ANA, BO], noon()).await;
    house.send(&sender, noon()).await;
    house.answer("workshop", ANA, "Auto-Submitted: auto-generated\r\n", "I cannot come, sorry.").await;
    let away = "I am out of the office until 5 January and cannot read mail.";
    house.answer("workshop", BO, "Auto-Submitted: auto-replied\r\n", away).await;
    house.receive(later(60)).await;
    let why = "it is marked as automatic, but its words read as an answer";
    assert_eq!(house.doubts("workshop").await, [(ANA.to_owned(), why.to_owned())]);
    let mail = house.status().await.mail;
    assert_eq!((mail.get("needs_look"), mail.get("automatic")), (1, 1));
}

#[tokio::test]
async fn of_two_guests_at_one_address_a_name_tells_who_answers() {
    for (from, words, why) in [
        ("Peter Schmidt", "I will come.", None),
        ("The Schmidts", "I will come.\r\n\r\nPeter Schmidt", None),
        ("Petra Schmidt", "I cannot come.", Some("has the name of Petra Schmidt")),
        ("The Schmidts", "I will come.", None),
        ("Peter Schmidt", "We will both come, my wife and I.", Some("may be one of them")),
    ] {
        let mut house = House::open([]).await;
        let couple = ["Peter Schmidt", "Petra Schmidt"].map(|name| Guest { name: name.into(), ..guest(ANA) });
        house.invite_all(couple.to_vec(), noon()).await;
        let rows = house.read(|conn| views::guests(conn, None)).await;
        let token = &rows.iter().find(|row| row.name == "Peter Schmidt").expect("he is invited").token;
        let mail = format!(
            "From: {from} <{ANA}>\r\nTo: {DESK}\r\nSubject: Re: You are invited\r\n\
             In-Reply-To: <invitation.{token}.1@primaria.example>\r\n\r\n{words}\r\n"
        );
        house.put(mail.as_bytes(), &[]);
        house.receive(later(60)).await;
        let doubts = house.doubts("workshop").await;
        assert_eq!(house.status().await.mail.get("recorded"), u64::from(why.is_none()), "{words}: {doubts:?}");
        match why {
            None => assert!(doubts.is_empty(), "{words}: {doubts:?}"),
            Some(why) => assert!(doubts.len() == 1 && doubts[0].1.contains(why), "{words}: {doubts:?}"),
        }
    }
}
