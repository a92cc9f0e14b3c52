//! Whose mail it is: a ladder of clues, strongest first.
//!
//! [`clues`] says what to look up, `work` asks the store, and [`conclude`] weighs what was found. The ladder is
//! that of RFC 5546 and of what survives in each client's answer: our token in an address that only this guest
//! was given, the calendar's UID, threading headers, our token in the subject or in the quoted text, and last
//! the bare addresses, which count only where they name one guest; another spelling of the sender's comes after
//! them all. A token says whose invitation is answered; it does not say who answers, so the owner is compared
//! with the sender every time.

mod clues;
mod conclude;
mod names;
mod persons;
mod quotes;
mod subjects;

pub use clues::clues;
pub use conclude::{conclude, stale};
pub use names::Names;
pub use persons::same_mailbox;
pub use quotes::quotes;

use crate::model::{Address, Token};

/// A hint whose mail it is, to be looked up among the invitations.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Clue {
    /// The name of one invitation.
    Token(Token),
    /// The UID of a calendar event, as it stands in the answer: compare it whole.
    CalendarUid(String),
    /// A Message-ID with its angle brackets: of our letter, or the one that our provider gave it.
    MessageId(String),
    /// An address: look for guests who have it, and where it is the sender's, for those who have another spelling of it
    /// ([`Address::mailbox`]).
    Address(Address, Role),
}

/// What an address was in the mail.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Role {
    Attendee,
    ReplyTo,
    From,
    /// Named by a delivery notice.
    BounceRecipient,
}

/// Where a clue was found; the order is the order of trust, strongest first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Rung {
    /// Our token in To, Cc, Delivered-To and their kin.
    RecipientToken,
    /// Our token in ORGANIZER.
    Organizer,
    CalendarUid,
    InReplyTo,
    References,
    /// `[#TOKEN]` in the subject.
    SubjectToken,
    /// Our token in the text that was quoted.
    QuotedToken,
    /// A Message-ID in the original that came back with a bounce, a complaint or a receipt.
    ReturnedId,
    Attendee,
    ReplyTo,
    From,
    BounceRecipient,
}

impl Rung {
    /// True where only an address was recognised: anybody can write it, and several guests may share it.
    pub fn is_address(self) -> bool {
        self >= Self::Attendee
    }
}

/// An invitation that a clue led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The invitation's row.
    pub invitation: i64,
    /// The campaign's row.
    pub campaign: i64,
    pub token: Token,
    pub email: Address,
    /// The guest's name; may be empty.
    pub name: String,
    /// The campaign is over: nothing is expected any more.
    pub closed: bool,
    /// A letter to the guest may have left.
    pub reached: bool,
}

/// What we know of ourselves, to tell our own letters and answers to them from other mail.
#[derive(Clone, Copy, Debug)]
pub struct Ours<'a> {
    /// `from`, `reply_to` and `bounce_to`, without token.
    pub addresses: &'a [Address],
    /// The subjects that we sent, without tags.
    pub subjects: &'a [String],
    /// The mail quotes a text that we sent.
    pub quotes_us: bool,
    /// Guests who may have the sender's name, by [`Names`].
    pub namesakes: &'a [Candidate],
}

/// Whose mail it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Conclusion {
    Paired(Pairing),
    /// Of no invitation, but it looks like an answer: the organiser should see it. `why` is for them.
    LooksLikeOurs {
        why: String,
    },
    /// Our own letter or a copy of it: never an answer.
    Own,
    NotOurs,
}

/// The invitation that a mail belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pairing {
    pub invitation: i64,
    /// The strongest rung that led there.
    pub rung: Rung,
    pub relation: Relation,
    /// Why it may not be recorded without a look, one sentence each; empty where all is in order.
    pub flags: Vec<String>,
    /// Another guest of the campaign at the same address, with name and address for the organiser: who comes with the guest may be
    /// they.
    pub housemate: Option<String>,
}

/// Who wrote, seen from the guest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Relation {
    /// The guest, or a machine in their name.
    Guest,
    /// The guest, from another address of theirs.
    Alias,
    /// Somebody who writes for the guest: `Sender`, `SENT-BY`, or the same organisation.
    Assistant,
    /// Somebody to whom the guest delegated.
    Delegate,
    /// Somebody to whom the invitation was passed on.
    Forwarded,
    Stranger,
}
