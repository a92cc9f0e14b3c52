use super::*;
use crate::model::mail::{HELP_DESK, KEPT_BELOW_QUOTE, TYPED_IN_QUOTE, UNREAD_FILE};

const SENT: &str = "Invitation\n\nWe invite you to the workshop on 10 December 2026 at 13:15 in the town hall, and kindly ask you to tell us \
    whether you will be there.";

/// As read by a program that knows what it sent.
fn read(text: &str) -> Said {
    said(text, &Context { sent: &[SENT.to_owned()], authserv_id: None, subjects: &[] })
}

fn read_html(html: &str) -> Said {
    let page = crate::read::html::Page::read(html);
    of_lines(page.lines(), page.text(), &Context::default())
}

/// What the note tells that may be typed.
fn perhaps(said: &Said) -> Option<&str> {
    said.notes.iter().find_map(|note| note.strip_prefix(PERHAPS_TYPED))
}

#[test]
fn an_answer_in_a_signature_is_told() {
    let signed = "Thank you for the invitation.\n\n-- \nAna Pop\nTel. 0256 000 000\n\nUnfortunately I cannot come,\nI am abroad.";
    let read = read(signed);
    assert_eq!((read.said.as_str(), perhaps(&read)), ("Thank you for the invitation.", Some("Unfortunately I cannot come,\nI am abroad.")));
    for container in ["class=gmail_signature", "id=Signature"] {
        let html = format!("<div>Thank you!<div {container}><div>I cannot come.</div><div>Ana Pop</div></div></div>");
        let read = read_html(&html);
        assert_eq!((read.said.as_str(), perhaps(&read)), ("Thank you!", Some("I cannot come.")), "{container}");
    }
}

#[test]
fn an_answer_beside_a_disclaimer_is_told_or_stays() {
    let legal = "If you are not the intended recipient, please delete this message.";
    let below = read(&format!("Thank you.\n\n{legal}\nI cannot come."));
    assert_eq!((below.said.as_str(), perhaps(&below)), ("Thank you.", Some("I cannot come.")));
    let beside = read(&format!("I cannot come. {legal}"));
    assert_eq!((beside.said.as_str(), perhaps(&beside)), ("I cannot come.", None));
}

#[test]
fn of_signatures_and_quotes_nothing_is_told() {
    for text in [
        "I will come.\n\n-- \nAna Pop\nConsilier superior\nPrimăria Municipiului Timișoara\nPiața Victoriei nr. 2, jud. Timiș.\nTel. 0256 000 000",
        "I will come.\n\n--\nAna Pop\nAsociația Pro Lunca S.R.L.\nwww.lunca.example\n\nPlease consider the environment before printing.",
        "I will come.\n\nBest regards,\nAna Pop\nMayor\n+40 256 000 000\n\nThis message is confidential. If you are not the intended recipient, \
         please notify the sender and delete this message.",
        "I will come.\n\n-----Original Message-----\nFrom: Ion <ion@x.example>\nSent: Monday, 2 March 2026\nTo: Ana\nSubject: x\n\nI cannot come.",
        "I will come.\n\nOn 16.11.2026 09:00, Ion <ion@x.example> wrote:\n> I cannot come.",
        "I will come.\n\nSent from my iPhone",
    ] {
        let read = read(text);
        assert_eq!((read.said.split('\n').next(), &read.notes), (Some("I will come."), &Vec::new()), "{text}");
        assert!(!read.said.contains("cannot"), "{text}");
    }
}

#[test]
fn dashes_above_a_sentence_are_no_separator() {
    let read_said = |text: &str| read(text).said;
    assert_eq!(read_said("Thank you.\n\n--\nUpdate: I cannot come."), "Thank you.\n\nUpdate: I cannot come.");
    assert_eq!(read_said("Thank you.\n--\nAna Pop\nconsilier"), "Thank you.");
    assert_eq!(read_said("Thank you.\n\n-- \nUpdate: I cannot come."), "Thank you.");
}

