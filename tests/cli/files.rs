//! init, check, preview, export, backup: files in, files out, and nothing written over.

use super::{
    authority::Authority,
    case::{CAMPAIGN, Case, LIST, TEMPLATE, config},
    imap::mailbox,
    relay::Relay,
};
use std::{
    fs,
    io::Read as _,
    os::unix::fs::{PermissionsExt as _, symlink},
    process::Command,
};

#[test]
fn init_writes_a_campaign_that_is_in_order() {
    let case = Case::bare();
    case.call("init").exit(0).stdout_has("written ./convoke.toml\nwritten ./workshop.toml\nwritten ./contacts/workshop.csv\n");
    case.call("check --offline")
        .exit(0)
        .stdout_has("ok      convoke.toml\nok      ./workshop.toml\n")
        .stdout_has("ok      ./contacts/workshop.csv: 16 guests\nok      16 letters can be written\n");
    case.call("send --dry-run").exit(0).stdout_has("16 to invite now");
}

#[test]
fn init_and_check_say_what_is_still_the_sample() {
    let case = Case::bare();
    case.call("init")
        .exit(0)
        .stdout_has("your event into workshop.toml")
        .stdout_has("your letter into templates/workshop: what stands there is a sample");
    let link = "note    the event is still the sample's: nobody meets at https://zoom.example/j/000000000\n";
    case.call("check --offline").exit(0).stdout_has(&format!("ok      ./workshop.toml\n{link}")).stdout_has(
        "note    the letter is still the sample's, about somebody else's event: invitation.en.md, invitation.fi.md, invitation.hr.md, ",
    );
    case.write("workshop.toml", case.text("workshop.toml").replace("zoom.example/j/000000000", "meet.example/gala"));
    case.write("contacts/workshop.csv", "email,lang,salutation\nben@guests.example,en,Dear Ben\neva@guests.example,,Bună Eva\n");
    case.write("templates/workshop/invitation.en.md", TEMPLATE.replace("Dear {{guest.name}}", "{{guest.salutation}}"));
    case.call("check --offline")
        .exit(0)
        .stdout_lacks(link)
        .stdout_has("note    the letter is still the sample's, about somebody else's event: invitation.ro.md\n");
    let ours = case.text("templates/workshop/invitation.ro.md") + "\nPe curând!\n";
    case.write("templates/workshop/invitation.ro.md", ours);
    case.call("check --offline").exit(0).stdout_lacks("sample");
}

#[test]
fn an_address_under_several_names_is_told_before_anything_is_sent() {
    let case = Case::new().list("email,name\nben@guests.example,Ben Hill\nben@guests.example,B. Hill\n");
    let note = "./gala.csv: ben@guests.example stands in rows 2 and 3 under different names: 2 letters to this address\n";
    case.call("check --offline").exit(0).stdout_has(&format!("note    {note}ok      ./gala.csv: 2 guests\n"));
    case.call("send --dry-run").exit(0).stderr(&format!("note: {note}"));
}

#[test]
fn a_title_in_another_language_than_the_letter_is_told() {
    let campaign = CAMPAIGN
        .replace("title = \"Gala\"", "title = { en = \"Gala\", ro = \"Gală\" }")
        .replace("place = \"Town hall\"", "place = { en = \"Town hall\", de = \"Rathaus\" }");
    let list =
        "email,name,lang\nana@guests.example,Ana,ro\nben@guests.example,Ben,de\neva@guests.example,Eva,de\nian@guests.example,Ian,fr\n";
    let case = Case::new()
        .campaign(&campaign)
        .list(list)
        .file("letters/invitation.ro.md", TEMPLATE)
        .file("letters/invitation.de.md", TEMPLATE.replace("\n{{reply_buttons}}\n", ""));
    let notes = [
        "1 guest reads \"fr\", for which there is no invitation.fr.md; the letter is in \"en\".",
        "2 letters in \"de\" have the event's title in \"en\": add de = \"…\" to `title` in ./gala.toml.",
        "1 letter in \"ro\" has the event's place in \"en\": add ro = \"…\" to `place` in ./gala.toml.",
    ];
    let each = |before: &str| notes.map(|note| format!("{before}{note}\n")).concat();
    case.call("check --offline").exit(0).stdout_has(&each("note    "));
    case.call("preview").exit(0).stderr(&each("note: "));
    case.call("send --dry-run").exit(0).stdout_has(&each(""));
    case.write("gala.toml", campaign.replace("[event]", "calendar = \"never\"\n[event]"));
    case.call("check --offline").exit(0).stdout_has(notes[1]).stdout_lacks("the event's place");
}

