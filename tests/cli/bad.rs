//! Bad inputs: whatever an organiser, a list, a template or a server does wrong, the program says what, where and what
//! to do, ends with the right code, and loses nothing.

use super::{
    authority::Authority,
    case::{CAMPAIGN, Case, LIST, TEMPLATE, config},
    imap::mailbox,
    relay::{HANG_UP, Relay},
};
use convoke::store::Connection;
use std::{fs, sync::OnceLock};

/// The password in the environment of every call; no message may show it.
const SECRET: &str = "s3cret-Zq7";

/// One bad input: what is broken, the call, its exit code, and what it says.
struct Bad<'a> {
    name: &'a str,
    spoil: &'a dyn Fn(&Case),
    call: &'a str,
    code: i32,
    says: &'a [&'a str],
}

/// A database in which three guests are invited.
fn seed() -> &'static [u8] {
    static SEED: OnceLock<Vec<u8>> = OnceLock::new();
    SEED.get_or_init(|| {
        let relay = Relay::kind();
        let case = Case::new().relay(relay.port);
        case.call("send --yes 3").exit(0);
        case.call("record ana@guests.example accept").exit(0);
        fs::read(case.path("gala.db")).expect("the database")
    })
}

/// Everything in the database that could be lost, as text.
fn rows(case: &Case) -> Vec<String> {
    let db = Connection::open(case.path("gala.db")).expect("the database");
    let mut found = Vec::new();
    for sql in [
        "SELECT name || definition || paused FROM campaign ORDER BY id",
        "SELECT token || email || name || standing || answer FROM invitation ORDER BY id",
        "SELECT message_id || state || attempts || rcpt_to FROM letter ORDER BY id",
        "SELECT invitation || body FROM fact ORDER BY id",
    ] {
        let mut statement = db.prepare(sql).expect("a query");
        found.extend(statement.query_map([], |row| row.get::<_, String>(0)).expect("rows").map(|row| row.expect("a row")));
    }
    found
}

