//! The demo's script: what the sixteen guests of the shipped campaign do, and what must be known of them afterwards.
//!
//! The words are data. Each is plain enough that a careful reader is sure of it, but for the one that nobody can be.

use super::{
    Client, Guests, Reaction, Vendor,
    guests::Partstat::{Accepted, Tentative},
};
use crate::model::{Address, Answer, StandingKind};
use std::collections::BTreeMap;

/// What must stand for one guest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    pub standing: StandingKind,
    /// How many come by it, the guest included; 0 where nobody does.
    pub people: u32,
    /// The guest asks something.
    pub question: bool,
    /// Who comes instead.
    pub delegate: Option<&'static str>,
}

/// How many mails must lie in each bucket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MailTotals {
    pub recorded: u32,
    pub needs_look: u32,
    pub automatic: u32,
    pub bounces: u32,
    pub not_ours: u32,
    pub total: u32,
}

/// What must be known when everything has been read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expectations {
    pub guests: BTreeMap<Address, Expected>,
    pub mail: MailTotals,
    /// The parties of all who come or send somebody.
    pub people: u32,
}

/// One line of the script.
struct Line {
    guest: &'static str,
    does: Vec<Reaction>,
    expected: Expected,
}

fn line(guest: &'static str, does: Vec<Reaction>, standing: StandingKind) -> Line {
    let people = u32::from(matches!(standing, StandingKind::Accept | StandingKind::Delegate));
    Line { guest, does, expected: Expected { standing, people, question: false, delegate: None } }
}

fn words(client: Client, text: &str) -> Reaction {
    Reaction::Words { text: text.to_owned(), client }
}

fn calendar(vendor: Vendor, partstat: super::Partstat, comment: Option<&str>) -> Reaction {
    Reaction::Calendar { vendor, partstat, comment: comment.map(str::to_owned), guests: 0 }
}

/// The sixteen guests and what must come of them.
pub fn workshop() -> (Guests, Expectations) {
    let lines = script();
    let parsed = lines.into_iter().map(|line| (Address::parse(line.guest).expect("the addresses of the script are addresses"), line));
    let (mut does, mut guests) = (BTreeMap::new(), BTreeMap::new());
    for (address, line) in parsed {
        does.insert(address.clone(), line.does);
        guests.insert(address, line.expected);
    }
    let people = guests.values().map(|expected| expected.people).sum();
    let mail = MailTotals { recorded: 13, needs_look: 1, automatic: 1, bounces: 1, not_ours: 1, total: 17 };
    (Guests::scripted(does), Expectations { guests, mail, people })
}

fn script() -> Vec<Line> {
    use StandingKind as S;
    let mut party = line(
        "mihai.dobre@camera-comert.example",
        vec![words(Client::OutlookDesktop, "Bună ziua,\n\nConfirm participarea mea și a doi colegi.\n\nCu stimă,\nMihai Dobre")],
        S::Accept,
    );
    party.expected.people = 3;
    let mut colleague = line(
        "marco.conti@camera-pietra.example",
        vec![words(
            Client::OutlookWeb,
            "Buongiorno,\n\npurtroppo non posso partecipare. Al mio posto parteciperà la mia collega Lucia Bianchi.\n\nCordiali saluti,\nMarco Conti",
        )],
        S::Delegate,
    );
    colleague.expected.delegate = Some("Lucia Bianchi");
    let mut question = line(
        "ruta.kazlauskiene@miestas-upe.example",
        vec![words(Client::AppleMail, "Laba diena,\n\ntaip, dalyvausiu. Ar susitikimas bus įrašomas?\n\nPagarbiai\nRūta Kazlauskienė")],
        S::Accept,
    );
    question.expected.question = true;
    vec![
        line(
            "ana.ionescu@primaria-lunca.example",
            vec![words(Client::Gmail, "Bună ziua,\n\nConfirm participarea mea la workshop.\n\nCu stimă,\nAna Ionescu")],
            S::Accept,
        ),
        party,
        line("elena.stan@incubator.example", vec![words(Client::Gmail, "Nu putem participa cu mai mult de două persoane.")], S::NeedsLook),
        line("joris.devries@gemeente-waterstad.example", vec![calendar(Vendor::Exchange, Accepted, None)], S::Accept),
        // A changed mind: the last word counts.
        line(
            "femke.bakker@ondernemers.example",
            vec![
                words(Client::Gmail, "Goedendag,\n\nHelaas kan ik niet deelnemen.\n\nMet vriendelijke groet,\nFemke Bakker"),
                words(Client::Gmail, "Goedendag,\n\nJa, ik neem graag deel.\n\nMet vriendelijke groet,\nFemke Bakker"),
            ],
            S::Accept,
        ),
        line(
            "giulia.ferri@comune-pietra.example",
            vec![Reaction::Button { answer: Answer::Accept, added: Some("Cordiali saluti,\r\nGiulia Ferri".into()) }],
            S::Accept,
        ),
        colleague,
        line("ivana.kovac@grad-luka.example", vec![calendar(Vendor::Google, Accepted, None)], S::Accept),
        line(
            "tomislav.horvat@hgk-luka.example",
            vec![words(
                Client::Thunderbird,
                "Poštovani,\n\nzahvaljujem na pozivu, ali nažalost ne mogu sudjelovati.\n\nSrdačan pozdrav,\nTomislav Horvat",
            )],
            S::Decline,
        ),
        question,
        line("jonas.petrauskas@verslas-upe.example", vec![Reaction::Button { answer: Answer::Decline, added: None }], S::Decline),
        line(
            "aino.virtanen@kaupunki-ranta.example",
            vec![Reaction::OutOfOffice {
                text: Some(
                    "Hei,\n\nolen lomalla 7.12.2026 asti enkä lue sähköpostiani. Vastaan viestiisi palattuani.\n\nTerveisin\nAino Virtanen"
                        .into(),
                ),
            }],
            S::Silent,
        ),
        line(
            "mikko.lahti@yrittajat-ranta.example",
            vec![words(Client::Phone, "Hei,\n\nkiitos kutsusta, osallistun mielelläni.\n\nTerveisin\nMikko Lahti")],
            S::Accept,
        ),
        line("sarah.whitfield@culture-network.example", vec![calendar(Vendor::Exchange, Tentative, None)], S::Tentative),
        // Silent; but the mailbox that his letter came from is found by a stranger.
        line("tom.reed@sme-forum.example", vec![Reaction::Hostile], S::Silent),
        line("old.address@festival-archive.example", vec![Reaction::BounceLater { status: "5.1.1".into() }], S::Unreachable),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_totals_add_up() {
        let (guests, expected) = workshop();
        assert_eq!(expected.guests.len(), 16);
        assert_eq!(expected.people, 11);
        let mail = expected.mail;
        assert_eq!(mail.recorded + mail.needs_look + mail.automatic + mail.bounces + mail.not_ours, mail.total);
        let written: usize = expected.guests.keys().map(|guest| guests.reactions(guest).len()).sum();
        assert_eq!(u32::try_from(written), Ok(mail.total));
    }
}