#[test]
fn a_norwegian_letter_is_named_by_its_own_language() {
    let case =
        Case::new().list("email,name,lang\nben@guests.example,Ben,nb-NO\n").file("letters/invitation.no.md", "---\nsubject: x\n---\nx\n");
    case.call("check --offline").exit(0).stdout_has("for which there is no invitation.nb.md; the letter is in \"no\".");
}

#[test]
fn markdown_that_letters_do_not_have_is_told() {
    let template = TEMPLATE.to_owned() + "\n| Hour | What |\n|------|------|\n| 19:00 | Gala |\n\nSee [the menu](menu.pdf).\n";
    let case = Case::new().template(template);
    case.call("check --offline")
        .exit(0)
        .stdout_has("ok      ./letters\nnote    ./letters/invitation.en.md, line 10: this table is printed with its bars and dashes")
        .stdout_has("note    ./letters/invitation.en.md, line 14: [the menu](menu.pdf) leads nowhere")
        .stdout_has("3 letters can be written\n");
}

#[test]
fn init_never_writes_over_a_file() {
    let case = Case::bare().file("convoke.toml", "mine").file("here/contacts/workshop.csv", "mine");
    case.call("init").exit(0).stdout_has("kept    ./convoke.toml\nwritten ./workshop.toml\n");
    case.call("init here").exit(0).stdout_has("kept    here/contacts/workshop.csv\n");
    assert_eq!((case.text("convoke.toml"), case.text("here/contacts/workshop.csv")), ("mine".into(), "mine".into()));
    let before = case.text("workshop.toml");
    case.call("init").exit(0).stdout_has("kept    ./workshop.toml").stdout_lacks("written");
    assert_eq!(case.text("workshop.toml"), before);
    case.file("plain", "a file").call("init plain").exit(1).stderr_has("plain");
}

#[test]
fn check_signs_in_to_both_servers() {
    let (relay, imap) = (Relay::kind(), mailbox("* OK ready", "OK welcome"));
    let imap = format!(
        "[imap]\nhost = \"127.0.0.1\"\nport = {imap}\nsecurity = \"none\"\nuser = \"gala\"\npassword = {{ env = \"P\" }}\nfolders = [\"INBOX\", \"Spam\"]\n"
    );
    let case = Case::new().config(config(relay.port) + &imap);
    case.call("check")
        .env("P", "secret")
        .exit(0)
        .stdout_has("ok      3 letters can be written\n")
        .stdout_has(&format!("ok      signed in to 127.0.0.1:{} (sending)\n", relay.port))
        .stdout_has("warning the server has no folder \"Spam\"; it has: INBOX, Sent\n")
        .stdout_has("(reading)\n");
    assert_eq!(relay.letters().len(), 0);
    assert!(!case.exists("gala.db"), "check leaves no trace");
}

#[test]
fn check_over_tls_with_a_private_authority() {
    let authority = Authority::new();
    let relay = Relay::secure(authority.server("localhost", 2100));
    let text = config(relay.port).replace("127.0.0.1", "localhost").replace("security = \"none\"", "security = \"tls\"\nca = \"ca.pem\"");
    let case = Case::new().config(text).file("ca.pem", &authority.pem);
    case.call("check").exit(0).stdout_has("(sending)\n");
}

#[test]
fn check_tells_all_that_is_wrong_at_once() {
    let case = Case::new()
        .list("email,name\nana,Ana\nben@guests.example,Ben\neva@guests,Eva\n")
        .template("---\nsubject: {{event.titel}}\n---\nDear {{guest.nmae}}\n");
    case.call("check")
        .exit(1)
        .stdout_has("FAILED  ./letters\n./letters/invitation.en.md, line 2: ")
        .stdout_has("did you mean event.title?")
        .stdout_has("FAILED  ./gala.csv: 1 guest, and 2 complaints:\n        ./gala.csv, row 2, column email, \"ana\": ")
        .stdout_has("./gala.csv, row 4, column email, \"eva@guests\": ")
        .stdout_has("FAILED  127.0.0.1 port 1 cannot be reached");
}

