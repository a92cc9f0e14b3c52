//! A scripted relay: takes every letter, or refuses by script.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConnection, StreamOwned},
};

/// What it says otherwise than a good relay: (start of the command, answer), the first that fits. `CONNECT` is the
/// greeting, `DOT` the end of a letter.
type Rules = Vec<(String, String)>;

/// Instead of an answer: the connection ends.
pub const HANG_UP: &str = "\0";

/// Instead of an answer: nothing, as long as the other side waits.
pub const SILENT: &str = "\u{1}";

/// Instead of an answer: the good one, after longer than a step of the daemon gets to end.
pub const SLOW: &str = "\u{2}";
const LATER: Duration = Duration::from_secs(7);

/// Listens until the test ends.
pub struct Relay {
    pub port: u16,
    letters: Arc<Mutex<Vec<String>>>,
    rules: Arc<Mutex<Rules>>,
    knocks: mpsc::Receiver<()>,
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

impl Relay {
    /// Takes everything.
    pub fn kind() -> Self {
        Self::saying(&[])
    }

    pub fn saying(rules: &[(&str, &str)]) -> Self {
        Self::start(rules, None)
    }

    pub fn secure(tls: TlsAcceptor) -> Self {
        Self::start(&[], Some(tls))
    }

    /// Changes the script between two commands.
    pub fn says(&self, rules: &[(&str, &str)]) {
        *self.rules.lock().expect("no test died") = owned(rules);
    }

    /// Returns when somebody has connected once more.
    pub fn wait_for_knock(&self) {
        self.knocks.recv_timeout(Duration::from_secs(20)).expect("a connection in time");
    }

    /// The letters that arrived, each with its recipient in a first line.
    pub fn letters(&self) -> Vec<String> {
        self.letters.lock().expect("no test died").clone()
    }

    /// The recipients of the letters that arrived, in alphabetical order.
    pub fn recipients(&self) -> Vec<String> {
        let mut all: Vec<String> = self.letters().iter().filter_map(|letter| letter.lines().next().map(str::to_owned)).collect();
        all.sort();
        all
    }

    fn start(rules: &[(&str, &str)], tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (knock, knocks) = mpsc::channel();
        let relay = Self { port, letters: Arc::default(), rules: Arc::new(Mutex::new(owned(rules))), knocks };
        let (letters, rules) = (relay.letters.clone(), relay.rules.clone());
        thread::spawn(move || {
            for tcp in listener.incoming().map_while(Result::ok) {
                let _ = knock.send(());
                let (letters, rules, tls) = (letters.clone(), rules.clone(), tls.clone());
                thread::spawn(move || talk(secured(tcp, tls), &rules, &letters));
            }
        });
        relay
    }
}

fn owned(rules: &[(&str, &str)]) -> Rules {
    rules.iter().map(|(word, answer)| ((*word).to_owned(), (*answer).to_owned())).collect()
}

fn secured(tcp: TcpStream, tls: Option<TlsAcceptor>) -> Box<dyn Stream> {
    tcp.set_nodelay(true).expect("a socket");
    match tls {
        None => Box::new(tcp),
        Some(tls) => Box::new(StreamOwned::new(ServerConnection::new(tls.config().clone()).expect("a good certificate"), tcp)),
    }
}

/// One connection; ends when the other side does.
fn talk(stream: Box<dyn Stream>, rules: &Mutex<Rules>, letters: &Mutex<Vec<String>>) -> Option<()> {
    let good = HashMap::from([
        ("CONNECT", "220 relay.example ESMTP"),
        ("EHLO", "250-relay.example\r\n250 AUTH PLAIN"),
        ("AUTH", "235 2.7.0 welcome"),
        ("MAIL", "250 2.1.0 ok"),
        ("RCPT", "250 2.1.5 ok"),
        ("DATA", "354 go"),
        ("DOT", "250 2.0.0 queued as Q1"),
        ("QUIT", "221 bye"),
    ]);
    let mut stream = BufReader::new(stream);
    let (mut command, mut letter) = ("CONNECT".to_owned(), None::<String>);
    let mut recipient = String::new();
    loop {
        let word = command.split([' ', ':']).next().unwrap_or_default().to_owned();
        let scripted = rules.lock().ok()?.iter().find(|(start, _)| command.starts_with(start)).map(|(_, answer)| answer.clone());
        let usual = good.get(word.as_str()).copied().unwrap_or("250 ok");
        let mut answer = scripted.unwrap_or_else(|| usual.to_owned());
        if answer == SLOW {
            thread::sleep(LATER);
            usual.clone_into(&mut answer);
        }
        if answer == HANG_UP {
            return None;
        }
        if answer == SILENT {
            std::io::copy(&mut stream, &mut std::io::sink()).ok()?;
            return None;
        }
        stream.get_mut().write_all(format!("{answer}\r\n").as_bytes()).ok()?;
        stream.get_mut().flush().ok()?;
        if word == "QUIT" || word == "CONNECT" && !answer.starts_with('2') {
            return None;
        }
        if let Some(to) = command.strip_prefix("RCPT TO:<") {
            recipient = to.split('>').next().unwrap_or_default().to_owned();
        }
        if word == "DATA" && answer.starts_with('3') {
            letter = Some(format!("{recipient}\r\n"));
        }
        loop {
            let mut line = Vec::new();
            if stream.read_until(b'\n', &mut line).ok()? == 0 {
                return None;
            }
            let line = String::from_utf8_lossy(&line).into_owned();
            let Some(text) = &mut letter else {
                command = line.trim_end().to_owned();
                break;
            };
            if line == ".\r\n" {
                letters.lock().ok()?.extend(letter.take());
                command = "DOT".into();
                break;
            }
            text.push_str(&line);
        }
    }
}
