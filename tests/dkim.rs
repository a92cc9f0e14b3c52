//! DKIM: what we sign, another verifier takes; what is changed on the way, it does not.
//!
//! The keys in `tests/dkim/` were made for this test and guard nothing. After a wanted change, `UPDATE_GOLDEN=1 cargo test --test dkim`
//! writes `tests/dkim/signed.eml` anew.

use convoke::{
    config::{Config, load},
    net::dkim::{NoKey, Signer, Signers, record::Published},
};
use jiff::Timestamp;
use mail_auth::{
    AuthenticatedMessage, DkimResult, MessageAuthenticator, Parameters, ResolverCache, Txt,
    common::{parse::TxtRecordParser, verify::DomainKey},
    hickory_resolver::config::{ResolverConfig, ResolverOpts},
};
use std::{borrow::Borrow, collections::HashMap, fs, hash::Hash, os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Instant};

const RSA: &[u8] = include_bytes!("dkim/rsa.pem");
const RSA_PKCS1: &[u8] = include_bytes!("dkim/rsa.pkcs1.pem");
const ED25519: &[u8] = include_bytes!("dkim/ed25519.pem");
const LETTER: &[u8] = include_bytes!("letters/invitation.ro.plus.eml");

fn signer(selector: &str, pem: &[u8]) -> Signer {
    Signer::new("primaria.example", selector, pem).expect("a key")
}

fn both() -> Signers {
    Signers::new(vec![signer("r", RSA), signer("e", ED25519)])
}

fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().expect("an instant")
}

/// The name servers of a test.
struct Zone(HashMap<Box<str>, Txt>);

impl ResolverCache<Box<str>, Txt> for Zone {
    fn get<Q: Hash + Eq + ?Sized>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        self.0.get(name).cloned()
    }

    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// What a receiver finds, signature by signature: the algorithm by its selector, and whether it holds.
fn received(raw: &[u8], signers: &Signers) -> Vec<(String, bool)> {
    let records = signers.iter().map(|signer| {
        let key = DomainKey::parse(signer.record().as_bytes()).expect("a record");
        (format!("{}.", signer.name()).into_boxed_str(), Txt::DomainKey(Arc::new(key)))
    });
    let zone = Zone(records.collect());
    let message = AuthenticatedMessage::parse(raw).expect("a message");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let verifier = MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default()).expect("a verifier");
        let found = verifier.verify_dkim(Parameters::new(&message).with_txt_cache(&zone)).await;
        found
            .iter()
            .map(|output| (output.signature().map(|s| s.s.clone()).unwrap_or_default(), output.result() == &DkimResult::Pass))
            .collect()
    })
}

fn holding(raw: &[u8]) -> usize {
    received(raw, &both()).iter().filter(|(_, holds)| *holds).count()
}

#[test]
fn every_golden_letter_is_signed_and_verified() {
    let letters = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/letters")).expect("tests/letters");
    let mut seen = 0;
    for letter in letters {
        let raw = fs::read(letter.expect("an entry").path()).expect("a letter");
        let signed = both().sign(&raw, now());
        assert!(signed.ends_with(&raw));
        assert_eq!(received(&signed, &both()), [("e".to_owned(), true), ("r".to_owned(), true)]);
        seen += 1;
    }
    assert!(seen > 10, "only {seen} letters");
}

#[test]
fn the_same_letter_and_time_give_the_same_bytes() {
    let signed = both().sign(LETTER, now());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dkim/signed.eml");
    if std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1") {
        fs::write(&path, &signed).expect("tests/dkim can be written");
    }
    let kept = fs::read(&path).expect("signed.eml; UPDATE_GOLDEN=1 writes it");
    assert!(kept == signed, "the signed letter differs from its golden one:\n{}", String::from_utf8_lossy(&signed));
    assert_eq!(signed, Signers::new(vec![signer("r", RSA_PKCS1), signer("e", ED25519)]).sign(LETTER, now()), "one key in two forms");
    assert_ne!(signed, both().sign(LETTER, "2026-11-23T10:00:01Z".parse().expect("an instant")));
    assert!(signed.split(|byte| *byte == b'\n').all(|line| line.len() <= 100), "a long line in a header field");
    assert_eq!(Signers::default().sign(LETTER, now()), LETTER);
}