#[test]
fn check_without_a_campaign_still_looks_at_the_servers() {
    let relay = Relay::kind();
    let case = Case::bare().config(config(relay.port));
    case.call("check")
        .exit(0)
        .stdout_has("there is no campaign; name a campaign file")
        .stdout_has("(sending)")
        .stdout_has("no [imap] in convoke.toml");
}

#[test]
fn what_would_embarrass_is_told_before_the_number_is_asked_for() {
    let case = Case::bare();
    case.call("init").exit(0);
    case.call("send --dry-run")
        .exit(0)
        .stdout_has("Careful: the event is still the sample's: nobody meets at https://zoom.example/j/000000000.\n")
        .stdout_has("Careful: the letter is still the sample's, about somebody else's event: invitation.");
    let case = Case::new().template(
        "---\nsubject: {{event.title}} for {guest.name}\n---\nDear {guest.name}, see [it](www.x.example).\n\n{{reply_buttons}}\n",
    );
    case.call("send --dry-run")
        .exit(0)
        .stdout_has(
            "Careful: ./letters/invitation.en.md, line 2: {guest.name} is printed as it stands: write it with two braces, {{guest.name}}",
        )
        .stdout_has("Careful: ./letters/invitation.en.md, line 4: {guest.name} is printed as it stands")
        .stdout_has("Careful: ./letters/invitation.en.md, line 4: [it](www.x.example) leads nowhere");
}

#[test]
fn what_is_over_is_told() {
    let past = CAMPAIGN.replace("deadline = \"2099", "deadline = \"2019");
    let case = Case::new().campaign(&past);
    case.call("check --offline").exit(0).stdout_has("note    the deadline 2019-12-04 is past\n");
    case.call("send --dry-run").exit(0).stdout_has("Careful: the deadline 2019-12-04 is past.\n");
    let over = past.replace("2099-12-10", "2019-12-10");
    case.write("gala.toml", over);
    case.call("send --dry-run").exit(0).stdout_has("Careful: the event began on 2019-12-10.\n");
}

#[test]
fn preview_writes_every_letter_and_sends_none() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("preview").exit(0).stdout("3 letters written to preview, each as .eml and .html. Nothing was sent.\n");
    let letter = case.text("preview/0002-ben@guests.example.eml");
    assert!(letter.contains("\r\nTo: ") && letter.contains("ben@guests.example") && letter.contains("Dear Ben Hill,"), "{letter}");
    assert!(case.text("preview/0003-eva@guests.example.html").contains("Dear Eva Kos,"));
    case.call("preview --guest BEN@guests.example --to one").exit(0).stdout_has("1 letter written to one,");
    assert_eq!(fs::read_dir(case.path("one")).expect("a folder").count(), 2);
    case.call("preview --limit 2 --to two").exit(0);
    assert_eq!(fs::read_dir(case.path("two")).expect("a folder").count(), 4);
    case.call("preview --guest nobody@guests.example").exit(2).stderr_has("./gala.csv has no guest nobody@guests.example");
    assert_eq!(relay.letters().len(), 0);
    assert!(!case.exists("gala.db"));
}

#[test]
fn preview_takes_older_letters_away_and_nothing_else() {
    let case = Case::new().file("preview/notes.txt", "mine").file("preview/1-ana@guests.example.eml", "mine");
    case.call("preview").exit(0).stdout("3 letters written to preview, each as .eml and .html. Nothing was sent.\n");
    case.write("gala.csv", "email,name\neva@guests.example,Eva Kos\n");
    case.call("preview").exit(0).stdout(
        "6 files of an earlier preview removed from preview.\n1 letter written to preview, each as .eml and .html. Nothing was sent.\n",
    );
    let entries = fs::read_dir(case.path("preview")).expect("a folder");
    let mut names: Vec<String> = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["0001-eva@guests.example.eml", "0001-eva@guests.example.html", "1-ana@guests.example.eml", "notes.txt"]);
    case.write("gala.csv", "email,name\nana@guests.example,\n");
    case.call("preview").exit(1);
    assert!(case.exists("preview/0001-eva@guests.example.eml"), "without new letters the older stay");
}

