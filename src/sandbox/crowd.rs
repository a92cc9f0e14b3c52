//! A plausible crowd for a rehearsal: who answers how, by position alone.

use super::{
    Client, Phrase, Reaction, Vendor,
    guests::Partstat::{Accepted, Declined, Tentative},
};
use crate::model::Answer;

/// Roughly how a real list behaves: half accept, a sixth stay silent, every door is used, every trouble occurs.
/// Of twenty in a row, each case comes once; the seed shifts the order.
pub(super) fn reactions(position: u64, seed: u64) -> Vec<Reaction> {
    let turn = position.wrapping_add(seed);
    let pick = usize::try_from(turn / 20 % 6).unwrap_or(0);
    let client = |shift: usize| *Client::ALL.iter().cycle().nth(pick + shift).unwrap_or(&Client::Gmail);
    let stock = |phrase, shift| Reaction::Stock { phrase, client: client(shift) };
    let button = |answer| Reaction::Button { answer, added: None };
    let calendar = |vendor, partstat, guests| Reaction::Calendar { vendor, partstat, comment: None, guests };
    // Seven is prime to twenty: neighbours in the list do not behave alike.
    match turn.wrapping_mul(7) % 20 {
        0 => vec![stock(Phrase::Accept, 0)],
        1 => vec![button(Answer::Accept)],
        2 => vec![calendar(Vendor::Google, Accepted, 0)],
        3 => vec![calendar(Vendor::Exchange, Accepted, 0)],
        4 => vec![stock(Phrase::Party, 1)],
        5 => vec![stock(Phrase::Decline, 2)],
        6 => vec![stock(Phrase::Accept, 3)],
        7 => vec![Reaction::OutOfOffice { text: None }, stock(Phrase::Accept, 4)],
        8 => vec![stock(Phrase::Question, 5)],
        9 => vec![button(Answer::Decline)],
        10 => vec![stock(Phrase::Tentative, 0)],
        11 => vec![calendar(Vendor::Google, Tentative, 0)],
        12 => vec![stock(Phrase::Vague, 1)],
        13 => vec![stock(Phrase::Decline, 2), stock(Phrase::Accept, 2)],
        14 => vec![calendar(Vendor::Exchange, Declined, 0)],
        15 => vec![calendar(Vendor::Google, Accepted, 1)],
        16 => vec![if pick % 2 == 0 {
            Reaction::BounceLater { status: "5.1.1".into() }
        } else {
            Reaction::RefuseRcpt { reply: "550 5.1.1 this user is not known here".into() }
        }],
        17 => vec![Reaction::OutOfOffice { text: None }],
        18 => vec![Reaction::Hostile],
        _ => Vec::new(),
    }
}