#[test]
fn text_in_the_mark_of_an_attribution_stays() {
    let html = "<div class=moz-cite-prefix>Thank you.<br><br>I cannot come.<br>On 16.11.2026 09:00, Primaria wrote:<br></div>\
        <blockquote type=cite>text</blockquote>";
    let read = read_html(html);
    assert_eq!((read.said.as_str(), read.notes.len()), ("Thank you.\n\nI cannot come.", 0));
}

#[test]
fn answers_between_marked_lines_below_a_header_block_stay() {
    let block = "From: Town hall <rsvp@us.example>\nSent: Monday, November 16, 2026 9:00 AM\nTo: Ana\nSubject: Invitation";
    for head in [block.to_owned(), format!("-----Original Message-----\n{block}")] {
        let read = read(&format!("See below.\n\n{head}\n\n> Will you come?\n\nUnfortunately not.\n\n> Regards"));
        assert_eq!((read.said.as_str(), read.notes.as_slice()), ("See below.\n\nUnfortunately not.", &[KEPT_BELOW_QUOTE.to_owned()][..]));
    }
    let top = read(&format!("I will come.\n\n{block}\n\n> Will you come?\n> Regards"));
    assert_eq!((top.said.as_str(), top.notes.len()), ("I will come.", 0));
}

#[test]
fn what_is_typed_below_a_marked_quote_with_two_heads_stays() {
    let head = "-------- Original Message --------\nOn Monday, 11/30/26 at 13:15 Workshop <workshop@us.example> wrote:";
    let below = read(&format!("Sent from Proton Mail for iOS\n\n{head}\n> Dear guest,\n> Will you come?\n\nNo, I cannot come.\n\nAna"));
    assert_eq!((below.said.as_str(), below.notes.as_slice()), ("No, I cannot come.\n\nAna", &[KEPT_BELOW_QUOTE.to_owned()][..]));
    let between = read(&format!("See below.\n\n{head}\n\n> Will you come?\n\nUnfortunately not.\n\n> Regards"));
    assert_eq!(between.said, "See below.\n\nUnfortunately not.");
    let top = read(&format!("I will come.\n\nSent from Proton Mail for iOS\n\n{head}\n\n> Dear guest,\n> Will you come?"));
    assert_eq!((top.said.as_str(), top.notes.len()), ("I will come.", 0));
}

#[test]
fn below_a_header_without_colons_nothing_is_typed() {
    let header = "Workshop <workshop@us.example>\n30.11.2026 13:15\n\nAn\nAna Pop <ana@x.example>\nKopie\n\nThema\nEinladung";
    let text = format!("Leider nicht.\n\nAna\n\n{header}\n\nDear Ana,\n\nYes, I will attend: press here.");
    assert_eq!(read(&text).said, "Leider nicht.\n\nAna");
}

#[test]
fn a_sentence_with_a_date_and_a_colon_opens_no_quote() {
    for text in [
        "Thank you, I will come.\n\nMy wife, as she wrote on 12.11.2026 to ion@x.example:\ncannot come.",
        "Dobrý deň,\n\nza našu školu príde 10.12.2026 o 13:15 kolegyňa jana.nova@skola.sk:\n\nJana Nová",
    ] {
        let read = read(text);
        assert_eq!((read.said.as_str(), read.notes.as_slice()), (text, &[KEPT_BELOW_QUOTE.to_owned()][..]));
    }
    let quote = format!("I will come.\n\nOn 16.11.2026 09:00, Town hall <rsvp@us.example> wrote:\n\n{SENT}");
    assert_eq!(read(&quote).said, "I will come.");
    let foreign = format!("I will come.\n\nOn 16.11.2026 09:00, Ion <ion@x.example> wrote:\n\n{}", "We cannot come at all. ".repeat(40));
    assert_eq!(read(&foreign).said, "I will come.");
}

