//! A scripted mailbox, for the sign-in of `check`.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    thread,
};

/// Serves until the test ends: lists INBOX and Sent, and answers the sign-in with `sign_in` ("OK …" or "NO …").
pub fn mailbox(greeting: &'static str, sign_in: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for tcp in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || talk(tcp, greeting, sign_in));
        }
    });
    port
}

fn talk(tcp: TcpStream, greeting: &str, sign_in: &str) -> Option<()> {
    let mut stream = BufReader::new(tcp);
    stream.get_mut().write_all(format!("{greeting}\r\n").as_bytes()).ok()?;
    let mut line = String::new();
    while stream.read_line(&mut line).ok()? > 0 {
        let (tag, command) = line.trim_end().split_once(' ')?;
        let answer = match command.split(' ').next()?.to_ascii_uppercase().as_str() {
            "CAPABILITY" => format!("* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n"),
            "LOGIN" => format!("{tag} {sign_in}\r\n"),
            "LIST" => format!("* LIST () \"/\" INBOX\r\n* LIST () \"/\" Sent\r\n{tag} OK done\r\n"),
            "LOGOUT" => format!("* BYE\r\n{tag} OK done\r\n"),
            _ => format!("{tag} OK done\r\n"),
        };
        stream.get_mut().write_all(answer.as_bytes()).ok()?;
        line.clear();
    }
    None
}