#[test]
fn preview_shows_what_can_be_shown_of_a_list_with_a_wrong_row() {
    let case = Case::new().list("email,name\nana@guests.example,Ana\nben,Ben\n");
    case.call("preview").exit(1).stdout_has("1 letter written").stderr_has("left out: ./gala.csv, row 3, column email, \"ben\"");
}

#[test]
fn templates_that_are_links_are_templates() {
    let case = Case::new().file("shared/layout.html", "<p>ours</p>{{{body}}}").file("shared/letter", TEMPLATE.replace("Dear", "Stimate"));
    symlink("../shared/layout.html", case.path("letters/layout.html")).expect("a link");
    symlink("../shared/letter", case.path("letters/invitation.ro.md")).expect("a link");
    case.call("preview").exit(0).stderr("");
    assert!(case.text("preview/0001-ana@guests.example.html").contains("ours"));
    assert!(case.text("preview/0001-ana@guests.example.eml").contains("Stimate Ana Pop,"));
    // An editor's mark that a file is being edited.
    symlink("ana@host.1234", case.path("letters/.#invitation.ro.md")).expect("a link");
    case.call("check --offline").exit(0);
    symlink("../shared/gone.md", case.path("letters/invitation.fi.md")).expect("a link");
    case.call("check --offline").exit(1).stdout_has("./letters/invitation.fi.md is a link to a file that is not there");
    case.call("send --dry-run").exit(1).stderr_has("./letters/invitation.fi.md is a link to a file that is not there");
}

#[test]
fn demo_and_rehearse_keep_nothing_in_a_folder_with_files_in_it() {
    let case = Case::new();
    for command in ["rehearse --keep .", "demo --keep .", "rehearse --keep letters", "demo --keep letters"] {
        case.call(command).exit(2).stderr_has("holds files already; name a folder that is new or empty");
    }
    assert!(!case.exists("convoke.db") && !case.exists("letters/convoke.db"));
    assert_eq!((case.text("convoke.toml"), case.text("gala.csv")), (config(1), LIST.into()));
    case.call("rehearse --keep played/gala").exit(0).stdout_has("No real mail is sent");
    assert!(case.exists("played/gala/convoke.db") && case.exists("played/gala/letters/001.eml"));
    case.call("rehearse --keep played/gala").exit(2).stderr_has("holds files already");
    case.call("send --dry-run").exit(0).stdout_has("0 invited already, 3 to invite now");
    // An empty folder that is to hold the real database one day.
    case.write("convoke.toml", config(1).replace("gala.db", "data/convoke.db"));
    case.call("rehearse --keep data").exit(2).stderr_has("data is the folder of your own database; name another folder");
    assert!(!case.exists("data/convoke.db"));
}

#[test]
fn check_says_that_no_database_can_be_made_and_makes_none() {
    let case = Case::new().config(config(1).replace("gala.db", "data/gala.db"));
    let cure = "the database data/gala.db, named in convoke.toml, is in a folder that does not exist; make the folder";
    case.call("check --offline").exit(1).stdout_has(&format!("FAILED  {cure}\n"));
    let said = case.call("send --yes 3").exit(1).stderr_has(cure);
    assert_eq!(said.stderr.matches("unable to open").count(), 1, "{said}");
    fs::create_dir(case.path("data")).expect("a folder");
    case.call("check --offline").exit(0).stdout_lacks("FAILED");
    assert_eq!(fs::read_dir(case.path("data")).expect("a folder").count(), 0, "check leaves no trace");
    fs::create_dir(case.path("data/gala.db")).expect("a folder");
    case.call("check --offline").exit(1);
}

#[test]
fn check_looks_for_the_folder_of_copies_too() {
    let imap = mailbox("* OK ready", "OK welcome");
    let imap = format!(
        "[imap]\nhost = \"127.0.0.1\"\nport = {imap}\nsecurity = \"none\"\nuser = \"gala\"\npassword = {{ env = \"P\" }}\nsent = \"Gesendet\"\n"
    );
    let case = Case::new().config(config(Relay::kind().port) + &imap);
    case.call("check").env("P", "secret").exit(0).stdout_has("warning the server has no folder \"Gesendet\"; it has: INBOX, Sent\n");
}

#[test]
fn a_full_disk_behind_standard_output_is_a_plain_failure() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(0);
    for command in ["guests", "status", "export"] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let mut program = Command::new(env!("CARGO_BIN_EXE_convoke"));
        let ended = program.arg(command).current_dir(case.root()).env_clear().stdout(full).output().expect("it runs");
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{stderr}");
        assert!(stderr.starts_with("convoke: ") && stderr.contains("No space left on device") && !stderr.contains("panic"), "{stderr}");
    }
}

