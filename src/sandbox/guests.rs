//! How the guests behave: what each does when a letter reaches it.

use crate::model::{Address, Answer};
use std::collections::BTreeMap;

/// The mail program in which a guest writes: it decides how our letter is quoted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Client {
    /// Text and HTML, `div.gmail_quote`.
    Gmail,
    /// Text and HTML, the attribution line inside the quote.
    AppleMail,
    /// Text and HTML, a header block above the unmarked quote.
    OutlookDesktop,
    /// Text and HTML, a rule of 32 underscores above the header block.
    OutlookWeb,
    /// Text only, quoted with `>`.
    Thunderbird,
    /// Text only, with the telephone's own line under the words.
    Phone,
}

impl Client {
    pub const ALL: [Self; 6] = [Self::Gmail, Self::AppleMail, Self::OutlookDesktop, Self::OutlookWeb, Self::Thunderbird, Self::Phone];
}

/// Whose calendar answers a REQUEST.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Vendor {
    /// Auto-Submitted, X-NUM-GUESTS, the comment as a parameter, a second copy as a file.
    Google,
    /// No ORGANIZER, the comment as COMMENT, no file.
    Exchange,
}

/// A stock sentence, said in the language of the letter (English where it is none of the seven).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Phrase {
    Accept,
    /// The guest and two colleagues.
    Party,
    Decline,
    Tentative,
    /// Accepts, and asks something.
    Question,
    /// Says nothing that anybody could record.
    Vague,
}

/// What a guest does on its first letter. A guest may do several things, one after the other.
///
/// A guest that cannot do what it should (no button in the letter, no calendar part) says the same in a
/// [`Phrase`] instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reaction {
    /// Replies in words.
    Words { text: String, client: Client },
    /// Replies with a stock sentence.
    Stock { phrase: Phrase, client: Client },
    /// Presses a `mailto:` link of the HTML part, adds something or not, and sends.
    Button { answer: Answer, added: Option<String> },
    /// Answers from the calendar. `guests`: how many come along (X-NUM-GUESTS), told by Google only.
    Calendar { vendor: Vendor, partstat: Partstat, comment: Option<String>, guests: u32 },
    /// A vacation robot answers (RFC 3834). None: a stock text.
    OutOfOffice { text: Option<String> },
    /// The letter is taken, then comes back as a delivery notice (RFC 3464) with this status, as `5.1.1`.
    BounceLater { status: String },
    /// RCPT is refused with this reply, as `550 5.1.1 no such user`. Stands for the address, whatever else is listed.
    RefuseRcpt { reply: String },
    /// A stranger sends one nasty mail that has nothing to do with the letter.
    Hostile,
}

/// What a calendar answer says (RFC 5545 §3.2.12).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Partstat {
    Accepted,
    Tentative,
    Declined,
}

impl Partstat {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "ACCEPTED",
            Self::Tentative => "TENTATIVE",
            Self::Declined => "DECLINED",
        }
    }

    pub(super) fn phrase(self) -> Phrase {
        match self {
            Self::Accepted => Phrase::Accept,
            Self::Tentative => Phrase::Tentative,
            Self::Declined => Phrase::Decline,
        }
    }
}

/// How the guests behave, by address; those not named stay silent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Guests {
    by_address: BTreeMap<Address, Vec<Reaction>>,
}

impl Guests {
    /// Guests who do exactly this. A list runs in order: a changed mind is two reactions.
    pub fn scripted(map: BTreeMap<Address, Vec<Reaction>>) -> Self {
        Self { by_address: map }
    }

    /// A plausible mix over any list, for `rehearse`: the same addresses and seed give the same guests.
    pub fn plausible(addresses: &[Address], seed: u64) -> Self {
        let numbered = addresses.iter().zip(0_u64..);
        Self { by_address: numbered.map(|(address, at)| (address.clone(), super::crowd::reactions(at, seed))).collect() }
    }

    pub(super) fn reactions(&self, guest: &Address) -> &[Reaction] {
        self.by_address.get(guest).map_or(&[], Vec::as_slice)
    }

    /// The reply that refuses this recipient, if it is refused.
    pub(super) fn refusal(&self, guest: &Address) -> Option<&str> {
        self.reactions(guest).iter().find_map(|reaction| match reaction {
            Reaction::RefuseRcpt { reply } => Some(reply.as_str()),
            _ => None,
        })
    }
}
