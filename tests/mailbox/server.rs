//! An IMAP server with faults: messages at which it hangs up, messages without a text, sessions that it ends.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
    time::Instant,
};

/// Dovecot's words for any passing trouble.
const SERVERBUG: &str = "[SERVERBUG] Internal error occurred. Refer to server log for more information.";
const DATE: &str = " INTERNALDATE \"30-Nov-2026 10:00:00 +0000\"";

#[derive(Default)]
pub struct State {
    /// UIDs and bytes of the one folder, INBOX.
    pub messages: Vec<(u32, Vec<u8>)>,
    /// Where it is not the one behind the last message.
    pub uid_next: Option<u32>,
    /// The server hangs up in the middle of these.
    pub breaks: BTreeSet<u32>,
    /// The text of these is NIL.
    pub nil: BTreeSet<u32>,
    /// The date of these is NIL.
    pub undated: BTreeSet<u32>,
    /// The server says NO when one of these is asked for.
    pub refuses: BTreeSet<u32>,
    /// It offers IDLE and does not understand it.
    pub bad_idle: bool,
    /// The session ends at IDLE.
    pub bye: bool,
    /// The words of its NO to whoever signs in.
    pub shuts_out: Option<&'static str>,
    /// It does not answer who signs in.
    pub mute: bool,
    /// When somebody signed in, or tried to.
    pub sign_ins: Vec<Instant>,
    /// Without their tags.
    pub commands: Vec<String>,
}

/// Serves until the test ends.
pub struct Server {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = state.clone();
        thread::spawn(move || {
            for tcp in listener.incoming().map_while(Result::ok) {
                let state = shared.clone();
                thread::spawn(move || talk(tcp, &state));
            }
        });
        Self { port, state }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a state")
    }

    pub fn put(&self, uid: u32, raw: Vec<u8>) {
        self.state().messages.push((uid, raw));
    }
}

/// The last line of an answer is left out where the connection ends before it.
struct Answer {
    bytes: Vec<u8>,
    ends: bool,
    no: Option<&'static str>,
    mute: bool,
}

fn talk(tcp: TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut stream = BufReader::new(tcp);
    stream.get_mut().write_all(b"* OK ready\r\n").ok()?;
    let mut line = String::new();
    while stream.read_line(&mut line).ok()? > 0 {
        let (tag, command) = line.trim_end().split_once(' ')?;
        let mut answer = answer(command, &mut state.lock().expect("a state"));
        let idles = command == "IDLE" && !answer.ends && !answer.bytes.is_empty();
        if !answer.ends && !idles {
            let done = match command {
                _ if answer.mute => String::new(),
                "IDLE" => format!("{tag} BAD what\r\n"),
                _ => answer.no.map_or_else(|| done(tag, command), |why| format!("{tag} NO {why}\r\n")),
            };
            answer.bytes.extend_from_slice(done.as_bytes());
        }
        stream.get_mut().write_all(&answer.bytes).ok()?;
        if answer.ends {
            return None;
        }
        if idles {
            stream.read_line(&mut String::new()).ok()?;
            stream.get_mut().write_all(format!("{tag} OK idled\r\n").as_bytes()).ok()?;
        }
        line.clear();
    }
    None
}

fn done(tag: &str, command: &str) -> String {
    match command.strip_prefix("EXAMINE ") {
        Some(folder) if folder != "\"INBOX\"" => format!("{tag} NO there is no such folder\r\n"),
        _ => format!("{tag} OK done\r\n"),
    }
}

fn answer(command: &str, state: &mut State) -> Answer {
    state.commands.push(command.to_owned());
    let next = state.uid_next.unwrap_or_else(|| state.messages.last().map_or(1, |(uid, _)| uid + 1));
    let (mut ends, mut no, mut mute) = (false, None, false);
    let mut bytes = match command.split(' ').next().unwrap_or_default() {
        "CAPABILITY" => "* CAPABILITY IMAP4rev1 IDLE\r\n".to_owned(),
        "LOGIN" => {
            state.sign_ins.push(Instant::now());
            (no, mute) = (state.shuts_out, state.mute);
            String::new()
        }
        "EXAMINE" => format!("* {} EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT {next}] n\r\n", state.messages.len()),
        "LIST" => "* LIST () \"/\" INBOX\r\n".to_owned(),
        "IDLE" if state.bye => {
            ends = true;
            "* BYE no idling here\r\n".to_owned()
        }
        "IDLE" if state.bad_idle => String::new(),
        "IDLE" => "+ idling\r\n".to_owned(),
        "UID" if command.starts_with("UID SEARCH") => {
            // Of the messages with these numbers, where some are named.
            let set = command.split(' ').nth(2).filter(|set| set.starts_with(|c: char| c.is_ascii_digit())).unwrap_or("1:*");
            let here = (1..).zip(&state.messages).filter(|(number, _)| holds(set, *number));
            let uids = here.map(|(_, (uid, _))| format!(" {uid}")).collect::<String>();
            format!("* SEARCH{uids}\r\n")
        }
        _ => String::new(),
    }
    .into_bytes();
    if let Some(asked) = command.strip_prefix("UID FETCH ") {
        let (set, items) = asked.split_once(' ').expect("a set and items");
        let wanted: Vec<_> = state.messages.iter().filter(|(uid, _)| holds(set, *uid)).collect();
        for (uid, raw) in wanted {
            let date = match state.undated.contains(uid) {
                _ if !items.contains("INTERNALDATE") => "",
                true => " INTERNALDATE NIL",
                false => DATE,
            };
            bytes.extend_from_slice(format!("* 1 FETCH (UID {uid} RFC822.SIZE {}{date}", raw.len()).as_bytes());
            no = no.or((items.contains("BODY") && state.refuses.contains(uid)).then_some(SERVERBUG));
            if items.contains("BODY") && state.nil.contains(uid) {
                bytes.extend_from_slice(b" BODY[]<0> NIL");
            } else if items.contains("BODY") {
                bytes.extend_from_slice(format!(" BODY[]<0> {{{}}}\r\n", raw.len()).as_bytes());
                if state.breaks.contains(uid) {
                    bytes.extend_from_slice(&raw[..raw.len() / 2]);
                    ends = true;
                    break;
                }
                bytes.extend_from_slice(raw);
            }
            bytes.extend_from_slice(b")\r\n");
        }
    }
    Answer { bytes: if no.is_some() { Vec::new() } else { bytes }, ends, no, mute }
}

/// Whether a set such as `1:3,7` or `4:*` holds a UID.
fn holds(set: &str, uid: u32) -> bool {
    set.split(',').any(|part| {
        let (first, last) = part.split_once(':').unwrap_or((part, part));
        let number = |text: &str| if text == "*" { u32::MAX } else { text.parse().expect("a UID") };
        (number(first)..=number(last)).contains(&uid)
    })
}