const EVIL: &str = "email,name\nana@guests.example,\"=HYPERLINK(\"\"http://evil.example\"\")\"\nben@guests.example,+1 Ben\neva@guests.example,\"Kos, Eva\"\n";

#[test]
fn export_defuses_formulas_and_never_writes_over_a_file() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port).list(EVIL);
    case.call("send --yes 3").exit(0);
    case.call("record ana@guests.example accept --party 2 --note").arg("=1+1").exit(0);
    case.call("record ben@guests.example tentative --party 3").exit(0);
    case.call("record eva@guests.example decline").exit(0);

    case.call("export --to a.csv").exit(0).stdout("3 guests written to a.csv.\n");
    let text = case.text("a.csv");
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    let names = "email,name,language,standing,answer,people,question,unsubscribe,delegate,delivery,note,said,since (UTC),organisation,zone";
    assert_eq!(rows.headers().expect("a header").iter().collect::<Vec<_>>().join(","), names);
    let rows: Vec<csv::StringRecord> = rows.records().map(|row| row.expect("a row")).collect();
    let ana: Vec<&str> = rows[0].iter().collect();
    assert_eq!(ana[..6], ["ana@guests.example", "'=HYPERLINK(\"http://evil.example\")", "en", "accept", "accept", "2"]);
    assert_eq!((ana[9], ana[10]), ("sent", "'=1+1"));
    assert_eq!((&rows[1][1], &rows[2][1]), ("'+1 Ben", "Kos, Eva"));
    assert_eq!((&rows[1][5], &rows[2][5]), ("0", "0"), "who does not come brings nobody");
    case.call("status --json").exit(0).stdout_has("\"people\":2,");

    assert_eq!(case.call("export").exit(0).stdout, text, "standard output has the same bytes");
    case.call("export --to a.csv").exit(2).stderr("convoke: a.csv exists and is not overwritten; name another file\n");
    assert_eq!(case.text("a.csv"), text);
    case.call("export --to B.CSV").exit(0);
    assert_eq!(case.text("B.CSV"), text);
    case.call("export --to a.pdf").exit(2).stderr_has("ends neither in .csv nor in .xlsx");
    case.call("export --to no/a.csv").exit(1).stderr_has("make its folder first");

    case.call("export --to a.xlsx").exit(0);
    let (mut sheet, mut cells) = (String::new(), String::new());
    let mut book = zip::ZipArchive::new(fs::File::open(case.path("a.xlsx")).expect("a file")).expect("a workbook");
    book.by_name("xl/sharedStrings.xml").expect("texts").read_to_string(&mut sheet).expect("UTF-8");
    assert!(sheet.contains(">=HYPERLINK(") && !sheet.contains("'="), "{sheet}");
    book.by_name("xl/worksheets/sheet1.xml").expect("cells").read_to_string(&mut cells).expect("UTF-8");
    assert!(cells.contains(r#"<c r="B2" s="1" t="s">"#) && !cells.contains("<f>"), "text, not a formula: {cells}");
    let mut styles = String::new();
    book.by_name("xl/styles.xml").expect("styles").read_to_string(&mut styles).expect("UTF-8");
    assert!(styles.contains(r#"quotePrefix="1""#), "text also after it was edited: {styles}");
    for number in [r#"<c r="F2"><v>2</v></c>"#, r#"<c r="F3"><v>0</v></c>"#, r#"<c r="F4"><v>0</v></c>"#] {
        assert!(cells.contains(number), "people are numbers that can be summed: {cells}");
    }
    case.call("export --to a.xlsx").exit(2);
}

#[test]
fn export_defuses_what_is_a_formula_for_a_reader_that_takes_another_sign_for_the_separator() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port).list("email,name,table\nana@guests.example,Ana,\"7;-1\"\n");
    case.call("send --yes 1").exit(0);
    case.call("record ana@guests.example accept --note").arg("x;=1+1; \"@SUM(A1)\t=2;ok;a=b\n+3").exit(0);
    let text = case.call("export").exit(0).stdout;
    for separator in [b',', b';', b'\t'] {
        let mut rows = csv::ReaderBuilder::new().delimiter(separator).flexible(true).has_headers(false).from_reader(text.as_bytes());
        for row in rows.records() {
            for cell in row.expect("a row").iter().map(|cell| cell.trim_start_matches([' ', '"'])) {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t']), "read with {:?}: {cell}\n{text}", char::from(separator));
            }
        }
    }
    assert!(text.contains("x;'=1+1;' \"\"@SUM(A1)\t'=2;ok;a=b\n'+3") && text.contains("7;'-1"), "{text}");
}

#[test]
fn export_has_the_columns_of_the_list_behind_the_answers() {
    let relay = Relay::kind();
    let list = "email,name,Table,Organizație,Phone,Note,Zone,Empty\n\
        ana@guests.example,Ana Pop,,Town hall,+40 722,=1+1,Europe/Vilnius,\n\
        ben@guests.example,Ben Hill,7,,,,,\n";
    let case = Case::new().relay(relay.port).list(list);
    case.call("send --yes 2").exit(0);
    let text = case.call("export").exit(0).stdout;
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    let of_list = |row: &csv::StringRecord| row.iter().skip(13).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(of_list(rows.headers().expect("a header")), ["organisation", "zone", "note_2", "phone", "table"]);
    let rows: Vec<Vec<String>> = rows.records().map(|row| of_list(&row.expect("a row"))).collect();
    assert_eq!(rows, [["Town hall", "Europe/Vilnius", "'=1+1", "'+40 722", ""], ["", "", "", "", "7"]]);

    case.call("export --to a.xlsx").exit(0);
    let mut book = zip::ZipArchive::new(fs::File::open(case.path("a.xlsx")).expect("a file")).expect("a workbook");
    let mut texts = String::new();
    book.by_name("xl/sharedStrings.xml").expect("texts").read_to_string(&mut texts).expect("UTF-8");
    assert!(texts.contains(">note_2<") && texts.contains(">+40 722<") && !texts.contains(">'"), "{texts}");
}

#[test]
fn export_writes_a_substitute_as_mail_does() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(0);
    for (guest, instead) in [("ana", "=Zoe Lee <zoe@guests.example>"), ("ben", "dan@guests.example"), ("eva", "Dan Rus")] {
        case.call(&format!("record {guest}@guests.example delegate --instead")).arg(instead).exit(0);
    }
    let text = case.call("export").exit(0).stdout;
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    let found: Vec<String> = rows.records().map(|row| row.expect("a row")[8].to_owned()).collect();
    assert_eq!(found, ["'=Zoe Lee <zoe@guests.example>", "dan@guests.example", "Dan Rus"]);
}

