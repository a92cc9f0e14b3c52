#[path = "../benches/read/mails.rs"]
#[allow(dead_code)]
mod mails;
#[path = "hostile/shapes.rs"]
mod shapes;
use convoke::{
    judge,
    pair::clues,
    read::{Context, mail, said},
};
use std::path::Path;
fn walk(p: &Path, out: &mut Vec<std::path::PathBuf>) {
    for e in std::fs::read_dir(p).into_iter().flatten().flatten() {
        let p = e.path();
        if p.is_dir() {
            walk(&p, out)
        } else if p.metadata().unwrap().len() < 500_000 {
            out.push(p)
        }
    }
}
#[test]
fn dump() {
    let out = std::env::var("DUMP").unwrap();
    let sent = [shapes::SENT.to_owned()];
    let mut text = String::new();
    let mut one = |name: &str, raw: &[u8]| {
        for s in [&[][..], &sent[..]] {
            let m = mail(raw, &Context { sent: s, authserv_id: Some("mx.us.example") });
            let v = judge::verdict(&m, None);
            text.push_str(&format!(
                "{name}\t{}\t{:?}\t{}\n",
                serde_json::to_string(&m).unwrap(),
                clues(&m),
                serde_json::to_string(&v).unwrap()
            ));
        }
    };
    let mut files = Vec::new();
    for d in ["tests/corpus", "tests/fixtures", "fuzz/seeds", "/work/main/tests/fetched"] {
        walk(Path::new(d), &mut files)
    }
    files.sort();
    for f in &files {
        one(&f.display().to_string(), &std::fs::read(f).unwrap());
    }
    for n in 0..400 {
        one(&format!("text{n}"), &mails::text(n * 3));
        one(&format!("html{n}"), &mails::html(n * 3));
    }
    for s in shapes::SHAPES {
        one(s.name, &(s.make)(3000));
    }
    let data = std::fs::read_to_string("tests/fixtures/visible-text.jsonl").unwrap();
    for (n, l) in data.lines().enumerate() {
        let v: serde_json::Value = serde_json::from_str(l).unwrap();
        text.push_str(&format!("vt{n}\t{:?}\n", said(v["input"].as_str().unwrap(), &Context::default())));
    }
    std::fs::write(out, text).unwrap();
}
