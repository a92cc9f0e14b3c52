//! Twenty thousand answers as mail programs write them, made in memory: half of them text, half with HTML.

use std::fmt::Write;

/// How one language answers.
struct Dialect {
    domain: &'static str,
    /// The invitation that is quoted.
    letter: &'static str,
    /// The line above the quote; `{n}` the name, `{a}` the address.
    attribution: &'static str,
    labels: [&'static str; 4],
    date: &'static str,
    rule: &'static str,
    phone: &'static str,
    answers: [&'static str; 4],
}

const DIALECTS: &[Dialect] = &[
    Dialect {
        domain: "guest.example",
        letter: "Dear Ms Pop,\n\nyou are warmly invited to the online workshop about accessible public services, which takes place on \
                 Tuesday, 10 November 2026, from 13:15 to 14:30.\n\nIn the first part the participants of last year tell what they have \
                 changed since; in the second part there is time for your questions. The workshop is free of charge, and it is recorded.\n\n\
                 Please tell us by Thursday, 5 November, whether you will take part. An answer to this message is enough.\n\n\
                 Kind regards,\nThe workshop team\nLunca Mare town hall",
        attribution: "On Tue, Oct 27, 2026 at 10:02 AM {n} <{a}> wrote:",
        labels: ["From", "Sent", "To", "Subject"],
        date: "Tuesday, October 27, 2026 10:02 AM",
        rule: "-----Original Message-----",
        phone: "Sent from my iPhone",
        answers: [
            "Dear all,\n\nthank you for the invitation. I will be there.\n\nBest regards,",
            "Yes, two of us will come: Maria and I.",
            "Unfortunately I cannot take part, I am travelling that week.\n\nKind regards,",
            "I do not know yet. Will it be recorded?",
        ],
    },
    Dialect {
        domain: "oaspete.example",
        letter: "Stimată doamnă Pop,\n\nvă invităm cu drag la workshopul online despre servicii publice accesibile, care va avea loc marți, \
                 10 noiembrie 2026, între orele 13:15 și 14:30.\n\nÎn prima parte participanții de anul trecut povestesc ce au schimbat de \
                 atunci; în a doua parte este timp pentru întrebările dumneavoastră. Participarea este gratuită, iar întâlnirea se \
                 înregistrează.\n\nVă rugăm să ne comunicați până joi, 5 noiembrie, dacă veți participa. Este de ajuns un răspuns la acest \
                 mesaj.\n\nCu stimă,\nEchipa workshopului\nPrimăria Lunca Mare",
        attribution: "În mar., 27 oct. 2026 la 10:02, {n} <{a}> a scris:",
        labels: ["De la", "Trimis", "Către", "Subiect"],
        date: "marți, 27 octombrie 2026 10:02",
        rule: "-----Mesaj original-----",
        phone: "Trimis de pe iPhone-ul meu",
        answers: [
            "Bună ziua,\n\nConfirm participarea mea la eveniment.\n\nCu stimă,",
            "Vom participa trei persoane, mulțumim pentru invitație!",
            "Bună ziua,\n\nDin păcate nu pot participa, sunt plecată în acea zi.\n\nToate cele bune,",
            "Încă nu știu dacă pot participa. Evenimentul va fi înregistrat?",
        ],
    },
    Dialect {
        domain: "gast.example",
        letter: "Sehr geehrte Frau Pop,\n\nwir laden Sie herzlich zum Online-Workshop über barrierefreie öffentliche Dienste ein, der am \
                 Dienstag, dem 10. November 2026, von 13:15 bis 14:30 Uhr stattfindet.\n\nIm ersten Teil erzählen die Teilnehmer des letzten \
                 Jahres, was sie seitdem geändert haben; im zweiten Teil ist Zeit für Ihre Fragen. Die Teilnahme ist kostenlos, das Treffen \
                 wird aufgezeichnet.\n\nBitte teilen Sie uns bis Donnerstag, den 5. November, mit, ob Sie teilnehmen. Eine Antwort auf diese \
                 Nachricht genügt.\n\nMit freundlichen Grüßen\nDas Workshop-Team\nRathaus Lunca Mare",
        attribution: "Am Di., 27. Okt. 2026 um 10:02 Uhr schrieb {n} <{a}>:",
        labels: ["Von", "Gesendet", "An", "Betreff"],
        date: "Dienstag, 27. Oktober 2026 10:02",
        rule: "-----Ursprüngliche Nachricht-----",
        phone: "Von meinem iPhone gesendet",
        answers: [
            "Guten Tag,\n\nvielen Dank für die Einladung, ich nehme gerne teil.\n\nMit freundlichen Grüßen",
            "Wir kommen zu zweit.",
            "Leider kann ich nicht teilnehmen, ich bin in dieser Woche im Urlaub.\n\nViele Grüße",
            "Ich weiß es noch nicht. Wird die Veranstaltung aufgezeichnet?",
        ],
    },
    Dialect {
        domain: "invite.example",
        letter: "Madame,\n\nnous vous invitons cordialement à l'atelier en ligne sur l'accessibilité des services publics, qui aura lieu le \
                 mardi 10 novembre 2026 de 13 h 15 à 14 h 30.\n\nDans la première partie, les participants de l'année dernière racontent ce \
                 qu'ils ont changé depuis ; la seconde est réservée à vos questions. La participation est gratuite et la rencontre est \
                 enregistrée.\n\nMerci de nous dire avant le jeudi 5 novembre si vous participerez. Une réponse à ce message suffit.\n\n\
                 Cordialement,\nL'équipe de l'atelier\nMairie de Lunca Mare",
        attribution: "Le mar. 27 oct. 2026 à 10:02, {n} <{a}> a écrit :",
        labels: ["De", "Envoyé", "À", "Objet"],
        date: "mardi 27 octobre 2026 10:02",
        rule: "-----Message d'origine-----",
        phone: "Envoyé de mon iPhone",
        answers: [
            "Bonjour,\n\nJe confirme ma participation.\n\nCordialement,",
            "Nous serons deux, merci pour l'invitation !",
            "Bonjour,\n\nMalheureusement je ne pourrai pas venir ce jour-là.\n\nBien à vous,",
            "Je ne sais pas encore. Est-ce que ce sera enregistré ?",
        ],
    },
    Dialect {
        domain: "gost.example",
        letter: "Poštovana gospođo Pop,\n\nsrdačno Vas pozivamo na online radionicu o pristupačnim javnim uslugama, koja će se održati u \
                 utorak, 10. studenoga 2026., od 13:15 do 14:30.\n\nU prvom dijelu prošlogodišnji sudionici pričaju što su od tada \
                 promijenili; u drugom dijelu ima vremena za Vaša pitanja. Sudjelovanje je besplatno, a susret se snima.\n\nMolimo Vas da nam \
                 do četvrtka, 5. studenoga, javite hoćete li sudjelovati. Dovoljan je odgovor na ovu poruku.\n\nSrdačan pozdrav,\n\
                 Tim radionice\nGradska uprava Lunca Mare",
        attribution: "uto, 27. lis 2026. u 10:02 {n} <{a}> napisao je:",
        labels: ["Šalje", "Poslano", "Prima", "Predmet"],
        date: "utorak, 27. listopada 2026. 10:02",
        rule: "-----Izvorna poruka-----",
        phone: "Poslano s mog iPhonea",
        answers: [
            "Poštovani,\n\npotvrđujem svoj dolazak.\n\nLijep pozdrav,",
            "Dolazimo nas dvoje, hvala na pozivu!",
            "Nažalost ne mogu doći, taj tjedan sam na putu.\n\nSrdačan pozdrav,",
            "Još ne znam. Hoće li se snimati?",
        ],
    },
    Dialect {
        domain: "vieras.example",
        letter: "Hyvä rouva Pop,\n\nkutsumme teidät lämpimästi verkkotyöpajaan, jonka aiheena ovat saavutettavat julkiset palvelut. Se \
                 pidetään tiistaina 10. marraskuuta 2026 klo 13.15–14.30.\n\nEnsimmäisessä osassa viime vuoden osallistujat kertovat, mitä he \
                 ovat sen jälkeen muuttaneet; toisessa osassa on aikaa kysymyksillenne. Osallistuminen on maksutonta, ja tilaisuus \
                 tallennetaan.\n\nPyydämme teitä ilmoittamaan torstaihin 5. marraskuuta mennessä, osallistutteko. Vastaus tähän viestiin \
                 riittää.\n\nYstävällisin terveisin\nTyöpajan väki\nLunca Maren kaupungintalo",
        attribution: "ti 27. lokak. 2026 klo 10.02 {n} ({a}) kirjoitti:",
        labels: ["Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"],
        date: "tiistai 27. lokakuuta 2026 10.02",
        rule: "-----Alkuperäinen viesti-----",
        phone: "Lähetetty iPhonesta",
        answers: [
            "Hei,\n\nkiitos kutsusta, osallistun mielelläni.\n\nYstävällisin terveisin",
            "Tulemme kahdestaan.",
            "Valitettavasti en pääse paikalle, olen silloin matkoilla.\n\nTerveisin",
            "En tiedä vielä. Tallennetaanko tilaisuus?",
        ],
    },
];

const OURS: &str = "Workshop team";
const OUR_ADDRESS: &str = "rsvp+k7q2m9x4t8wn@us.example";
const SIGNATURE: &str = "Maria Pop\nHead of department\nTel. +40 256 000 000\nwww.guest.example";

/// What the `n`th guest answers with, as text only.
pub fn text(n: usize) -> Vec<u8> {
    let dialect = dialect(n);
    let mut mail = head(n, dialect);
    let body = body(n, dialect);
    let body = body.replace('\n', "\r\n");
    match n % 3 {
        0 => {
            let _ = write!(
                mail,
                "Content-Type: text/plain; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}",
                quoted(&body)
            );
        }
        1 => {
            let _ = write!(mail, "Content-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}");
        }
        _ => {
            let _ = write!(mail, "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}");
        }
    }
    mail.into_bytes()
}

/// What the `n`th guest answers with, as text and as HTML; every fourth as HTML alone.
pub fn html(n: usize) -> Vec<u8> {
    let dialect = dialect(n);
    let mut mail = head(n, dialect);
    let rich = quoted(&page(n, dialect));
    if n % 4 == 3 {
        let _ = write!(mail, "Content-Type: text/html; charset=\"utf-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{rich}");
        return mail.into_bytes();
    }
    let plain = quoted(&body(n, dialect).replace('\n', "\r\n"));
    let part = |kind: &str, body: &str| {
        format!(
            "--000000b{n}\r\nContent-Type: text/{kind}; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{body}\r\n"
        )
    };
    let _ = write!(
        mail,
        "Content-Type: multipart/alternative; boundary=\"000000b{n}\"\r\n\r\n{}{}--000000b{n}--\r\n",
        part("plain", &plain),
        part("html", &rich)
    );
    mail.into_bytes()
}

fn dialect(n: usize) -> &'static Dialect {
    &DIALECTS[n % DIALECTS.len()]
}

fn head(n: usize, dialect: &Dialect) -> String {
    let domain = dialect.domain;
    let mut head = format!("Return-Path: <guest{n}@{domain}>\r\nDelivered-To: rsvp@us.example\r\n");
    for hop in 0..3 {
        let _ = write!(
            head,
            "Received: from mx{hop}.{domain} (mx{hop}.{domain} [192.0.2.{}])\r\n\tby mx.us.example (Postfix) with ESMTPS id 4Zabc{n}\r\n\t\
             (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n\tfor <rsvp+k7q2m9x4t8wn@us.example>; Tue, 27 Oct 2026 11:0{hop}:00 +0200 (EET)\r\n",
            n % 250
        );
    }
    let _ = write!(
        head,
        "Authentication-Results: mx.us.example; dkim=pass header.d={domain} header.s=s1;\r\n\tspf=pass smtp.mailfrom=guest{n}@{domain}; dmarc=pass header.from={domain}\r\n\
         DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=s1; t=1793000000;\r\n\th=to:subject:message-id:date:from:mime-version:from:to:cc:subject;\r\n\t\
         bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n\tb={}\r\n",
        "dGhpcyBpcyBubyBzaWduYXR1cmUsIGJ1dCBhcyBsb25nIGFzIG9uZS4g\r\n\t".repeat(5).trim_end()
    );
    let _ = write!(
        head,
        "From: Maria Pop <guest{n}@{domain}>\r\nTo: {OURS} <{OUR_ADDRESS}>\r\nSubject: Re: =?UTF-8?Q?Workshop_servicii_publice_=C8=99i_?=\r\n =?UTF-8?Q?acces?= {}\r\n\
         Date: Tue, 27 Oct 2026 11:00:00 +0200\r\nMessage-ID: <CAF{n}@mail.{domain}>\r\nIn-Reply-To: <invitation.k7q2m9x4t8wn.1@us.example>\r\n\
         References: <invitation.k7q2m9x4t8wn.1@us.example>\r\nMIME-Version: 1.0\r\nX-Mailer: Program {}\r\nAccept-Language: en-US\r\n",
        n % 97,
        n % 7
    );
    head
}

fn attribution(dialect: &Dialect) -> String {
    dialect.attribution.replace("{n}", OURS).replace("{a}", OUR_ADDRESS)
}

/// The guest's words, by the number.
fn answer(n: usize, dialect: &Dialect) -> String {
    let words = dialect.answers[n / 7 % 4];
    if words.ends_with(',') || words.len() > 60 { format!("{words}\nMaria") } else { words.to_owned() }
}

/// A text body in the shape of one of eight programs.
fn body(n: usize, dialect: &Dialect) -> String {
    let (answer, letter) = (answer(n, dialect), wrapped(dialect.letter));
    let deep: String = letter.lines().map(|line| if line.is_empty() { ">\n".to_owned() } else { format!("> {line}\n") }).collect();
    let [from, sent, to, subject] = dialect.labels;
    let block = format!("{from}: {OURS} <{OUR_ADDRESS}>\n{sent}: {}\n{to}: Maria Pop\n{subject}: Workshop\n\n{letter}\n", dialect.date);
    match n / DIALECTS.len() % 8 {
        0 | 1 => format!("{answer}\n\n{}\n\n{deep}", attribution(dialect)),
        2 => format!("{answer}\n\n{}\n\n\n{block}", SIGNATURE),
        3 => format!("{answer}\n\n________________________________\n{block}"),
        4 => format!("{answer}\n\n{}\n{block}", dialect.rule),
        5 => format!("{answer}\n\n{}\n\n> {}\n> \n{deep}", dialect.phone, attribution(dialect)),
        6 => format!("{}\n{deep}\n{answer}\n\n-- \n{SIGNATURE}\n", attribution(dialect)),
        _ => format!("{answer}\n\n{}\n", dialect.phone),
    }
}

/// An HTML body in the shape of one of four programs.
fn page(n: usize, dialect: &Dialect) -> String {
    let lines = |text: &str| text.replace('<', "&lt;").replace("\n\n", "<br><br>").replace('\n', "<br>\r\n");
    let answer = lines(&answer(n, dialect));
    let letter: String = dialect
        .letter
        .split("\n\n")
        .map(|paragraph| {
            format!("<p style=\"margin:0 0 16px;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:24px;color:#222222\">{paragraph}</p>\r\n")
        })
        .collect();
    let letter = format!(
        "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"background:#f4f4f4\"><tbody><tr><td align=\"center\" style=\"padding:24px\">\
         <table role=\"presentation\" width=\"600\" style=\"max-width:600px;background:#ffffff\"><tbody><tr><td style=\"padding:32px\">\r\n{letter}\
         <a href=\"mailto:{OUR_ADDRESS}?subject=Yes%20%5B%23k7q2m9x4t8wn%3Ayes%5D\" style=\"display:inline-block;padding:12px 20px;background:#1a5fb4;color:#ffffff;text-decoration:none\">Yes</a>\r\n\
         </td></tr></tbody></table></td></tr></tbody></table>"
    );
    let [from, sent, to, subject] = dialect.labels;
    match n / DIALECTS.len() % 4 {
        0 => format!(
            "<div dir=\"ltr\">{answer}</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">{}<br></div>\
             <blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex\">{letter}</blockquote></div>\r\n",
            lines(&attribution(dialect))
        ),
        1 => {
            let paragraphs: String = answer
                .split("<br>")
                .map(|line| format!("<p class=\"MsoNormal\"><span style=\"font-size:11.0pt\">{line}<o:p></o:p></span></p>\r\n"))
                .collect();
            format!(
                "<html xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:w=\"urn:schemas-microsoft-com:office:word\"><head>\
                 <meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"><style><!--\r\n/* Font Definitions */\r\n{}--></style></head><body lang=\"EN-US\" link=\"blue\"><div class=\"WordSection1\">\r\n\
                 {paragraphs}<div><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in\"><p class=\"MsoNormal\"><b>{from}:</b> {OURS} &lt;{OUR_ADDRESS}&gt;<br>\r\n\
                 <b>{sent}:</b> {}<br><b>{to}:</b> Maria Pop<br><b>{subject}:</b> Workshop<o:p></o:p></p></div></div>{letter}</div></body></html>\r\n",
                "@font-face\r\n\t{font-family:\"Cambria Math\";\r\n\tpanose-1:2 4 5 3 5 4 6 3 2 4;}\r\np.MsoNormal, li.MsoNormal, div.MsoNormal\r\n\t{margin:0in;\r\n\tfont-size:11.0pt;\r\n\tfont-family:\"Calibri\",sans-serif;}\r\n".repeat(4),
                dialect.date
            )
        }
        2 => format!(
            "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\"></head><body dir=\"auto\">{answer}<br id=\"lineBreakAtBeginningOfSignature\"><div dir=\"ltr\">{}</div>\
             <div dir=\"ltr\"><br><blockquote type=\"cite\">{}<br><br></blockquote></div><blockquote type=\"cite\"><div dir=\"ltr\">{letter}</div></blockquote></body></html>\r\n",
            dialect.phone,
            lines(&attribution(dialect))
        ),
        _ => format!(
            "<html><head></head><body><div style=\"font-family: Aptos, Calibri, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);\" class=\"elementToProof\">{answer}</div>\
             <div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\" tabindex=\"-1\"><div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri, sans-serif\" style=\"font-size:11pt\" color=\"#000000\">\
             <b>{from}:</b> {OURS} &lt;{OUR_ADDRESS}&gt;<br><b>{sent}:</b> {}<br><b>{to}:</b> Maria Pop<br><b>{subject}:</b> Workshop</font><div>&nbsp;</div></div>{letter}</body></html>\r\n",
            dialect.date
        ),
    }
}

/// Lines of at most 76 characters.
fn wrapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    for line in text.lines() {
        let mut width = 0;
        for word in line.split(' ') {
            let letters = word.chars().count();
            if width > 0 {
                out.push(if width + letters > 75 { '\n' } else { ' ' });
                width = if width + letters > 75 { 0 } else { width + 1 };
            }
            out.push_str(word);
            width += letters;
        }
        out.push('\n');
    }
    out
}

/// Quoted-printable with lines of at most 76.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 5 / 4);
    let mut width = 0;
    for byte in text.bytes() {
        let piece = match byte {
            b'\r' | b'\n' => {
                out.push(char::from(byte));
                width = 0;
                continue;
            }
            b' '..=b'<' | b'>'..=b'~' => char::from(byte).to_string(),
            _ => format!("={byte:02X}"),
        };
        if width + piece.len() > 75 {
            out.push_str("=\r\n");
            width = 0;
        }
        width += piece.len();
        out.push_str(&piece);
    }
    out
}