#[test]
fn a_backup_is_a_database_that_opens() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("backup safe.db").exit(2).stderr_has("there is no database");
    case.call("send --yes 3").exit(0);
    case.call("backup safe.db").exit(0).stdout("Copied to safe.db.\n");
    let mode = fs::metadata(case.path("safe.db")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "as the database itself");
    case.write("later.db.part", "mine");
    case.call("backup later.db").exit(2).stderr_has("later.db.part").stderr_has("remove it");
    assert_eq!(case.text("later.db.part"), "mine");
    case.call("backup no/safe.db").exit(1).stderr_has("make its folder first");
    case.call("backup safe.db").exit(2).stderr_has("safe.db exists and is not overwritten");
    let before = case.call("guests --json").exit(0).stdout;
    case.call("record ben@guests.example decline").exit(0);
    let kept = case.file("kept.toml", config(relay.port).replace("gala.db", "safe.db"));
    assert_eq!(kept.call("--config kept.toml guests --json").exit(0).stdout, before);
}

#[test]
fn check_looks_at_both_servers_where_a_secret_is_missing() {
    let text = config(1).replace("security = \"none\"\n", "security = \"none\"\nuser = \"gala\"\npassword = { env = \"NOT_SET\" }\n")
        + "[imap]\nhost = \"127.0.0.1\"\nport = 1\nsecurity = \"none\"\nuser = \"gala\"\npassword = { env = \"SET\" }\n";
    let case = Case::new().config(text);
    let said = case.call("check").env("SET", "x").exit(2).stderr_has("NOT_SET, which is not set");
    assert!(said.stdout.lines().any(|line| line.starts_with("FAILED") && line.contains("127.0.0.1")), "{said}");
}