#[test]
fn what_is_typed_into_a_marked_quote_is_told() {
    let letter = format!("{SENT}\n\nReply form\n[ ] I will attend\n[ ] I will not attend\nPersons: ____");
    let read = |text: &str| said(text, &Context { sent: std::slice::from_ref(&letter), authserv_id: None, subjects: &[] });
    let reply = |typed: &str, quote: &str| {
        format!("{typed}\n\nOn 29.11.2026 09:15, Ion <ion@x.example> wrote:\n> {}\n", quote.replace('\n', "\n> "))
    };
    let told = |said: &Said| said.notes.iter().find_map(|note| note.strip_prefix(TYPED_IN_QUOTE)).map(str::to_owned);
    let ticked = read(&reply("Here is the form.", &letter.replace("[ ] I will not", "[x] I will not")));
    assert_eq!((ticked.said.as_str(), perhaps(&ticked)), ("Here is the form.", Some("[x] I will not attend")));
    assert_eq!(told(&ticked).as_deref(), Some("[x] I will not attend"));
    let between = read(&reply("See below.", &letter.replace("Reply form", "No\n\nReply form")));
    assert_eq!((between.said.as_str(), perhaps(&between), told(&between).as_deref()), ("See below.", Some("No"), Some("No")));
    for quote in [letter.as_str(), &letter.replace("Reply form", "[image: logo.png]\nReply form"), &format!("Hello Ana,\n{letter}\nIon")] {
        let untouched = read(&reply("Thank you.", quote));
        assert_eq!((untouched.said.as_str(), &untouched.notes), ("Thank you.", &Vec::new()), "{quote}");
    }
    let offer = said("Thank you.\n\n> [x] Lunch is included\n> Ion", &Context::default());
    assert_eq!(told(&offer), None, "no form");
}

#[test]
fn rules_and_headers_of_other_programs_open_a_quote() {
    let older = "I cannot come.";
    for above in [
        "----- Mail original -----\nDe: Ion <ion@x.example>\nÀ: Ana\nEnvoyé: 29 nov. 2026\nObjet: Invitation",
        "-------- Pradinis pranešimas --------\nNuo: Ion <ion@x.example>\nKam: Ana\nTema: Kvietimas",
        "|------------>\n| From:      |\n|------------>\n  >-------------------|\n  |Ion <ion@x.example>   |\n  >-------------------|\n\
         |------------>\n| Date:      |\n|------------>\n  >-------------------|\n  |29/11/2026 09:15   |\n  >-------------------|",
        "Missatge de Ion Pop <ion@x.example> del dia\ndg., 29 de nov. 2026 a les 9:15:",
        "##- Please type your reply above this line -##",
    ] {
        let read = said(&format!("Yes, I come.\n\n{above}\n\n{older}"), &Context::default());
        assert_eq!((read.said.as_str(), &read.notes), ("Yes, I come.", &Vec::new()), "{above}");
    }
}

#[test]
fn of_a_help_desk_the_first_message_counts_and_is_not_sure() {
    let mark = "##- Bitte geben Sie Ihre Antwort über dieser Zeile ein -##";
    let text = format!("{mark}\n\nOK, thank you.\n\n----------------------\nIon Pop, Nov 29, 2026, 09:15\n\nI cannot come.");
    let read = said(&text, &Context::default());
    assert_eq!((read.said.as_str(), read.notes.as_slice()), ("OK, thank you.", [HELP_DESK.to_owned()].as_slice()));
}

