//! What is measured: who sends, over how many connections, how far, how secured; and how many letters make a fair look.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sender {
    Convoke,
    SmtpSource,
    Nodemailer,
    Lettre,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dkim {
    None,
    Ed25519,
    Rsa,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Case {
    pub sender: Sender,
    pub connections: usize,
    /// 20 ms of round trip instead of none.
    pub far: bool,
    /// STARTTLS, to the bench's own sink.
    pub tls: bool,
    pub dkim: Dkim,
    pub sink: Sink,
}

/// Who takes the letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sink {
    /// Postfix's smtp-sink, where the sender is compared with smtp-source: it ends at about the pace of smtp-source.
    Postfix,
    /// The bench's own, which costs less a letter, and speaks TLS.
    Own,
}

const SENDERS: [Sender; 4] = [Sender::SmtpSource, Sender::Convoke, Sender::Nodemailer, Sender::Lettre];

/// All cases, those that are compared beside one another, so that a round meets the same weather.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for (far, tls) in [(false, false), (true, false), (false, true)] {
        for connections in [10, 1, 50] {
            for sender in SENDERS {
                // smtp-source speaks no TLS.
                if tls && sender == Sender::SmtpSource {
                    continue;
                }
                let sink = if tls { Sink::Own } else { Sink::Postfix };
                cases.push(Case { sender, connections, far, tls, dkim: Dkim::None, sink });
                if sender == Sender::Convoke && connections == 10 && !far && !tls {
                    for dkim in [Dkim::Ed25519, Dkim::Rsa] {
                        cases.push(Case { sender, connections, far, tls, dkim, sink });
                    }
                }
            }
        }
    }
    for sender in [Sender::Convoke, Sender::Nodemailer] {
        cases.push(Case { sender, connections: 10, far: false, tls: false, dkim: Dkim::None, sink: Sink::Own });
    }
    cases
}

impl Case {
    /// For people, and for `--only`.
    pub fn name(&self) -> String {
        let sender = match self.sender {
            Sender::Convoke => "convoke",
            Sender::SmtpSource => "smtp-source",
            Sender::Nodemailer => "nodemailer",
            Sender::Lettre => "lettre",
        };
        let dkim = match self.dkim {
            Dkim::None => "",
            Dkim::Ed25519 => ", Ed25519",
            Dkim::Rsa => ", RSA-2048",
        };
        let tls = if self.tls { "STARTTLS" } else { "plain" };
        let sink = if self.sink == Sink::Own && !self.tls { ", own sink" } else { "" };
        format!("{sender}, {}c, {} ms, {tls}{dkim}{sink}", self.connections, if self.far { 20 } else { 0 })
    }

    /// How many letters: about ten seconds of the sender's known pace, 100,000 at most; with `quick` about a tenth.
    pub fn letters(&self, quick: bool) -> usize {
        let letters = match (self.sender, self.far) {
            (Sender::Convoke, false) | (Sender::SmtpSource, false) => 100_000,
            (Sender::Convoke, true) => 500 * self.connections,
            (Sender::SmtpSource, true) => 120 * self.connections,
            (Sender::Nodemailer, false) => 12_000,
            (Sender::Nodemailer, true) => 200 * self.connections,
            (Sender::Lettre, false) => 220 * self.connections,
            (Sender::Lettre, true) => 60 * self.connections,
        };
        if quick { letters / if self.far { 5 } else { 10 } } else { letters }
    }
}
