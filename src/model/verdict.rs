//! What a mail says about coming, and why we think so.

use super::Address;

/// What the guest decided.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// Takes part, alone or with others.
    Accept,
    /// Does not take part and sends nobody.
    Decline,
    /// Does not take part; somebody else comes instead.
    Delegate,
    /// Leans, but has not decided, or ties it to an open condition.
    Tentative,
    /// No decision can be read.
    None,
}

impl Answer {
    pub const DECISIONS: [Self; 4] = [Self::Accept, Self::Decline, Self::Delegate, Self::Tentative];

    /// The guest does not come: an invitation that has not left yet is no longer wanted.
    pub fn stays_away(self) -> bool {
        matches!(self, Self::Decline | Self::Delegate)
    }

    /// The no to a yes, and the yes to a no.
    pub fn opposite(self) -> Option<Self> {
        match self {
            Self::Accept => Some(Self::Decline),
            Self::Decline => Some(Self::Accept),
            Self::Delegate | Self::Tentative | Self::None => None,
        }
    }

    /// By both the guest comes, or by both another comes instead: who comes by the one comes by the other.
    pub fn is_like(self, other: Self) -> bool {
        let comes = |answer| matches!(answer, Self::Accept | Self::Tentative);
        comes(self) && comes(other) || self == Self::Delegate && other == Self::Delegate
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Delegate => "delegate",
            Self::Tentative => "tentative",
            Self::None => "none",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::DECISIONS.into_iter().chain([Self::None]).find(|answer| answer.as_str() == word)
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How sure a verdict must be to be recorded without a look: the organiser's choice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// At most 5 of 1,000 recorded were wrong when the bars were found (`benches/judge/calibrate.rs`).
    Strict,
    /// At most 10 of 1,000.
    #[default]
    Normal,
    /// At most 40 of 1,000.
    Lax,
}

/// Who comes instead.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Delegate {
    pub name: Option<String>,
    pub email: Option<Address>,
}

/// The conclusion from all evidence in one mail.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Verdict {
    pub answer: Answer,
    /// True: it may be recorded without a look, if the mail is paired and its sender in order.
    pub sure: bool,
    /// 0 to 1; 1.0 for a calendar answer and for a button.
    pub confidence: f64,
    /// How many come in all, the guest included, where the mail says so.
    pub party: Option<u32>,
    /// The guest asks something that the organiser has to answer.
    pub question: bool,
    /// The guest wants no more letters.
    pub unsubscribe: bool,
    pub delegate: Option<Delegate>,
    /// The words that decided, as they stand in the mail.
    pub evidence: Vec<String>,
    /// Why it is not sure, for the organiser; empty when it is.
    pub doubts: Vec<String>,
}

impl Verdict {
    /// Takes the guest's own address from the substitute: what is written there reaches the guest.
    pub fn not_instead_by(&mut self, guest: &Address) {
        if let Some(delegate) = self.delegate.as_mut().filter(|delegate| delegate.email.as_ref() == Some(guest)) {
            delegate.email = None;
        }
        self.delegate.take_if(|delegate| delegate.name.is_none() && delegate.email.is_none());
    }

    /// Why the answer needs a look.
    pub fn doubt(&mut self, why: impl Into<String>) {
        self.sure = false;
        self.doubts.push(why.into());
    }

    /// Nothing was decided and nothing is sure.
    pub fn silent() -> Self {
        Self {
            answer: Answer::None,
            sure: false,
            confidence: 0.0,
            party: None,
            question: false,
            unsubscribe: false,
            delegate: None,
            evidence: Vec::new(),
            doubts: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_is_no_substitute() {
        let guest = Address::parse("ana@firma.example").unwrap();
        let of = |name: Option<&str>, email: &str| {
            let delegate = Some(Delegate { name: name.map(str::to_owned), email: Address::parse(email).ok() });
            let mut verdict = Verdict { delegate, ..Verdict::silent() };
            verdict.not_instead_by(&guest);
            verdict.delegate
        };
        assert_eq!(of(Some("Dan Rus"), "ana@firma.example"), Some(Delegate { name: Some("Dan Rus".into()), email: None }));
        assert_eq!(of(None, "ana@firma.example"), None);
        assert!(of(None, "dan@firma.example").is_some());
    }
}