#[test]
fn above_a_line_of_group_wise_was_typed_and_below_it_not() {
    let older = "Dear guest,\nwill you come?\n\nI cannot come.";
    for above in [
        ">>> Ana Pop <ana@x.example> 24.02.2026 18:30 >>>",
        ">>> \"Ana Pop\" 02/24/26 6:30 PM >>> ",
        ">>> <ana@x.example> >>>",
        ">>> ana@x.example 24/02/2026 18:30 >>>",
        ">>> Ana Pop <ana@x.example>\n24.02.2026 18:30 >>>",
    ] {
        for gap in ["\n", "\n\n"] {
            let read = read(&format!("Yes, I come at 18:00:{gap}{above}{gap}{older}"));
            assert_eq!((read.said.as_str(), &read.notes), ("Yes, I come at 18:00:", &Vec::new()), "{above}");
        }
        let below = read(&format!("{above}\n> Will you come?\n\nI come."));
        assert_eq!((below.said.as_str(), below.notes.as_slice()), ("I come.", &[KEPT_BELOW_QUOTE.to_owned()][..]), "{above}");
    }
    let html = "<p>Yes, I come.</p><p>&gt;&gt;&gt; Ana Pop &lt;ana@x.example&gt; 24.02.2026 18:30 &gt;&gt;&gt;<br>I cannot come.</p>";
    assert_eq!(read_html(html).said, "Yes, I come.");
    let wrapped = ">>> On 24.02.2026 at 18:30, in message\n<512A3B4C.E5F6@x.example>, Ana\nPop <ana@x.example> wrote:\n> Will you come?";
    assert_eq!(read(&format!("Yes, I come.\n\n{wrapped}")).said, "Yes, I come.");
}

#[test]
fn a_quote_three_deep_is_no_line_of_group_wise() {
    for quoted in [">>> Will you come on 24.02.2026 at 18:30?", ">>> Ana Pop <ana@x.example> 24.02.2026 18:30", ">>> see >>>"] {
        let read = read(&format!("See below.\n\n{quoted}\n\nNo, my sister comes.\n\n> Regards"));
        assert_eq!(read.said, "See below.\n\nNo, my sister comes.", "{quoted}");
    }
}

#[test]
fn of_a_signed_text_the_words_are_read() {
    let data = "iQEzBAEBCgAdFiEE1x2y3z4w5v6u7t8s9r0q1p2o3n4m5l6k7j8i9h0g1f2e3d4c\n=aB3d";
    let signed = |words: &str| {
        format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{words}\n-----BEGIN PGP SIGNATURE-----\n\n{data}\n-----END PGP SIGNATURE-----"
        )
    };
    let words = "I cannot come.\n\n- -----Original Message-----\nFrom: Ion <ion@x.example>\nSubject: Gala\n\nWe will come.";
    let read = read(&signed(words));
    assert_eq!((read.said.as_str(), &read.notes), ("I cannot come.", &Vec::new()));
    let html = format!("<pre>{}</pre>", signed("I cannot come.").replace('\n', "<br>"));
    assert_eq!(read_html(&html).said, "I cannot come.");
}

#[test]
fn what_is_encrypted_was_not_read() {
    let secret =
        "-----BEGIN PGP MESSAGE-----\n\nhQEMA7y8x9z0a1b2AQf+J3k4l5m6n7o8p9q0r1s2t3u4v5w6x7y8z9a0b1c2d3e4\n=aB3d\n-----END PGP MESSAGE-----";
    let note = format!("{UNREAD_FILE}an encrypted text");
    for (text, typed) in [(secret.to_owned(), ""), (format!("Hello,\n\n{secret}\n\nAna"), "Hello,\n\nAna")] {
        let read = read(&text);
        assert_eq!((read.said.as_str(), read.notes.as_slice()), (typed, std::slice::from_ref(&note)));
    }
    let below = format!("I come.\n\n-----Original Message-----\nFrom: Ion <ion@x.example>\nSubject: Gala\n\n{secret}");
    assert_eq!((read(&below).said.as_str(), read(&below).notes), ("I come.", Vec::new()));
}

#[test]
fn an_answer_behind_a_closing_is_told_where_a_signature_hides_it() {
    for line in ["Thank you, I cannot come.", "O zi frumoasă, dar nu pot veni.", "Miłego dnia. Nie przyjdziemy.", "Děkuji, nepřijdu."] {
        let read = read(&format!("Hello Ion.\n\n-- \nAna Pop\n{line}"));
        assert_eq!(perhaps(&read), Some(line), "{:?}", read);
    }
}