/// Runs every case, and tells all that went wrong. `kept` compares the rows before and after.
fn all(cases: &[Bad<'_>], kept: impl Fn(&[String], &[String]) -> Result<(), String>) {
    let mut wrong = Vec::new();
    for bad in cases {
        let case = Case::new().file("gala.db", seed());
        let before = rows(&case);
        (bad.spoil)(&case);
        let database = fs::read(case.path("gala.db")).ok();
        let said = case.call(bad.call).env("P", SECRET).run();
        let mut complain = |why: String| wrong.push(format!("{}: {why}\n{said}", bad.name));
        if said.code != Some(bad.code) {
            complain(format!("exit {:?}, not {}", said.code, bad.code));
        }
        let words = format!("{}{}", said.stdout, said.stderr);
        for part in bad.says.iter().filter(|part| !words.contains(**part)) {
            complain(format!("it does not say {part:?}"));
        }
        if words.contains(SECRET) {
            complain("it shows the password".into());
        }
        if database.as_deref() == Some(seed()) {
            if let Err(why) = kept(&before, &rows(&case)) {
                complain(why);
            }
        } else if database != fs::read(case.path("gala.db")).ok() {
            complain("it changed a database that it cannot read".into());
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn same(before: &[String], after: &[String]) -> Result<(), String> {
    if before == after { Ok(()) } else { Err("the database changed".into()) }
}

fn list(bytes: impl AsRef<[u8]>) -> impl Fn(&Case) {
    move |case| case.write("gala.csv", bytes.as_ref())
}

fn template(text: &'static str) -> impl Fn(&Case) {
    move |case| case.write("letters/invitation.en.md", text)
}

/// The configuration with one text exchanged.
fn installation(from: &'static str, to: impl Into<String>) -> impl Fn(&Case) {
    let to = to.into();
    move |case| {
        let text = case.text("convoke.toml");
        assert!(text.contains(from), "{from}");
        case.write("convoke.toml", text.replace(from, &to));
    }
}

fn campaign(from: &'static str, to: &'static str) -> impl Fn(&Case) {
    move |case| {
        assert!(CAMPAIGN.contains(from), "{from}");
        case.write("gala.toml", CAMPAIGN.replace(from, to));
    }
}

/// `bad!("name", what spoils it, "the call" => code, "says", …)`
macro_rules! bad {
    ($name:literal, $spoil:expr, $call:literal => $code:literal, $($says:expr),+ $(,)?) => {
        Bad { name: $name, spoil: &$spoil, call: $call, code: $code, says: &[$($says),+] }
    };
}

#[test]
fn lists() {
    let cases = [
        bad!("missing", |case| fs::remove_file(case.path("gala.csv")).unwrap(), "send --yes 0" => 1, "./gala.csv, which ./gala.toml names as contacts", "check the path"),
        bad!("a folder", |case| { fs::remove_file(case.path("gala.csv")).unwrap(); fs::create_dir(case.path("gala.csv")).unwrap() }, "send --yes 0" => 1, "./gala.csv, which ./gala.toml names as contacts"),
        bad!("empty", list(""), "send --yes 0" => 1, "./gala.csv is empty: write a first line with the column names (email,name,lang)"),
        bad!("only a heading", list("email,name\n"), "send --yes 0" => 1, "./gala.csv has a heading but no guest below it: write one guest a line"),
        bad!("no address column", list("name,phone\nAna,123\n"), "send --yes 0" => 1, "./gala.csv has no column of email addresses; its headings are \"name\", \"phone\". Name the column"),
        bad!("no heading", list("ana@guests.example,Ana\n"), "send --yes 0" => 1, "row 1", "add a first line that names the columns"),
        bad!("two address columns", list("email,E-mail address\na@b.example,c@d.example\n"), "send --yes 0" => 1, "two columns that mean \"email\"", "Rename or remove one"),
        bad!("an open quote", list("email,name\na@b.example,\"Ana\nb@b.example,Ben\n"), "send --yes 0" => 1, "line 2 is never closed", "close it or remove it"),
        bad!("a PDF", list("%PDF-1.7 x"), "send --yes 0" => 1, "./gala.csv is a PDF, not a contact list. Ask for the table itself"),
        bad!("a web page", list("<html><body>Sign in</body></html>"), "send --yes 0" => 1, "is a web page or XML", "save it as .xlsx or as CSV"),
        bad!("an old workbook", list(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 old"), "send --yes 0" => 1, "workbook of the old kind (.xls): open it and save it as .xlsx"),
        bad!("a damaged workbook", list(b"PK\x03\x04 damaged"), "send --yes 0" => 1, "./gala.csv is damaged", "save it again"),
        bad!("binary", list(b"email\0\0\0"), "send --yes 0" => 1, "is a binary file", "Give a list as .csv, .xlsx or .vcf"),
        bad!("a calendar", list("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), "send --yes 0" => 1, "is a calendar", "Give a list of addresses"),
        bad!("no at sign", list("email,name\nana at guests.example,Ana\n"), "send --yes 0" => 1, "./gala.csv, row 2, column email, \"ana at guests.example\": this is not an address, it has no @: write it as name@domain"),
        bad!("two addresses in a cell", list("email\n\"a@b.example, c@d.example\"\n"), "send --yes 0" => 1, "row 2, column email", "make one row for each"),
        bad!("a row without an address", list("email,name\na@b.example,Ana\n,Ben\n"), "send --yes 0" => 1, "row 3, column email", "fill in the cell or remove the row"),
        bad!("a card without an address", list("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\nEMAIL:a@b.example\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ben\r\nEND:VCARD\r\n"), "send --yes 0" => 1, "card 2 has no EMAIL: add one or remove the card"),
        bad!("an unknown language", list("email,lang\na@b.example,Klingon\n"), "send --yes 0" => 1, "row 2, column lang, \"Klingon\""),
        bad!("an unknown zone", list("email,zone\na@b.example,Europe/Bucarest\n"), "send --yes 0" => 1, "row 2, column zone, \"Europe/Bucarest\"", "Europe/Bucharest"),
        bad!("a field too many", list("email,name\na@b.example,Pop, Ana\n"), "send --yes 0" => 1, "row 2: the row has 3 fields and the header 2: put a field that contains the delimiter in quotation marks"),
        bad!("a name missing", list("email,name\na@b.example,Ana\na@b.example,\n"), "send --yes 0" => 1, "row 3", "write the name here too, or remove this row"),
        bad!("a lost letter", list("email,name\na@b.example,Ștefan \u{FFFD}erban\n"), "send --yes 0" => 1, "row 2, column name", "save it again as CSV UTF-8"),
        bad!("a failed formula", list("email,name\na@b.example,#REF!\n"), "send --yes 0" => 1, "row 2, column name, \"#REF!\"", "mend it or write the value itself"),
        bad!("checked", list("email,name\nana,Ana\n"), "check --offline" => 1, "FAILED  ./gala.csv: 0 guests, and 1 complaint:"),
    ];
    all(&cases, same);
}

#[test]
fn templates() {
    let rename =
        |to: &'static str| move |case: &Case| fs::rename(case.path("letters/invitation.en.md"), case.path("letters").join(to)).unwrap();
    let cases = [
        bad!("no folder", |case| fs::remove_dir_all(case.path("letters")).unwrap(), "preview" => 1, "cannot read the templates ./letters, which ./gala.toml names", "check the path"),
        bad!("no template", |case| fs::remove_file(case.path("letters/invitation.en.md")).unwrap(), "preview" => 1, "./letters/invitation.en.md: there is no template in this folder: write one for each language, named so"),
        bad!("none in the campaign's language", rename("invitation.ro.md"), "preview" => 1, "./letters/invitation.en.md, guest ben@guests.example: there is no such file: write it"),
        bad!("no front matter", template("Dear {{guest.name}}\n"), "preview" => 1, "./letters/invitation.en.md, line 1: a template begins with three lines: ---, subject: …, ---"),
        bad!("no subject", template("---\n---\nHello\n"), "preview" => 1, "line 2: the subject is missing: write subject: … above this line"),
        bad!("an unknown value", template("---\nsubject: x\n---\n\n{{event.tittle}}\n"), "preview" => 1, "./letters/invitation.en.md, line 5: ", "did you mean event.title?"),
        bad!("an unknown column", template("---\nsubject: x\n---\nDear {{guest.nam}}\n"), "preview" => 1, "line 4: the list has no column \"nam\"; did you mean guest.name?"),
        bad!("a column that is not there", template("---\nsubject: x\n---\n{{guest.salutation}},\n"), "preview" => 1, "line 4: the list has no column \"salutation\"; add the column, or take guest.salutation out of the template"),
        bad!("an unknown helper", template("---\nsubject: x\n---\n{{dat event.start}}\n"), "preview" => 1, "line 4: \"dat\" is not a helper", "did you mean date?"),
        bad!("open braces", template("---\nsubject: x\n---\nDear {{guest.name\n"), "preview" => 1, "line 4: the braces of {{guest.name are not closed"),
        bad!("an open condition", template("---\nsubject: x\n---\n{{#if guest.name}}\nDear\n"), "preview" => 1, "./letters/invitation.en.md, line 4: ", "a condition {{#if …}}…{{/if}}"),
        bad!("three braces", template("---\nsubject: x\n---\n{{{guest.name}}}\n"), "preview" => 1, "line 4: {{{guest.name}}} prints a value as raw HTML", "write {{guest.name}}"),
        bad!("buttons in the subject", template("---\nsubject: {{reply_buttons}}\n---\nHello\n"), "preview" => 1, "line 2: buttons cannot stand in the subject: take them out"),
        bad!("not UTF-8", |case| case.write("letters/invitation.en.md", b"---\nsubject: Invita\xFEie\n---\nx\n"), "preview" => 1, "./letters/invitation.en.md is not UTF-8; save it as UTF-8"),
        bad!("a misspelt kind", |case| case.write("letters/invitaton.ro.md", TEMPLATE), "preview" => 1, "./letters/invitaton.ro.md: \"invitaton\" is no kind of letter: did you mean invitation.ro.md?"),
        bad!("buttons in a language without words", |case| case.write("letters/invitation.cy.md", TEMPLATE), "preview" => 1, "the words of the buttons are not built in for \"cy\": write words.cy.toml"),
        bad!("a layout without a body", |case| case.write("letters/layout.html", "<html></html>"), "preview" => 1, "./letters/layout.html", "{{{body}}}"),
        bad!("a name that nobody can see", |case| { case.write("gala.csv", "email,name\nina@guests.example,\u{3164}\n"); case.write("letters/invitation.en.md", "---\nsubject: x\n---\nDear {{guest.name}},\n") }, "send --new-templates --yes 1" => 1, "guest ina@guests.example: guest.name is empty for this guest"),
        bad!("an empty field", |case| { case.write("gala.csv", "email,name,organisation\nina@guests.example,Ina,\n"); case.write("letters/invitation.en.md", "---\nsubject: x\n---\n{{guest.organisation}}\n") }, "send --new-templates --yes 1" => 1, "./letters/invitation.en.md, line 4, guest ina@guests.example: guest.organisation is empty for this guest: fill in the column \"organisation\" in row 2"),
        bad!("a deadline that is not there", |case| { campaign("deadline = \"2099-12-04\"\n", "")(case); case.write("letters/invitation.en.md", "---\nsubject: x\n---\n{{date deadline}}\n") }, "preview" => 1, "line 4", "the campaign has no deadline: add it to the campaign file"),
        bad!("a time of a day", template("---\nsubject: x\n---\n{{time deadline}}\n"), "preview" => 1, "line 4: the deadline is a day and has no time: write {{date deadline}}"),
    ];
    all(&cases, same);
}

#[test]
fn what_the_campaign_lacks_is_told_once_and_hides_no_fault_of_the_list() {
    let organisation = |number| if number == 30 { "" } else { "Town hall" };
    let guests: String = (1..=30).map(|number| format!("s{number}@guests.example,S{number},{}\n", organisation(number))).collect();
    let case = Case::new()
        .list(format!("email,name,organisation\n{guests}"))
        .campaign(CAMPAIGN.replace("deadline = \"2099-12-04\"\n", ""))
        .template("---\nsubject: x\n---\n{{date deadline}} {{event.link}} {{guest.organisation}}\n");
    for call in ["check --offline", "preview"] {
        let said = case.call(call).exit(1);
        let words = format!("{}{}", said.stdout, said.stderr);
        for flaw in ["campaign has no deadline: ", "campaign has no event.link: ", "s30@guests.example: guest.organisation is empty"] {
            assert_eq!(words.matches(flaw).count(), 1, "{flaw}\n{said}");
        }
        assert!(words.contains("invitation.en.md, line 4: the campaign has no deadline") && !words.contains(" more\n"), "{said}");
    }
}

#[test]
fn configurations() {
    const SIGN_IN: &str = "security = \"none\"\nuser = \"gala\"\npassword = ";
    let password = |form: &'static str| installation("security = \"none\"\n", format!("{SIGN_IN}{form}\n"));
    let cases = [
        bad!("no file", |case| fs::remove_file(case.path("convoke.toml")).unwrap(), "status" => 2, "convoke.toml: there is no such file; convoke init writes a first one"),
        bad!("another file", |_| {}, "--config other.toml status" => 2, "other.toml: there is no such file", "--config PATH names another"),
        bad!("a folder", |_| {}, "--config letters status" => 2, "letters: this is a folder, not a file"),
        bad!("UTF-16", |case| case.write("convoke.toml", b"\xFF\xFEd\0"), "status" => 2, "convoke.toml: the file is saved as UTF-16; save it as UTF-8"),
        bad!("not TOML", installation("[sender]", "[sender"), "status" => 2, "convoke.toml, line 2: this is not valid TOML"),
        bad!("typographic quotes", installation("\"gala.db\"", "”gala.db”"), "status" => 2, "convoke.toml, line 1: these are typographic quotes; write straight ones: \""),
        bad!("typographic quotes around words", installation("\"Town Hall <gala@town.example>\"", "„Town Hall <gala@town.example>\""), "status" => 2, "line 3: these are typographic quotes"),
        bad!("an unknown key", installation("port", "prot"), "status" => 2, "convoke.toml, line 6: unknown key `prot`; did you mean `port`?"),
        bad!("a password in plain sight", password("\"hunter2\""), "send --yes 0" => 2, "convoke.toml, line 9: `password` stands in the file in plain sight; write { env = "),
        bad!("a variable that is not set", password("{ env = \"NOT_SET\" }"), "send --yes 0" => 2, "line 9: `password` is in the variable NOT_SET, which is not set; set it"),
        bad!("a secret file that is not there", password("{ file = \"secret\" }"), "send --yes 0" => 2, "line 9: `password` is in the file secret, which cannot be read", "check the path"),
        bad!("a command that fails", password("{ command = \"echo locked >&2; exit 1\" }"), "send --yes 0" => 2, "line 9: `password` comes from a command that failed (exit code 1): locked; try the command by hand"),
        bad!("a credential without systemd", password("{ credential = \"smtp\" }"), "send --yes 0" => 2, "start convoke from a unit with LoadCredential=smtp:PATH"),
        bad!("no TLS to another machine", installation("127.0.0.1", "smtp.town.example"), "send --yes 0" => 2, "line 7: `security` may be \"none\" only for a server on this machine", "write \"tls\" or \"starttls\""),
        bad!("a rate without a unit", installation("security", "rate = \"25\"\nsecurity"), "send --yes 0" => 2, "line 7: `rate` must be a number, a slash and s, min, h or day, such as \"25/min\""),
        bad!("no relay", |case| case.write("convoke.toml", "database = \"gala.db\"\n[sender]\nfrom = \"gala@town.example\"\n"), "send --yes 0" => 2, "convoke.toml: the file has no [smtp] table; add [smtp] with host, user and password to send letters"),
        bad!("an authority that is not there", installation("security = \"none\"", "security = \"tls\"\nca = \"ca.pem\""), "check" => 2, "line 8: `ca` names ca.pem, which cannot be read", "check the path"),
        bad!("an authority that is none", |case| { case.write("ca.pem", "hello"); installation("security = \"none\"", "security = \"tls\"\nca = \"ca.pem\"")(case) }, "check" => 2, "line 8: `ca` names ca.pem, which is not a certificate"),
        bad!("the database is a folder", installation("gala.db", "letters"), "status" => 1, "the database letters, named in convoke.toml, is a folder; name a file"),
        bad!("the database's folder is missing", installation("gala.db", "no/gala.db"), "send --yes 3" => 1, "the database no/gala.db, named in convoke.toml, is in a folder that does not exist; make the folder"),
        bad!("the database is something else", |case| case.write("gala.db", "My diary, page one. ".repeat(500)), "status" => 1, "the database gala.db", "file is not a database"),
        bad!("the database is newer", |case| Connection::open(case.path("gala.db")).unwrap().pragma_update(None, "user_version", 99).unwrap(), "status" => 1, "written by a newer convoke; install that version, or restore a backup"),
    ];
    all(&cases, same);
}

#[test]
fn campaigns() {
    let cases = [
        bad!("no such file", |_| {}, "send dance.toml" => 2, "dance.toml: there is no such file; check the path"),
        bad!("no such campaign", |_| {}, "send dance" => 2, "there is no campaign \"dance\" (known: gala)"),
        bad!("an unknown key", campaign("deadline", "dedline"), "send --yes 0" => 2, "./gala.toml, line 5: unknown key `dedline`; did you mean `deadline`?"),
        bad!("an unknown key, by name", campaign("deadline", "dedline"), "check gala" => 2, "gala.toml, line 5: unknown key `dedline`"),
        bad!("not TOML", campaign("[event]", "[event"), "check" => 2, "./gala.toml, line 6: this is not valid TOML"),
        bad!("a broken one beside a good one", |case| case.write("ball.toml", CAMPAIGN.replace("\"gala\"", "\"ball\"").replace("end =", "ende =")), "send --yes 0" => 2, "./ball.toml", "`ende`"),
        bad!("two of one name", |case| case.write("copy.toml", CAMPAIGN), "send --yes 0" => 2, "./copy.toml and ./gala.toml both have name = \"gala\"; give each campaign a name of its own"),
        bad!("none at all", |case| { fs::remove_file(case.path("gala.toml")).unwrap(); fs::remove_file(case.path("gala.db")).unwrap() }, "send --yes 0" => 2, "there is no campaign; name a campaign file, or write one with `convoke init`"),
        bad!("it ends before it begins", campaign("T22:00", "T18:00"), "preview" => 2, "line 9: `end` must be after `start`", "check both"),
        bad!("a zone that is not known", campaign("start = \"2099-12-10T19:00[Europe/Bucharest]", "start = \"2099-12-10T19:00[Europe/Bucarest]"), "preview" => 2, "line 8: `start` names a zone that is not known", "did you mean \"Europe/Bucharest\"?"),
        bad!("a time without a zone", campaign("T19:00[Europe/Bucharest]", "T19:00"), "preview" => 2, "line 8: `start` has no zone; write the place whose clocks it follows"),
        bad!("a deadline after the event", campaign("2099-12-04", "2099-12-11"), "preview" => 2, "line 5: `deadline` is after the start of the event (2099-12-10); choose an earlier day"),
        bad!("a deadline that is no date", campaign("2099-12-04", "4.12.2099"), "preview" => 2, "line 5: `deadline` is not a date: \"4.12.2099\"; write it like"),
        bad!("a calendar that comes later", campaign("language", "calendar = \"on-accept\"\nlanguage"), "preview" => 2, "line 4: `calendar` cannot be \"on-accept\" yet", "write \"with-invitation\" or \"never\""),
        bad!("a name with spaces", campaign("\"gala\"", "\"the gala\""), "preview" => 2, "line 1: `name` must be 1 to 64 letters"),
    ];
    all(&cases, same);
}

/// The guests of before are untouched; the new one's letter waits, and was never claimed.
fn one_waits(before: &[String], after: &[String]) -> Result<(), String> {
    let lost: Vec<&String> = before.iter().filter(|row| !after.contains(row)).collect();
    let waits = after.iter().filter(|row| row.ends_with(">queued0zoe@guests.example")).count();
    if lost.is_empty() && waits == 1 { Ok(()) } else { Err(format!("lost: {lost:?}, waiting: {waits}\n{after:#?}")) }
}

/// The list has one guest more, and the relay is as told.
fn new_guest(config: String) -> impl Fn(&Case) {
    move |case| {
        case.write("gala.csv", format!("{LIST}zoe@guests.example,Zoe,en\n"));
        case.write("convoke.toml", &config);
    }
}

/// Over TLS to `host`, which is this machine.
fn over_tls(port: u16, host: &str, security: &str) -> String {
    config(port).replace("127.0.0.1", host).replace("security = \"none\"", &format!("security = \"{security}\"\nca = \"ca.pem\""))
}

fn signed_in(port: u16) -> String {
    config(port) + "user = \"gala\"\npassword = { env = \"P\" }\n"
}

#[test]
fn relays() {
    let authority = Authority::new();
    let trusted = |config: String| {
        let pem = authority.pem.clone();
        move |case: &Case| {
            case.write("ca.pem", &pem);
            new_guest(config.clone())(case);
        }
    };
    let saying = |rules: &[(&str, &str)]| Relay::saying(rules).port;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let secure = |name: &str, last| Relay::secure(authority.server(name, last)).port;
    let stranger = Relay::secure(Authority::new().server("localhost", 2100)).port;
    const STAYS: &str = "every letter that waits stays as it was, and `convoke send gala` goes on with them: ";
    let cases = [
        bad!("a wrong password", new_guest(signed_in(saying(&[("AUTH", "535 5.7.8 authentication failed")]))), "send --yes 1" => 1, STAYS, "127.0.0.1 refused", "535 5.7.8 authentication failed", "check user and password"),
        bad!("no way to sign in", new_guest(signed_in(saying(&[("EHLO", "250 relay.example")]))), "send --yes 1" => 1, STAYS, "check"),
        bad!("refused at the door", new_guest(config(saying(&[("CONNECT", "554 5.7.1 your address is on a list")]))), "send --yes 1" => 1, STAYS, "127.0.0.1 refused the connection: 554", "ask its keeper"),
        bad!("too busy", new_guest(config(saying(&[("CONNECT", "421 4.3.2 too many connections")]))), "send --yes 1" => 1, STAYS, "421 4.3.2 too many connections", "come back later"),
        bad!("nobody there", new_guest(config(closed)), "send --yes 1" => 1, STAYS, "cannot be reached", "check host, port and network"),
        bad!("no such host", new_guest(config(25).replace("127.0.0.1", "relay.invalid").replace("\"none\"", "\"tls\"")), "send --yes 1" => 1, STAYS, "relay.invalid", "check host"),
        bad!("not SMTP", new_guest(config(saying(&[("CONNECT", "HTTP/1.1 400 Bad Request")]))), "send --yes 1" => 1, STAYS, "the server did not answer in SMTP: “HTTP/1.1 400 Bad Request”; check host and port"),
        bad!("it hangs up", new_guest(config(saying(&[("CONNECT", HANG_UP)]))), "send --yes 1" => 1, STAYS, "127.0.0.1 closed the connection without an answer"),
        bad!("an unknown authority", trusted(over_tls(stranger, "localhost", "tls")), "send --yes 1" => 1, STAYS, "the certificate of localhost is not signed by the authority in the file named by ca"),
        bad!("signed by itself", new_guest(over_tls(secure("localhost", 2100), "localhost", "tls").replace("ca = \"ca.pem\"", "")), "send --yes 1" => 1, STAYS, "is signed by an authority that this machine does not know; if it is a private one, name its file under ca"),
        bad!("a certificate for another name", trusted(over_tls(secure("other.example", 2100), "localhost", "tls")), "send --yes 1" => 1, STAYS, "the certificate of localhost is for another name; check host"),
        bad!("a certificate that has expired", trusted(over_tls(secure("localhost", 2001), "localhost", "tls")), "send --yes 1" => 1, STAYS, "the certificate of localhost has expired; its keeper must renew it"),
        bad!("TLS where there is none", trusted(over_tls(saying(&[]), "localhost", "tls")), "send --yes 1" => 1, STAYS, "localhost does not speak TLS on this port", "check the port"),
        bad!("STARTTLS that is not offered", trusted(over_tls(saying(&[]), "localhost", "starttls")), "send --yes 1" => 1, STAYS, "localhost does not offer STARTTLS on this port, so nothing was sent"),
    ];
    all(&cases, one_waits);
}

/// No guest of before is lost; the letter waits for its next try or is shown as failed.
fn nobody_lost(before: &[String], after: &[String]) -> Result<(), String> {
    let lost: Vec<&String> = before.iter().filter(|row| !after.contains(row)).collect();
    let there = after.iter().filter(|row| row.ends_with("zoe@guests.example") && row.contains("@town.example>")).count();
    if lost.is_empty() && there == 1 { Ok(()) } else { Err(format!("lost: {lost:?}\n{after:#?}")) }
}

#[test]
fn refused_letters() {
    let saying = |rules: &[(&str, &str)]| new_guest(config(Relay::saying(rules).port));
    let cases = [
        bad!("put off", saying(&[("DATA", "452 4.3.1 disk full")]), "send --yes 1" => 3, "1 waiting", "next try", "452 4.3.1 disk full"),
        bad!("greylisted", saying(&[("RCPT", "451 4.7.1 greylisted")]), "send --yes 1" => 3, "1 waiting", "greylisted"),
        bad!("refused for its content", saying(&[("DOT", "550 5.7.1 looks like spam")]), "send --yes 1" => 3, "1 failed", "failed zoe@guests.example: ", "looks like spam"),
        bad!("refused for its address", saying(&[("RCPT", "550 5.1.1 no such user")]), "send --yes 1" => 3, "1 failed", "no such user"),
        bad!("the connection dies after the dot", saying(&[("DOT", HANG_UP)]), "send --yes 1" => 3, "1 uncertain", "uncertain zoe@guests.example: "),
    ];
    all(&cases, nobody_lost);
}

#[test]
fn mailboxes() {
    let reading = |port: u16| new_imap(port, "none", "INBOX");
    let cases = [
        bad!("a wrong password", reading(mailbox("* OK ready", "NO [AUTHENTICATIONFAILED] wrong")), "check" => 1, "FAILED  127.0.0.1 refused the sign-in: [AUTHENTICATIONFAILED] wrong; check user and password"),
        bad!("refused at the door", reading(mailbox("* BYE too many", "OK")), "check" => 1, "FAILED  127.0.0.1 refused the connection: * BYE too many"),
        bad!("not IMAP", reading(mailbox("220 relay.example ESMTP", "OK")), "check" => 1, "which is not IMAP; check the port"),
        bad!("nobody there", reading(1), "check" => 1, "127.0.0.1 port 1 cannot be reached", "check host, port and network"),
        bad!("no STARTTLS", new_imap(mailbox("* OK ready", "OK"), "starttls", "INBOX"), "check" => 1, "127.0.0.1 does not offer STARTTLS"),
        bad!("a folder twice", new_imap(1, "none", "Junk\", \"Junk"), "check" => 2, "`folders` names the folder \"Junk\" twice; remove one"),
    ];
    all(&cases, same);
}

/// The configuration with a mailbox, and a relay that is well.
fn new_imap(port: u16, security: &'static str, folders: &'static str) -> impl Fn(&Case) {
    let relay = Relay::kind();
    move |case| {
        let imap = format!(
            "[imap]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"{security}\"\nuser = \"gala\"\npassword = {{ env = \"P\" }}\nfolders = [\"{folders}\"]\n"
        );
        case.write("convoke.toml", config(relay.port) + &imap);
    }
}

#[test]
fn usage() {
    let cases = [
        bad!("no command", |_| {}, "--json" => 2, "Usage: convoke"),
        bad!("an unknown command", |_| {}, "sned" => 2, "send"),
        bad!("an unknown option", |_| {}, "send --dryrun" => 2, "--dry-run"),
        bad!("a number that is none", |_| {}, "send --yes all" => 2, "--yes"),
        bad!("a wrong number", |_| {}, "send --yes 300" => 2, "this call would queue 0 letters, not 300; nothing was queued"),
        bad!("a guest who is not there", |_| {}, "show zoe@guests.example" => 2, "no guest has the address or token \"zoe@guests.example\""),
        bad!("a token that is none", |_| {}, "record 000000000000 accept" => 2, "no guest has the address or token"),
        bad!("a message that is not there", |_| {}, "read no.eml" => 1, "cannot read no.eml", "No such file"),
        bad!("nothing to read", |_| {}, "read" => 2, "<PATH>"),
        bad!("a daemon without a password", installation("security = \"none\"\n", "security = \"none\"\nuser = \"gala\"\npassword = { env = \"NOT_SET\" }\n"), "run" => 2, "NOT_SET, which is not set"),
        bad!("a copy over a file", |_| {}, "backup gala.toml" => 2, "gala.toml exists and is not overwritten; name another file"),
        bad!("an export over a file", |_| {}, "export --to gala.csv" => 2, "gala.csv exists and is not overwritten"),
        bad!("a confirmed letter that is sent", |_| {}, "outbox confirm ana@guests.example" => 2, "the newest letter to ana@guests.example is sent, not uncertain"),
    ];
    all(&cases, same);
}
