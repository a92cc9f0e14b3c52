use std::time::Instant;
fn main() {
    let mut mails = vec![];
    for d in ["replies", "human"] {
        for e in std::fs::read_dir(format!("tests/corpus/{d}")).unwrap().flatten() {
            if e.path().extension().is_some_and(|x| x == "eml") {
                let r = std::fs::read(e.path()).unwrap();
                if !r.windows(9).any(|w| w.eq_ignore_ascii_case(b"text/html")) {
                    mails.push(r);
                }
            }
        }
    }
    let ctx = convoke::read::Context::default();
    let all: Vec<_> = mails.iter().map(|r| convoke::read::mail(r, &ctx)).collect();
    let t = Instant::now();
    for _ in 0..20 {
        for r in &mails {
            std::hint::black_box(convoke::read::mail(r, &ctx));
        }
    }
    println!("mail {:?}", t.elapsed() / (20 * mails.len() as u32));
    let t = Instant::now();
    for _ in 0..20 {
        for m in &all {
            let s = format!("{}\n\n{}", m.said, m.quoted);
            std::hint::black_box(convoke::read::said(&s, &ctx));
        }
    }
    println!("said {:?}", t.elapsed() / (20 * mails.len() as u32));
    let d = whatlang::Detector::new();
    let t = Instant::now();
    for _ in 0..20 {
        for m in &all {
            std::hint::black_box(d.detect_lang(&m.said));
        }
    }
    println!("lang {:?}", t.elapsed() / (20 * mails.len() as u32));
    let p = mail_parser::MessageParser::default();
    let t = Instant::now();
    for _ in 0..20 {
        for m in &mails {
            std::hint::black_box(p.parse(m));
        }
    }
    println!("parse {:?}", t.elapsed() / (20 * mails.len() as u32));
}
