//! Mail as an attacker writes it: any bytes return, and the time grows no faster than the mail.

use convoke::read::{Context, mail, said};
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn read(raw: &[u8]) -> convoke::model::Mail {
    mail(raw, &Context::default())
}

fn text(body: &str) -> Vec<u8> {
    format!("From: a@x.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}").into_bytes()
}

fn html(body: &str) -> Vec<u8> {
    format!("From: a@x.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n{body}").into_bytes()
}

/// `piece` again and again, up to `size` bytes.
fn fill(piece: &str, size: usize) -> String {
    piece.repeat(size / piece.len() + 1)
}

type Shape = (&'static str, fn(usize) -> Vec<u8>);

const SHAPES: [Shape; 40] = [
    ("nested messages", |n| fill("Content-Type: message/rfc822\n\n", n).into_bytes()),
    ("nested digests", |n| fill("Content-Type: multipart/digest; boundary=a\n\n--a\n\n", n).into_bytes()),
    ("nested multiparts", |n| {
        let mut raw = String::new();
        let mut level = 0;
        while raw.len() < n {
            raw.push_str(&format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"));
            level += 1;
        }
        raw.into_bytes()
    }),
    ("many parts", |n| {
        format!("Content-Type: multipart/mixed; boundary=a\n\n{}--a--\n", fill("--a\nContent-Type: text/plain\n\nx\n", n)).into_bytes()
    }),
    ("many empty parts", |n| format!("Content-Type: multipart/mixed; boundary=a\n\n{}", fill("--a\n\n", n)).into_bytes()),
    ("endless headers", |n| format!("From: a@x.example\n{}\n\nx", fill("X-A: b\n", n)).into_bytes()),
    ("one endless header", |n| format!("Subject: {}\n\nx", fill("x ", n)).into_bytes()),
    ("folded header", |n| format!("Subject: x\n{}\n\nx", fill(" y\n", n)).into_bytes()),
    ("encoded words", |n| format!("Subject: {}\n\nx", fill("=?utf-8?q?=C3=A4?= ", n)).into_bytes()),
    ("many recipients", |n| format!("To: {}\n\nx", fill("Ana <ana@x.example>, ", n)).into_bytes()),
    ("many delivered-to", |n| format!("{}\n\nx", fill("Delivered-To: ana@x.example\n", n)).into_bytes()),
    ("references", |n| format!("References: {}\n\nx", fill("<a@x.example> ", n)).into_bytes()),
    ("brackets in references", |n| format!("References: {}\n\nx", fill("<", n)).into_bytes()),
    ("authentication results", |n| format!("Authentication-Results: {}\n\nx", fill("mx.x.example; dkim=pass (", n)).into_bytes()),
    ("quote wall", |n| text(&fill(">", n))),
    ("quote lines", |n| text(&fill("> x\n", n))),
    ("on lines", |n| text(&fill("On Mon, Nov 23, 2026 at 10:00 AM Ana\n", n))),
    ("wrote lines", |n| text(&fill("Ana Pop wrote:\n", n))),
    ("colon lines", |n| text(&fill("a:\n", n))),
    ("header labels", |n| text(&fill("From: a\nTo: b\n", n))),
    ("header labels with blanks", |n| text(&fill("From: a\n\nFrom: b\n\n", n))),
    ("rules", |n| text(&fill("----------\n", n))),
    ("signature separators", |n| text(&fill("-- \n", n))),
    ("phone lines", |n| text(&fill("Sent from my iPhone\n", n))),
    ("closings", |n| text(&fill("Best regards,\nAna Pop\n+40 722 000 000\n\n", n))),
    ("one long line", |n| text(&fill("On 1.1.2026 a@x.example wrote: ", n))),
    ("blank lines", |n| text(&fill("\n", n))),
    ("tags of tokens", |n| text(&fill("[#k7q2m9x4t8wn", n))),
    ("at signs", |n| text(&fill("@", n))),
    ("combining marks", |n| text(&format!("a{}", fill("\u{301}\u{323}", n)))),
    ("name prefixes", |n| text(&fill("ab> c\nba> d\n", n))),
    ("deep divs", |n| html(&fill("<div>", n))),
    ("deep blockquotes", |n| html(&fill("<blockquote>x", n))),
    ("formatting", |n| html(&fill("<b><p>", n))),
    ("attributes", |n| html(&format!("<a {}>", fill("b=c ", n)))),
    ("different attributes", |n| html(&format!("<a {}>", (0..n / 8).map(|i| format!("a{i}=b ")).collect::<String>()))),
    ("entities", |n| html(&fill("&nbsp;&amp;&#1234;&notanentity", n))),
    ("open tags", |n| html(&fill("<", n))),
    ("open comments", |n| html(&fill("<!--", n))),
    ("delivery report", |n| {
        let fields = fill("Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1\n\n", n);
        format!("Content-Type: multipart/report; report-type=delivery-status; boundary=a\n\n--a\nContent-Type: message/delivery-status\n\n{fields}\n--a--\n")
            .into_bytes()
    }),
];

/// The best of three: another program may hold the machine.
fn time(raw: &[u8]) -> Duration {
    (0..3)
        .map(|_| {
            let start = Instant::now();
            let _ = std::hint::black_box(read(raw));
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

#[test]
fn hostile_shapes_take_linear_time() {
    let mut slow = Vec::new();
    for (name, shape) in SHAPES {
        let (small, large) = (time(&shape(40_000)), time(&shape(640_000)));
        println!("{name:28} 40 KB {small:>12.1?}   640 KB {large:>12.1?}");
        // Sixteen times the bytes: linear is a factor of 16, quadratic 256. What is quick anyway is not judged.
        if large > Duration::from_millis(150) && large > small * 70 {
            slow.push(format!("{name}: 40 KB {small:?}, 640 KB {large:?}"));
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}

#[test]
fn what_we_sent_is_subtracted_in_linear_time() {
    let sent = vec![fill("Vă invităm la întâlnirea online care va avea loc marți la ora nouă. ", 20_000)];
    let context = Context { sent: &sent, ..Context::default() };
    let run = |n: usize| {
        let body = fill("Vă invităm la întâlnirea online care va\navea loc marți da\n", n);
        (0..3)
            .map(|_| {
                let start = Instant::now();
                let _ = std::hint::black_box(said(&body, &context));
                start.elapsed()
            })
            .min()
            .unwrap_or_default()
    };
    let (small, large) = (run(20_000), run(320_000));
    assert!(large < Duration::from_millis(150) || large < small * 70, "20 KB {small:?}, 320 KB {large:?}");
}

#[test]
fn no_bytes_are_a_mail_too() {
    for raw in [&b""[..], b"\n", b"\r\n\r\n", b"\0\0\0", b"From ", b"From a\n", b"\xff\xfe\n\n\xff", b":\n:\n\n:"] {
        let _ = read(raw);
    }
}

/// A realistic mail to spoil: text, HTML, a calendar part and a report.
const SEED: &str = "From: Ana <ana@x.example>\r\nTo: w+k7q2m9x4t8wn@y.example\r\nSubject: =?utf-8?q?Invita=C8=9Bie?=\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
    Da, vin cu pl=C4=83cere.\r\n\r\nOn Tue, Nov 24, 2026 at 6:30 PM X <x@y.example> wrote:\r\n\r\n> text\r\n-- \r\nAna\r\n--b\r\nContent-Type: text/html\r\n\r\n\
    <div>Da<blockquote class=gmail_quote>x</blockquote></div>\r\n--b\r\nContent-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n\
    BEGIN:VEVENT\r\nUID:u@y.example\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@x.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b\r\n\
    Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; ana@x.example\r\nStatus: 5.1.1\r\n--b--\r\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_return(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = read(&raw);
    }

    #[test]
    fn any_text_returns(body in "[\\PC\n>:@<\\-_ ]{0,400}") {
        let read = said(&body, &Context::default());
        prop_assert!(read.said.len() <= 64 * 1024);
    }

    #[test]
    fn truncated_and_spliced_mails_return(cut in 0..SEED.len(), from in 0..SEED.len(), len in 0..200usize) {
        let raw = SEED.as_bytes();
        let _ = read(raw.get(..cut).unwrap_or(raw));
        let mut spliced = raw.get(..cut).unwrap_or(raw).to_vec();
        spliced.extend_from_slice(raw.get(from..(from + len).min(raw.len())).unwrap_or_default());
        spliced.extend_from_slice(raw.get(cut..).unwrap_or_default());
        let _ = read(&spliced);
    }

    #[test]
    fn flipped_mails_return(flips in proptest::collection::vec((0..SEED.len(), any::<u8>()), 1..20)) {
        let mut raw = SEED.as_bytes().to_vec();
        for (at, value) in flips {
            if let Some(byte) = raw.get_mut(at) {
                *byte = value;
            }
        }
        let _ = read(&raw);
    }
}
