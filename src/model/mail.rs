//! A message that arrived, as read: values only, nothing of the wire is left in it.

use super::{Address, Token};
use jiff::civil::Date;

/// What kind of message it is, decided by its top-level structure and headers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailKind {
    /// A person wrote.
    Reply,
    /// A calendar program answers for a person (METHOD:REPLY or COUNTER).
    Calendar,
    /// A delivery notice about a failure or a delay.
    Bounce,
    /// An automatic reply or a challenge.
    Auto,
    /// A feedback report: the guest pressed "spam".
    Complaint,
    /// Success notices, read receipts, calendar requests: nothing to record.
    Other,
}

/// Why a letter came back. Only `Invalid` makes a guest unreachable: "5.x.x is hard" is wrong two times in three.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BounceClass {
    /// The address does not exist.
    Invalid,
    /// The mailbox is full.
    Full,
    /// They will not have our mail: policy, reputation, authentication.
    Blocked,
    /// They will not have this message: size, virus, format.
    Content,
    /// A delay, an expiry, no answer.
    Transient,
    Unknown,
}

/// What a delivery notice says (RFC 3464, or one of the text forms).
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Bounce {
    /// Everyone it names, original address before final one.
    pub recipients: Vec<Address>,
    pub class: BounceClass,
    /// False for a delay.
    pub permanent: bool,
    /// Enhanced status code (RFC 3463), as `5.1.1`.
    pub status: Option<String>,
    /// The server's words, cut at 500 characters.
    pub diagnostic: Option<String>,
}

/// What an automatic reply says.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Auto {
    /// The day of return, where the text names one.
    pub until: Option<Date>,
    /// A challenge: the sender's server wants a click before it delivers.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub challenge: bool,
}

/// What the calendar part of an answer says (RFC 5546). By default it is of nobody and says nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct CalendarReply {
    /// In capitals: `REPLY`, `COUNTER`.
    pub method: String,
    /// In capitals; None where no attendee carries one.
    pub partstat: Option<String>,
    pub uid: Option<String>,
    /// Bare and lower case.
    pub attendee: Option<Address>,
    /// The guest's own words; never the program's sentence.
    pub comment: Option<String>,
    pub sequence: u32,
    /// DTSTAMP as `YYYYMMDDTHHMMSSZ`: orders answers of one SEQUENCE.
    pub dtstamp: Option<String>,
    /// X-NUM-GUESTS: how many the guest brings.
    pub num_guests: Option<u32>,
    /// The address in ORGANIZER; Exchange leaves it out.
    pub organizer: Option<Address>,
    /// PARTSTAT=DELEGATED: to whom.
    pub delegated_to: Option<Address>,
    /// DELEGATED-FROM: who passed the invitation on to the attendee that answers here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegated_from: Option<Address>,
    /// SENT-BY: an assistant answered.
    pub sent_by: Option<Address>,
}

/// An address with the name that stood beside it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Mailbox {
    pub name: String,
    pub email: Address,
}

/// The note of a mail that was answered in the subject alone.
pub const SUBJECT_IS_SAID: &str = "the text is empty; the subject is what was said";

/// The note of a mail whose text stood below what opens a quote: who typed it is not sure, so no answer in it is.
pub const KEPT_BELOW_QUOTE: &str = "what stands below the start of a quoted message was kept";

/// How the note begins of a mail of which sentences were taken for a signature, a notice or a quote; they stand behind it.
pub const PERHAPS_TYPED: &str = "taken for a signature, a notice or a quote, but perhaps typed: ";

/// How the note begins of a mail in which text stands below a signature that no line cuts off: a slogan, or what was forgotten above.
/// It stands behind it, as it stands in what was typed.
pub const BELOW_SIGNATURE: &str = "below a signature: ";

/// How the note begins of a mail whose text part and HTML part have different words; what was typed in the one that was not read stands
/// behind it.
pub const PARTS_DIFFER: &str = "its text part and its HTML part differ; in the other one stands: ";

/// The note of a mail that speaks of an absence as automatic notes do: who stands in at the office may not be who comes.
pub const ABSENCE: &str = "the text speaks of an absence, as automatic notes do";

/// How the note begins of a mail beside which something is attached that was not read; the name of the first stands behind it.
pub const UNREAD_FILE: &str = "attached and not read: ";

