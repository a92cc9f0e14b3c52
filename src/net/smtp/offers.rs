//! What a server offers in its answer to EHLO.

use super::reply::Reply;

/// The extensions that concern us.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Offers {
    pub starttls: bool,
    /// RFC 2920.
    pub pipelining: bool,
    /// RFC 6152.
    pub eight_bit: bool,
    /// RFC 6531.
    pub utf8: bool,
    /// RFC 3461.
    pub dsn: bool,
    /// RFC 1870: `Some(0)` says that there is no fixed bound.
    pub size: Option<u64>,
    /// SASL mechanisms in capitals, at most 32.
    pub auth: Vec<String>,
}

impl Offers {
    /// Reads the answer to EHLO (RFC 5321 §4.1.1.1). Its first line is the server's name; what is not known is passed over.
    pub fn of(reply: &Reply) -> Self {
        let mut offers = Self::default();
        for line in reply.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            // `AUTH=` is how servers of the last century wrote it, and some still write both.
            let mut words = line.split([' ', '=']).filter(|w| !w.is_empty());
            match words.next() {
                Some("STARTTLS") => offers.starttls = true,
                Some("PIPELINING") => offers.pipelining = true,
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SMTPUTF8") => offers.utf8 = true,
                Some("DSN") => offers.dsn = true,
                Some("SIZE") => offers.size = Some(words.next().and_then(|n| n.parse().ok()).unwrap_or(0)),
                Some("AUTH") => {
                    for word in words.take(32_usize.saturating_sub(offers.auth.len())) {
                        if !offers.auth.iter().any(|known| known == word) {
                            offers.auth.push(word.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        offers
    }

    /// Whether the mechanism, in capitals, is offered.
    pub fn signs_in_by(&self, mechanism: &str) -> bool {
        self.auth.iter().any(|known| known == mechanism)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_servers_write() {
        let lines = "PIPELINING at mx.example\nsize 10240000\nauth=LOGIN plain\nAUTH PLAIN XOAUTH2\nDSN\nSmtpUtf8\n8BITMIME\nX-WHAT\n";
        let offers = Offers::of(&Reply { code: 250, lines: lines.lines().map(str::to_owned).collect() });
        assert!(!offers.pipelining && !offers.starttls && offers.utf8 && offers.dsn && offers.eight_bit);
        assert_eq!(offers.size, Some(10_240_000));
        assert_eq!(offers.auth, ["LOGIN", "PLAIN", "XOAUTH2"]);
        assert!(offers.signs_in_by("PLAIN") && !offers.signs_in_by("CRAM-MD5"));
    }

    #[test]
    fn a_size_without_a_number_is_no_bound() {
        let of = |line: &str| Offers::of(&Reply { code: 250, lines: vec!["x".into(), line.into()] }).size;
        assert_eq!((of("SIZE"), of("SIZE x"), of("SIZE 7"), of("NOSIZE")), (Some(0), Some(0), Some(7), None));
    }
}
