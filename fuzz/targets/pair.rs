//! Any mail, its clues, and candidates made of the mail itself: the conclusion names one of them, and what is not
//! plainly the guest carries a flag.
#![no_main]

use convoke::{
    model::{Address, Token},
    pair::{Candidate, Clue, Conclusion, Ours, Relation, Rung, clues, conclude},
    read::{Context, mail},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, raw)) = data.split_first() else { return };
    let read = mail(raw, &Context { authserv_id: Some("mx.us.example"), ..Context::default() });
    let clues = clues(&read);
    assert!(clues.len() <= 200 && clues.is_sorted_by_key(|(rung, _)| *rung) || clues.len() == 200);
    let token = |at: usize| Token::from_bits((at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let known: Vec<Address> = read
        .from
        .iter()
        .map(|from| from.email.clone())
        .chain(read.reply_to.clone())
        .chain(read.recipients.iter().take(2).cloned())
        .chain(["ana@guest.example", "ana+x@guest.example"].iter().filter_map(|text| Address::parse(text).ok()))
        .collect();
    let found: Vec<(Rung, Candidate)> = clues
        .iter()
        .take(40)
        .enumerate()
        .map(|(at, (rung, clue))| {
            let mixed = at * 7 + usize::from(*choice);
            let email = match clue {
                Clue::Address(address, _) => address.clone(),
                _ => known[mixed % known.len()].clone(),
            };
            let name = if mixed % 3 == 0 { read.from.as_ref().map(|from| from.name.clone()).unwrap_or_default() } else { "Ana Pop".to_owned() };
            let token = if let Clue::Token(token) = clue { token.clone() } else { token(mixed) };
            let (invitation, campaign) = ((mixed % 4) as i64, (mixed % 2) as i64);
            let (closed, reached) = (mixed % 5 == 0, mixed % 7 != 0);
            let candidate = Candidate { invitation, campaign, token, email, name, closed, reached };
            (*rung, candidate)
        })
        .collect();
    let addresses: Vec<Address> = ["rsvp@us.example"].iter().filter_map(|text| Address::parse(text).ok()).collect();
    let subjects = ["Workshop".to_owned(), read.subject.clone()];
    let namesakes: Vec<Candidate> = found.iter().map(|(_, candidate)| candidate.clone()).collect();
    let ours = Ours { addresses: &addresses, subjects: &subjects, quotes_us: choice & 64 != 0, namesakes: &namesakes };
    let conclusion = conclude(&read, &found, &ours);
    if let Conclusion::Paired(pairing) = &conclusion {
        assert!(found.iter().any(|(_, candidate)| candidate.invitation == pairing.invitation));
        assert!(pairing.relation != Relation::Stranger || !pairing.flags.is_empty());
    }
    // The order of what was found must not matter for whose mail it is.
    let mut turned = found.clone();
    turned.reverse();
    if let (Conclusion::Paired(one), Conclusion::Paired(other)) = (&conclusion, &conclude(&read, &turned, &ours)) {
        assert_eq!(one.rung, other.rung);
    }
});