/// How the note begins of a mail in whose quote something stands that we did not send, as a ticked box does: that stands behind it.
pub const TYPED_IN_QUOTE: &str = "typed into what is quoted: ";

/// The note of a mail some of whose words are struck out: they were left out.
pub const STRUCK_OUT: &str = "some of its words are struck out";

/// The note of a mail of which only the beginning was read: what changes its answer may stand behind that.
pub const CUT: &str = "it is too long to be read to its end, and more may stand there";

/// The note of a mail that says that nobody reads an address any more, or that somebody has left.
pub const GONE: &str = "the text says that an address is no longer read, or that somebody has left";

/// The note of a mail of a gateway: what was written must be opened elsewhere, or our letter confirmed.
pub const ELSEWHERE: &str = "the text says that a message must be opened or confirmed elsewhere";

/// The note of a mail of a help desk, which writes the messages of a case one below the other.
pub const HELP_DESK: &str = "a help desk wrote it; which of its messages is the new one is not sure";

/// A message that arrived, as read. `read` makes it of any bytes and never fails.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Mail {
    pub kind: MailKind,
    pub from: Option<Mailbox>,
    pub sender: Option<Address>,
    pub reply_to: Option<Address>,
    /// To, Cc, Delivered-To, X-Original-To and their kin: everything that may carry our token.
    pub recipients: Vec<Address>,
    /// Decoded, one line.
    pub subject: String,
    /// What stands in the subject of a person's mail beside the subjects that we sent: a guest may have answered there.
    #[serde(default)]
    pub subject_typed: Option<String>,
    /// With angle brackets.
    pub message_id: Option<String>,
    /// With angle brackets, in the order of the header.
    pub in_reply_to: Vec<String>,
    /// With angle brackets, at most the last 20.
    pub references: Vec<String>,
    /// What the guest typed in this mail: no quote, no contact block, no disclaimer.
    pub said: String,
    /// Contact details that stood under the text, kept apart because the name is useful.
    pub signature: String,
    /// What was taken away as quoted, cut at 64 KiB: it may hold our token, and proves that they answer us.
    pub quoted: String,
    pub calendar: Option<CalendarReply>,
    pub bounce: Option<Bounce>,
    pub auto: Option<Auto>,
    /// Message-IDs found in a returned original (bounces, complaints, receipts).
    pub returned_ids: Vec<String>,
    /// Tokens seen anywhere in the mail, strongest place first.
    pub tokens: Vec<Token>,
    /// Authentication-Results. True: the receiving server says that the sender is who it says; false: it vouches for nobody, or for
    /// another; None: it does not say.
    pub verified: Option<bool>,
    /// The button that was pressed, by the token and the word in its subject.
    pub button: Option<super::Answer>,
    /// What could not be read, and what was guessed.
    pub notes: Vec<String>,
}

impl Mail {
    /// The addresses of who wrote it, as its headers have them.
    pub fn writers(&self) -> impl Iterator<Item = &Address> {
        [self.from.as_ref().map(|from| &from.email), self.sender.as_ref(), self.reply_to.as_ref()].into_iter().flatten()
    }

    /// A mail of this kind in which nothing stands.
    pub fn empty(kind: MailKind) -> Self {
        Self {
            kind,
            from: None,
            sender: None,
            reply_to: None,
            recipients: Vec::new(),
            subject: String::new(),
            subject_typed: None,
            message_id: None,
            in_reply_to: Vec::new(),
            references: Vec::new(),
            said: String::new(),
            signature: String::new(),
            quoted: String::new(),
            calendar: None,
            bounce: None,
            auto: None,
            returned_ids: Vec::new(),
            tokens: Vec::new(),
            verified: None,
            button: None,
            notes: Vec::new(),
        }
    }
}

/// The mail holds a calendar part that says nothing of coming to an event: what stands beside it is not sure either.
pub const NO_METHOD: &str = "a calendar part without a method was not taken as an answer";

/// As [`NO_METHOD`], of a part about a task, a journal or a time zone alone.
pub const NO_EVENT: &str = "the calendar part is not about an event";

/// The note of a calendar answer about one day of a series. We send single events, so it may be about another day.
pub const ONE_DAY_OF_A_SERIES: &str = "the calendar answer is for one day of a series";
