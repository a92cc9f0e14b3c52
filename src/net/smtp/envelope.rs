//! The words that announce a letter: MAIL, RCPT and their parameters, or why this server cannot be offered it.

use super::Outcome;
use super::offers::Offers;
use crate::model::{Address, Signal};
use std::fmt::Write;

/// The two lines of an announcement, ends included.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub mail: String,
    pub rcpt: String,
}

impl Envelope {
    /// Refuses at once what this server cannot carry: nothing is said to it then.
    pub fn of(host: &str, offers: &Offers, mail_from: &Address, rcpt_to: &Address, raw: &[u8]) -> Result<Self, Outcome> {
        let rejected = |why: String| Outcome { signal: Signal::Rejected { why }, code: None, enhanced: None, relay_trouble: None };
        if !speakable(rcpt_to) {
            return Err(rejected("the address holds a character that SMTP cannot carry; correct it".into()));
        }
        let utf8 = !rcpt_to.as_str().is_ascii() || !mail_from.as_str().is_ascii();
        if !speakable(mail_from) || !mail_from.as_str().is_ascii() && !offers.utf8 {
            let why = format!("{host} cannot carry the envelope sender {mail_from}; set another bounce_to in [sender]");
            return Err(Outcome::not_begun(why));
        }
        if utf8 && !offers.utf8 {
            return Err(rejected(format!(
                "the address {rcpt_to} has letters outside ASCII before the @, and {host} cannot carry such an address (no SMTPUTF8)"
            )));
        }
        let size = raw.len();
        if let Some(most) = offers.size.filter(|&most| most > 0 && size as u64 > most) {
            return Err(rejected(format!("the letter has {size} bytes, and {host} takes at most {most}; make it smaller")));
        }
        let mut mail = String::with_capacity(80);
        let mut rcpt = String::with_capacity(80);
        // Writing to a String cannot fail.
        let _ = write!(mail, "MAIL FROM:<{mail_from}>");
        let _ = write!(rcpt, "RCPT TO:<{rcpt_to}>");
        if offers.size.is_some() {
            let _ = write!(mail, " SIZE={size}");
        }
        if offers.eight_bit && !raw.is_ascii() {
            mail.push_str(" BODY=8BITMIME");
        }
        if utf8 {
            mail.push_str(" SMTPUTF8");
        }
        if offers.dsn {
            mail.push_str(" RET=HDRS");
            rcpt.push_str(" NOTIFY=FAILURE,DELAY");
        }
        mail.push_str("\r\n");
        rcpt.push_str("\r\n");
        Ok(Self { mail, rcpt })
    }
}

/// Nothing in it that would end the command or its brackets.
fn speakable(address: &Address) -> bool {
    !address.as_str().contains(|c: char| c.is_control() || c.is_whitespace() || c == '<' || c == '>')
}