#[test]
fn what_relays_do_is_forgiven_and_what_forgers_do_is_not() {
    let signed = String::from_utf8(both().sign(LETTER, now())).expect("ASCII");
    let changed = |from: &str, to: &str| {
        assert!(signed.contains(from), "{from}");
        holding(signed.replacen(from, to, 1).as_bytes())
    };
    assert_eq!(changed("\r\nAuto-Submitted: auto-generated", "\r\nAUTO-SUBMITTED:   auto-generated "), 2);
    assert_eq!(changed("\r\nTo: \"Ana Ionescu\" <", "\r\nTo: \"Ana Ionescu\"\r\n <"), 2);
    assert_eq!(changed("INVITA=C8=9AIE\r\n", "INVITA=C8=9AIE  \r\n"), 2);
    assert_eq!(holding(format!("{signed}\r\n\r\n").as_bytes()), 2);
    assert_eq!(
        holding(format!("Received: from a by b\r\nFeedback-ID: relay\r\nList-Unsubscribe: <mailto:a@b.example>\r\n{signed}").as_bytes()),
        2
    );
    for (from, to) in [
        ("Ana Ionescu", "Ana Jonescu"),
        ("INVITA", "invita"),
        ("\r\nAuto-Submitted: auto-generated", ""),
        ("\r\nSubject: ", "\r\nCc: <x@y.example>\r\nSubject: "),
        ("\r\nSubject: ", "\r\nSubject: Buy\r\nSubject: "),
        ("\r\nReply-To: ", "\r\nReply-To: <x@y.example>\r\nReply-To: "),
        ("\r\nContent-Type: ", "\r\nContent-Type: text/plain\r\nContent-Type: "),
    ] {
        assert_eq!(changed(from, to), 0, "{from:?} → {to:?}");
    }
    for field in ["From", "To", "Subject", "Reply-To", "Date", "Content-Type"] {
        assert_eq!(holding(format!("{field}: x\r\n{signed}").as_bytes()), 0, "{field} on top");
    }
}

#[test]
fn odd_letters_do_not_stop_the_signing() {
    for raw in [
        "",
        "\r\n",
        "x",
        ": x\r\n\r\n",
        "From x\r\n\r\n",
        "From: a\r\n\tb",
        "ș: x\r\nFrom: a\r\n\r\nx",
        "\r\n\r\n\r\n",
        "From: a\nTo: b\n\nx",
    ] {
        assert!(both().sign(raw.as_bytes(), now()).ends_with(raw.as_bytes()), "{raw:?}");
    }
}

#[test]
fn a_record_is_held_against_the_key() {
    let rsa = signer("r", RSA);
    let record = rsa.record();
    let other = signer("e", ED25519).record();
    assert_eq!(rsa.name(), "r._domainkey.primaria.example");
    for good in [record.clone(), record.replace("; ", ";"), record.replace("v=DKIM1; k=rsa; ", ""), format!("{record}; s=email; h=sha256")]
    {
        assert_eq!(rsa.judge(good.as_bytes()), Published::Good { testing: false }, "{good}");
    }
    assert_eq!(rsa.judge(record.replace("MIIB", "MI IB").as_bytes()), Published::Good { testing: false });
    assert_eq!(rsa.judge(format!("t=y:s; {record}").as_bytes()), Published::Good { testing: true });
    assert_eq!(signer("e", ED25519).judge(other.as_bytes()), Published::Good { testing: false });
    for (wrong, why) in [
        (String::new(), "the record has no key"),
        ("v=DKIM1; p=".into(), "revoked"),
        (other, "for a key of the kind ed25519, and the file holds one of the kind rsa"),
        (record.replace("AQEA", "AQEB"), "belongs to another key"),
        ("v=spf1 -all; p=x".into(), "not one of DKIM"),
        (format!("{record}; h=sha1"), "does not allow SHA-256"),
        (format!("{record}; s=chat"), "not for email"),
        ("x".repeat(10_000), "longer than 8 KiB"),
    ] {
        match rsa.judge(wrong.as_bytes()) {
            Published::Wrong(said) => {
                assert!(said.contains(why) && said.contains(&format!("publish this TXT record at {}: {record}", rsa.name())), "{said}");
            }
            other => panic!("{wrong}: {other:?}"),
        }
    }
}

#[test]
fn keys_that_cannot_sign_are_refused() {
    let made = |pem: &[u8]| Signer::new("x.example", "s", pem).map(|signer| signer.name());
    assert_eq!(made(b"hello"), Err(NoKey::NotPem));
    assert_eq!(made(b""), Err(NoKey::NotPem));
    let ec = b"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\n";
    assert_eq!(made(ec), Err(NoKey::Unfit));
    let cut = String::from_utf8_lossy(ED25519).replace("MC4C", "MC4D");
    assert_eq!(made(cut.as_bytes()), Err(NoKey::Unfit));
    assert_eq!(format!("{:?}", both()), "Signers([Signer(r._domainkey.primaria.example), Signer(e._domainkey.primaria.example)])");
}

