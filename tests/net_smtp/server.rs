//! A server that does as it is told.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// After an answer with this mark the server hangs up.
pub const BYE: &str = "\u{1}";
/// The answer of a server that says nothing any more.
pub const SILENT: &str = "";

/// What the server says otherwise than a good server would: (start of the command, answer); the first that fits.
/// `CONNECT` is the greeting, `DOT` the end of a letter. A rule with `#2` behind its word holds for the second time only,
/// with `@2` for the second letter that is announced, with `TLS ` before it after STARTTLS only.
///
/// Answers are held back until no more bytes of the client lie there, so those to a flight come together.
#[derive(Clone, Default)]
pub struct Script {
    pub rules: Vec<(&'static str, String)>,
    pub offers: Vec<&'static str>,
    /// One byte a write.
    pub drip: bool,
    /// Throws away what came together with a dot.
    pub eats: bool,
    /// Reads nothing any more from DATA on.
    pub stuck: bool,
    pub tls: Option<TlsAcceptor>,
    pub starttls: Option<TlsAcceptor>,
}

#[derive(Clone, Default)]
pub struct Seen {
    commands: Arc<Mutex<Vec<String>>>,
    letters: Arc<Mutex<Vec<String>>>,
    turns: Arc<AtomicUsize>,
}

impl Seen {
    pub fn commands(&self) -> Vec<String> {
        self.commands.lock().unwrap().clone()
    }

    pub fn letters(&self) -> Vec<String> {
        self.letters.lock().unwrap().clone()
    }

    /// How often the server had to answer before more bytes came: the round trips of the client.
    pub fn turns(&self) -> usize {
        self.turns.load(Relaxed)
    }
}

pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Script {
    pub fn says(rules: &[(&'static str, &str)]) -> Self {
        Self { rules: rules.iter().map(|(word, answer)| (*word, (*answer).to_owned())).collect(), ..Self::default() }
    }

    pub fn offering(mut self, offers: &[&'static str]) -> Self {
        self.offers = offers.to_vec();
        self
    }

    fn answer(&self, command: &str, time: usize, letter: usize, secured: bool) -> String {
        let rules = self.rules.iter().filter(|(word, _)| secured || !word.starts_with("TLS "));
        let mut rules = rules.map(|(word, answer)| (word.trim_start_matches("TLS "), answer));
        let rule = rules.find(|(word, _)| match (word.split_once('#'), word.split_once('@')) {
            (Some((word, n)), _) => command.starts_with(word) && n == time.to_string(),
            (None, Some((word, n))) => command.starts_with(word) && n == letter.to_string(),
            (None, None) => command.starts_with(word),
        });
        if let Some((_, answer)) = rule {
            return answer.clone();
        }
        match command.split([' ', ':']).next().unwrap_or_default() {
            "CONNECT" => "220 relay.example ESMTP\r\n".into(),
            "EHLO" => {
                let mut lines = vec!["relay.example"];
                lines.extend(&self.offers);
                let last = lines.pop().unwrap();
                lines.iter().map(|line| format!("250-{line}\r\n")).chain([format!("250 {last}\r\n")]).collect()
            }
            "MAIL" => "250 2.1.0 sender ok\r\n".into(),
            "RCPT" => "250 2.1.5 recipient ok\r\n".into(),
            "DATA" => "354 go\r\n".into(),
            "DOT" => "250 2.0.0 queued as Q1\r\n".into(),
            "AUTH" => "235 2.7.0 welcome\r\n".into(),
            "RSET" | "NOOP" => "250 ok\r\n".into(),
            "STARTTLS" => "220 go ahead\r\n".into(),
            "QUIT" => "221 bye\r\n\u{1}".into(),
            _ => "500 what\r\n".into(),
        }
    }

    pub async fn serve(self) -> (u16, Seen) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Seen::default();
        let kept = seen.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tcp.set_nodelay(true).unwrap();
                let (script, seen) = (self.clone(), kept.clone());
                tokio::spawn(async move {
                    match script.tls.clone() {
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(tcp).await {
                                script.talk(stream, &seen, true).await;
                            }
                        }
                        None => {
                            if let Some(tcp) = script.talk(tcp, &seen, true).await
                                && let Ok(stream) = script.starttls.clone().unwrap().accept(tcp).await
                            {
                                script.talk(stream, &seen, false).await;
                            }
                        }
                    }
                });
            }
        });
        (port, seen)
    }

    /// `Some` when the client asked for TLS.
    async fn talk<S: Stream>(&self, stream: S, seen: &Seen, greet: bool) -> Option<S> {
        let mut reader = BufReader::with_capacity(256 * 1024, stream);
        let mut times = HashMap::<String, usize>::new();
        let (mut command, mut letter) = (if greet { "CONNECT".to_owned() } else { String::new() }, None::<String>);
        let mut held = Vec::new();
        loop {
            if !command.is_empty() {
                let word = command.split([' ', ':']).next().unwrap_or_default().to_owned();
                let time = times.entry(word.clone()).or_default();
                *time += 1;
                let time = *time;
                let answer = self.answer(&command, time, times.get("MAIL").copied().unwrap_or(0), !greet);
                held.extend_from_slice(answer.trim_end_matches(BYE).as_bytes());
                let tls = word == "STARTTLS" && answer.starts_with("220") && self.starttls.is_some();
                if word == "DOT" && self.eats {
                    let more = reader.buffer().len();
                    reader.consume(more);
                }
                if answer.ends_with(BYE) || tls || reader.buffer().is_empty() {
                    seen.turns.fetch_add(usize::from(word != "CONNECT" && !held.is_empty()), Relaxed);
                    self.say(reader.get_mut(), &held).await?;
                    held.clear();
                }
                if answer.ends_with(BYE) {
                    return None;
                }
                if tls {
                    return Some(reader.into_inner());
                }
                if word == "DATA" && answer.starts_with("354") {
                    letter = Some(String::new());
                    if self.stuck {
                        std::future::pending::<()>().await;
                    }
                }
            }
            let mut line = Vec::new();
            if reader.read_until(b'\n', &mut line).await.ok()? == 0 {
                return None;
            }
            let line = String::from_utf8_lossy(&line).into_owned();
            command = match &mut letter {
                Some(text) if line == ".\r\n" => {
                    seen.letters.lock().unwrap().push(std::mem::take(text));
                    letter = None;
                    "DOT".into()
                }
                Some(text) => {
                    text.push_str(&line);
                    if self.rules.iter().any(|(word, _)| *word == "BODY") {
                        return None;
                    }
                    String::new()
                }
                None => line.trim_end().to_owned(),
            };
            if !command.is_empty() {
                seen.commands.lock().unwrap().push(command.clone());
            }
        }
    }

    async fn say<S: Stream>(&self, stream: &mut S, words: &[u8]) -> Option<()> {
        for piece in words.chunks(if self.drip { 1 } else { words.len().max(1) }) {
            stream.write_all(piece).await.ok()?;
            stream.flush().await.ok()?;
        }
        Some(())
    }
}