/// A folder with keys and a `convoke.toml` that ends with `tables`.
fn installation(tables: &str) -> (tempfile::TempDir, Result<Config, String>) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, key, mode) in [("rsa.pem", RSA, 0o600), ("open.pem", ED25519, 0o644), ("bad.pem", b"hello", 0o600)] {
        fs::write(folder.path().join(name), key).expect("written");
        fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(mode)).expect("set");
    }
    let path = folder.path().join("convoke.toml");
    fs::write(&path, format!("database = \"c.db\"\n[sender]\nfrom = \"a@primaria.example\"\n{tables}")).expect("written");
    let said = load(&path).map_err(|refused| refused.to_string().replace(&format!("{}/", folder.path().display()), ""));
    (folder, said)
}

fn table(domain: &str, selector: &str, key: &str) -> String {
    format!("[[dkim]]\ndomain = \"{domain}\"\nselector = \"{selector}\"\nkey = \"{key}\"\n")
}

#[test]
fn keys_are_named_in_the_file() {
    let two = table("primaria.example", "r", "rsa.pem") + &table("Primăria.example", "e.2026", "open.pem");
    let (_folder, config) = installation(&two);
    let config = config.expect("good");
    let names: Vec<String> = config.signers().expect("two keys").iter().map(Signer::name).collect();
    assert_eq!(names, ["r._domainkey.primaria.example", "e.2026._domainkey.xn--primria-c4a.example"]);
    let warned: Vec<String> = config.warnings.iter().map(ToString::to_string).collect();
    assert!(
        matches!(warned.as_slice(), [one] if one.contains("line 11: `key` is exposed: every user") && one.contains("open.pem")),
        "{warned:?}"
    );

    let (_folder, single) = installation(&table("primaria.example", "r", "rsa.pem").replace("[[dkim]]", "[dkim]"));
    assert_eq!(single.expect("one table").signers().expect("one key").iter().count(), 1);
    let (_folder, none) = installation("");
    assert!(none.expect("good").signers().expect("none").is_empty());
}

#[test]
fn mistakes_about_keys_are_told() {
    let one = table("primaria.example", "r", "rsa.pem");
    for (tables, said) in [
        (one.replace("key =", "file ="), "convoke.toml, line 7: unknown key `file`"),
        (one.replace("selector = \"r\"\n", ""), "convoke.toml, line 4: missing: `selector` in [dkim]; add selector = \"convoke\""),
        ("dkim = 5".replace("dkim", "[sender2]\nx"), "convoke.toml, line 4: unknown key `sender2`; did you mean `sender`?"),
        (one.clone() + &one, "convoke.toml, line 10: `selector` names r._domainkey.primaria.example twice; remove one"),
        (
            table("primaria", "r", "rsa.pem"),
            "convoke.toml, line 5: `domain` is not a mail domain: \"primaria\"; write domain = \"primaria.example\"",
        ),
        (
            table("x.example", "a b", "rsa.pem"),
            "convoke.toml, line 6: `selector` is not a name of letters, digits and hyphens; write selector = \"convoke\"",
        ),
        (
            (0..9).map(|n| table("x.example", &format!("s{n}"), "rsa.pem")).collect(),
            "convoke.toml, line 36: there are 9 tables [[dkim]]; keep 8 at most",
        ),
    ] {
        let (_folder, refused) = installation(&tables);
        let refused = refused.expect_err(said);
        assert!(refused.starts_with(said), "{refused}\nnot\n{said}");
    }
    for (key, said) in [
        ("none.pem", "line 7: `key` is in the file none.pem, which cannot be read: No such file or directory"),
        ("bad.pem", "line 7: `key` is the file bad.pem, which holds no private key in PEM form; openssl genpkey"),
    ] {
        let (folder, config) = installation(&table("x.example", "s", key));
        let refused = config.expect("good so far").signers().expect_err(key).to_string();
        let refused = refused.replace(&format!("{}/", folder.path().display()), "");
        assert!(refused.contains(said), "{refused}\nnot\n{said}");
    }
}

#[test]
fn check_tells_of_the_keys() {
    let check = |tables: &str| {
        let (folder, _) = installation(tables);
        let path = folder.path().join("convoke.toml");
        let run = std::process::Command::new(env!("CARGO_BIN_EXE_convoke")).arg("--config").arg(path).args(["check", "--offline"]).output();
        let run = run.expect("run");
        (run.status.code(), String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned())
    };
    let (code, said) = check(&table("elsewhere.example", "r", "rsa.pem"));
    assert!(said.contains("-       r._domainkey.elsewhere.example (DKIM): not checked: --offline"), "{said}");
    assert!(said.contains("note    no key of [[dkim]] is of primaria.example, the domain of the sender"), "{said}");
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = check(&table("mail.primaria.example", "r", "rsa.pem"));
    assert!(code == Some(0) && !said.contains("no key of"), "{said}");
    let (code, said) = check(&table("primaria.example", "r", "bad.pem"));
    assert!(code == Some(2) && said.contains("line 7: `key` is the file"), "{said}");
}
