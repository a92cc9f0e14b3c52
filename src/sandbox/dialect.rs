//! How the guests' programs and the guests themselves speak in seven languages: data only.
//!
//! The forms of the attribution lines, header labels and calendar words are those that the programs write.

use super::{Client, Phrase, guests::Partstat};
use crate::model::Lang;
use jiff::Zoned;

/// Everything that differs by language.
pub(super) struct Dialect {
    pub(super) lang: &'static str,
    /// Where most who write it live: decides the hour in attribution lines.
    pub(super) zone: &'static str,
    /// As Exchange names it.
    pub(super) region: &'static str,
    /// Monday first.
    days: [&'static str; 7],
    days_short: [&'static str; 7],
    months: [&'static str; 12],
    months_short: [&'static str; 12],
    /// Attribution lines of Gmail, Apple Mail and Thunderbird; the marks are those of [`Dialect::fill`].
    gmail: &'static str,
    apple: &'static str,
    thunderbird: &'static str,
    /// The date in Outlook's header block.
    outlook: &'static str,
    /// From, Sent, To, Subject in Outlook's header block.
    pub(super) labels: [&'static str; 4],
    /// Under the words of a telephone.
    pub(super) phone: &'static str,
    /// Before the subject of a vacation robot.
    pub(super) away_prefix: &'static str,
    pub(super) away: &'static str,
    /// Before the subject of a calendar answer: accepted, tentative, declined.
    calendar: [&'static str; 3],
    /// Google's sentence after the guest's name: accepted, tentative, declined.
    google: [&'static str; 3],
    /// Accept, party of three, decline, tentative, accept with a question, vague.
    stock: [&'static str; 6],
}

impl Dialect {
    /// The line above the quote; None where the program writes a header block instead.
    pub(super) fn attribution(&self, client: Client, date: &Zoned, name: &str, address: &str) -> Option<String> {
        let form = match client {
            Client::Gmail => self.gmail,
            Client::AppleMail | Client::Phone => self.apple,
            Client::Thunderbird => self.thunderbird,
            Client::OutlookDesktop | Client::OutlookWeb => return None,
        };
        let name = if name.is_empty() { address } else { name };
        Some(self.fill(form, date).replace("{a}", address).replace("{n}", name))
    }

    /// The date in Outlook's header block.
    pub(super) fn sent(&self, date: &Zoned) -> String {
        self.fill(self.outlook, date)
    }

    /// `{day}` `{dy}` weekday, long and short; `{month}` `{mo}` month; `%` as in strftime.
    fn fill(&self, form: &str, date: &Zoned) -> String {
        let at = |list: &[&'static str], number: i8| {
            usize::try_from(number).ok().and_then(|n| list.get(n.checked_sub(1)?).copied()).unwrap_or_default()
        };
        let (weekday, month) = (date.weekday().to_monday_one_offset(), date.month());
        let filled = form.replace("{day}", at(&self.days, weekday)).replace("{dy}", at(&self.days_short, weekday));
        let filled = filled.replace("{month}", at(&self.months, month)).replace("{mo}", at(&self.months_short, month));
        date.strftime(&filled).to_string()
    }

    pub(super) fn stock(&self, phrase: Phrase) -> &'static str {
        let [accept, party, decline, tentative, question, vague] = self.stock;
        match phrase {
            Phrase::Accept => accept,
            Phrase::Party => party,
            Phrase::Decline => decline,
            Phrase::Tentative => tentative,
            Phrase::Question => question,
            Phrase::Vague => vague,
        }
    }

    /// Before the subject of a calendar answer.
    pub(super) fn calendar(&self, partstat: Partstat) -> &'static str {
        by_partstat(self.calendar, partstat)
    }

    /// Google's own sentence, after the guest's name.
    pub(super) fn google(&self, partstat: Partstat) -> &'static str {
        by_partstat(self.google, partstat)
    }
}

fn by_partstat([accepted, tentative, declined]: [&'static str; 3], partstat: Partstat) -> &'static str {
    match partstat {
        Partstat::Accepted => accepted,
        Partstat::Tentative => tentative,
        Partstat::Declined => declined,
    }
}

/// The dialect of a language; English for one that is none of the seven.
pub(super) fn of(lang: &Lang) -> &'static Dialect {
    ALL.into_iter().find(|dialect| dialect.lang == lang.as_str()).unwrap_or(&ENGLISH)
}

/// The language of a text, among the seven; English when in doubt.
pub(super) fn detect(text: &str) -> Lang {
    use whatlang::{Detector, Lang as L};
    let known = [(L::Ron, "ro"), (L::Nld, "nl"), (L::Ita, "it"), (L::Hrv, "hr"), (L::Lit, "lt"), (L::Fin, "fi"), (L::Eng, "en")];
    let found = Detector::with_allowlist(known.map(|(lang, _)| lang).to_vec()).detect_lang(text);
    let code = known.iter().find(|(lang, _)| Some(*lang) == found).map_or("en", |(_, code)| code);
    Lang::parse(code).expect("the codes above are codes")
}

const ALL: [&Dialect; 7] = [&ROMANIAN, &DUTCH, &ITALIAN, &CROATIAN, &LITHUANIAN, &FINNISH, &ENGLISH];

static ROMANIAN: Dialect = Dialect {
    lang: "ro",
    zone: "Europe/Bucharest",
    region: "ro-RO",
    days: ["luni", "marți", "miercuri", "joi", "vineri", "sâmbătă", "duminică"],
    days_short: ["lun.", "mar.", "mie.", "joi", "vin.", "sâm.", "dum."],
    months: [
        "ianuarie",
        "februarie",
        "martie",
        "aprilie",
        "mai",
        "iunie",
        "iulie",
        "august",
        "septembrie",
        "octombrie",
        "noiembrie",
        "decembrie",
    ],
    months_short: ["ian.", "feb.", "mar.", "apr.", "mai", "iun.", "iul.", "aug.", "sept.", "oct.", "nov.", "dec."],
    gmail: "Pe {dy}, %-d {mo} %Y la %H:%M, {n} <{a}> a scris:",
    apple: "Pe %-d {mo} %Y, la %H:%M, {n} <{a}> a scris:",
    thunderbird: "La %d.%m.%Y %H:%M, {n} a scris:",
    outlook: "{day}, %-d {month} %Y %H:%M",
    labels: ["De la", "Trimis", "Către", "Subiect"],
    phone: "Trimis de pe iPhone-ul meu",
    away_prefix: "Răspuns automat: ",
    away: "Bună ziua,\n\nSunt în concediu și nu am acces la e-mail. Voi răspunde la întoarcere.",
    calendar: ["Acceptat: ", "Provizoriu: ", "Refuzat: "],
    google: ["a acceptat această invitație.", "a răspuns „Poate” la această invitație.", "a refuzat această invitație."],
    stock: [
        "Bună ziua,\n\nConfirm participarea mea la eveniment.\n\nCu stimă,",
        "Bună ziua,\n\nConfirm participarea mea și a doi colegi.\n\nCu stimă,",
        "Bună ziua,\n\nDin păcate nu pot participa.\n\nCu stimă,",
        "Bună ziua,\n\nÎncă nu știu dacă pot participa.\n\nCu stimă,",
        "Bună ziua,\n\nConfirm participarea mea. Evenimentul va fi înregistrat?\n\nCu stimă,",
        "Să vedem, depinde de mai multe.",
    ],
};

static DUTCH: Dialect = Dialect {
    lang: "nl",
    zone: "Europe/Amsterdam",
    region: "nl-NL",
    days: ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
    days_short: ["ma", "di", "wo", "do", "vr", "za", "zo"],
    months: ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"],
    months_short: ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    gmail: "Op {dy} %-d {mo} %Y om %H:%M schreef {n} <{a}>:",
    apple: "Op %-d {mo} %Y, om %H:%M heeft {n} <{a}> het volgende geschreven:",
    thunderbird: "Op %d-%m-%Y om %H:%M schreef {n}:",
    outlook: "{day} %-d {month} %Y %H:%M",
    labels: ["Van", "Verzonden", "Aan", "Onderwerp"],
    phone: "Verstuurd vanaf mijn iPhone",
    away_prefix: "Automatisch antwoord: ",
    away: "Goedendag,\n\nIk ben afwezig en lees mijn e-mail niet. Na mijn terugkeer beantwoord ik uw bericht.",
    calendar: ["Geaccepteerd: ", "Voorlopig geaccepteerd: ", "Afgewezen: "],
    google: [
        "heeft deze uitnodiging geaccepteerd.",
        "heeft ‘Misschien’ geantwoord op deze uitnodiging.",
        "heeft deze uitnodiging afgewezen.",
    ],
    stock: [
        "Goedendag,\n\nIk neem graag deel.\n\nMet vriendelijke groet,",
        "Goedendag,\n\nWij komen graag, met drie personen.\n\nMet vriendelijke groet,",
        "Goedendag,\n\nHelaas kan ik niet deelnemen.\n\nMet vriendelijke groet,",
        "Goedendag,\n\nIk weet nog niet of ik kan deelnemen.\n\nMet vriendelijke groet,",
        "Goedendag,\n\nIk neem graag deel. Wordt de bijeenkomst opgenomen?\n\nMet vriendelijke groet,",
        "We zullen zien, het hangt van verschillende dingen af.",
    ],
};

static ITALIAN: Dialect = Dialect {
    lang: "it",
    zone: "Europe/Rome",
    region: "it-IT",
    days: ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"],
    days_short: ["lun", "mar", "mer", "gio", "ven", "sab", "dom"],
    months: [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    months_short: ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
    gmail: "Il giorno {dy} %-d {mo} %Y alle ore %H:%M {n} <{a}> ha scritto:",
    apple: "Il giorno %-d {mo} %Y, alle ore %H:%M, {n} <{a}> ha scritto:",
    thunderbird: "Il %d/%m/%Y %H:%M, {n} ha scritto:",
    outlook: "{day} %-d {month} %Y %H:%M",
    labels: ["Da", "Inviato", "A", "Oggetto"],
    phone: "Inviato da iPhone",
    away_prefix: "Risposta automatica: ",
    away: "Buongiorno,\n\nsono fuori ufficio e non leggo la posta. Risponderò al mio rientro.",
    calendar: ["Accettato: ", "Accettato provvisoriamente: ", "Rifiutato: "],
    google: ["ha accettato questo invito.", "ha risposto «Forse» a questo invito.", "ha rifiutato questo invito."],
    stock: [
        "Buongiorno,\n\nconfermo la mia partecipazione.\n\nCordiali saluti,",
        "Buongiorno,\n\nconfermo la nostra partecipazione: saremo in tre.\n\nCordiali saluti,",
        "Buongiorno,\n\npurtroppo non posso partecipare.\n\nCordiali saluti,",
        "Buongiorno,\n\nnon so ancora se potrò partecipare.\n\nCordiali saluti,",
        "Buongiorno,\n\nconfermo la mia partecipazione. L'incontro sarà registrato?\n\nCordiali saluti,",
        "Vediamo, dipende da diverse cose.",
    ],
};

static CROATIAN: Dialect = Dialect {
    lang: "hr",
    zone: "Europe/Zagreb",
    region: "hr-HR",
    days: ["ponedjeljak", "utorak", "srijeda", "četvrtak", "petak", "subota", "nedjelja"],
    days_short: ["pon", "uto", "sri", "čet", "pet", "sub", "ned"],
    months: [
        "siječnja",
        "veljače",
        "ožujka",
        "travnja",
        "svibnja",
        "lipnja",
        "srpnja",
        "kolovoza",
        "rujna",
        "listopada",
        "studenoga",
        "prosinca",
    ],
    months_short: ["sij", "velj", "ožu", "tra", "svi", "lip", "srp", "kol", "ruj", "lis", "stu", "pro"],
    gmail: "{dy}, %-d. {mo} %Y. u %H:%M {n} <{a}> napisao je:",
    apple: "Dana %-d. {mo} %Y., u %H:%M, {n} <{a}> je napisao:",
    thunderbird: "%d.%m.%Y. u %H:%M, {n} piše:",
    outlook: "{day}, %-d. {month} %Y. %H:%M",
    labels: ["Od", "Poslano", "Za", "Predmet"],
    phone: "Poslano s mog iPhonea",
    away_prefix: "Automatski odgovor: ",
    away: "Poštovani,\n\nnisam u uredu i ne čitam poštu. Odgovorit ću po povratku.",
    calendar: ["Prihvaćeno: ", "Uvjetno: ", "Odbijeno: "],
    google: ["je prihvatio/la ovaj poziv.", "je odgovorio/la „Možda” na ovaj poziv.", "je odbio/la ovaj poziv."],
    stock: [
        "Poštovani,\n\npotvrđujem svoje sudjelovanje.\n\nSrdačan pozdrav,",
        "Poštovani,\n\npotvrđujem dolazak, bit će nas troje.\n\nSrdačan pozdrav,",
        "Poštovani,\n\nnažalost ne mogu sudjelovati.\n\nSrdačan pozdrav,",
        "Poštovani,\n\njoš ne znam mogu li sudjelovati.\n\nSrdačan pozdrav,",
        "Poštovani,\n\npotvrđujem svoje sudjelovanje. Hoće li se sastanak snimati?\n\nSrdačan pozdrav,",
        "Vidjet ćemo, ovisi o više stvari.",
    ],
};

static LITHUANIAN: Dialect = Dialect {
    lang: "lt",
    zone: "Europe/Vilnius",
    region: "lt-LT",
    days: ["pirmadienis", "antradienis", "trečiadienis", "ketvirtadienis", "penktadienis", "šeštadienis", "sekmadienis"],
    days_short: ["pr", "an", "tr", "kt", "pn", "št", "sk"],
    months: [
        "sausio",
        "vasario",
        "kovo",
        "balandžio",
        "gegužės",
        "birželio",
        "liepos",
        "rugpjūčio",
        "rugsėjo",
        "spalio",
        "lapkričio",
        "gruodžio",
    ],
    months_short: ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"],
    gmail: "%Y-%m-%d, {dy}, %H:%M {n} <{a}> rašė:",
    apple: "%Y-%m-%d %H:%M, {n} <{a}> rašė:",
    thunderbird: "%Y-%m-%d %H:%M, {n} rašė:",
    outlook: "%Y m. {month} %-d d., {day} %H:%M",
    labels: ["Nuo", "Išsiųsta", "Kam", "Tema"],
    phone: "Išsiųsta iš mano „iPhone“",
    away_prefix: "Automatinis atsakymas: ",
    away: "Laba diena,\n\nšiuo metu atostogauju ir laiškų neskaitau. Atsakysiu grįžęs.",
    calendar: ["Priimta: ", "Preliminariai: ", "Atmesta: "],
    google: ["priėmė šį kvietimą.", "į šį kvietimą atsakė „Galbūt“.", "atmetė šį kvietimą."],
    stock: [
        "Laba diena,\n\npatvirtinu savo dalyvavimą.\n\nPagarbiai",
        "Laba diena,\n\ndalyvausime trise.\n\nPagarbiai",
        "Laba diena,\n\ndeja, dalyvauti negaliu.\n\nPagarbiai",
        "Laba diena,\n\ndar nežinau, ar galėsiu dalyvauti.\n\nPagarbiai",
        "Laba diena,\n\ntaip, dalyvausiu. Ar susitikimas bus įrašomas?\n\nPagarbiai",
        "Pažiūrėsim, priklauso nuo daug ko.",
    ],
};

static FINNISH: Dialect = Dialect {
    lang: "fi",
    zone: "Europe/Helsinki",
    region: "fi-FI",
    days: ["maanantai", "tiistai", "keskiviikko", "torstai", "perjantai", "lauantai", "sunnuntai"],
    days_short: ["ma", "ti", "ke", "to", "pe", "la", "su"],
    months: [
        "tammikuuta",
        "helmikuuta",
        "maaliskuuta",
        "huhtikuuta",
        "toukokuuta",
        "kesäkuuta",
        "heinäkuuta",
        "elokuuta",
        "syyskuuta",
        "lokakuuta",
        "marraskuuta",
        "joulukuuta",
    ],
    months_short: [
        "tammik.", "helmik.", "maalisk.", "huhtik.", "toukok.", "kesäk.", "heinäk.", "elok.", "syysk.", "lokak.", "marrask.", "jouluk.",
    ],
    gmail: "{dy} %-d. {mo} %Y klo %-H.%M {n} ({a}) kirjoitti:",
    apple: "{n} <{a}> kirjoitti %-d.%-m.%Y kello %-H.%M:",
    thunderbird: "{n} kirjoitti %-d.%-m.%Y klo %-H.%M:",
    outlook: "{day} %-d. {month} %Y %-H.%M",
    labels: ["Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"],
    phone: "Lähetetty iPhonesta",
    away_prefix: "Automaattinen vastaus: ",
    away: "Hei,\n\nolen lomalla enkä lue sähköpostiani. Vastaan palattuani.",
    calendar: ["Hyväksytty: ", "Hyväksyi alustavasti: ", "Torjuttu: "],
    google: ["on hyväksynyt tämän kutsun.", "on vastannut ”Ehkä” tähän kutsuun.", "on hylännyt tämän kutsun."],
    stock: [
        "Hei,\n\nosallistun mielelläni.\n\nTerveisin",
        "Hei,\n\ntulemme mielellämme, meitä on kolme.\n\nTerveisin",
        "Hei,\n\nvalitettavasti en pääse osallistumaan.\n\nTerveisin",
        "Hei,\n\nen tiedä vielä, pääsenkö osallistumaan.\n\nTerveisin",
        "Hei,\n\nosallistun mielelläni. Tallennetaanko tilaisuus?\n\nTerveisin",
        "Katsotaan, se riippuu monesta asiasta.",
    ],
};

static ENGLISH: Dialect = Dialect {
    lang: "en",
    zone: "Europe/London",
    region: "en-GB",
    days: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    days_short: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    months: ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    months_short: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    gmail: "On {dy}, {mo} %-d, %Y at %-I:%M\u{202F}%p {n} <{a}> wrote:",
    apple: "On %-d {mo} %Y, at %H:%M, {n} <{a}> wrote:",
    thunderbird: "On %d/%m/%Y %H:%M, {n} wrote:",
    outlook: "%-d {month} %Y %H:%M",
    labels: ["From", "Sent", "To", "Subject"],
    phone: "Sent from my iPhone",
    away_prefix: "Automatic reply: ",
    away: "Hello,\n\nI am out of the office and do not read my mail. I will answer when I am back.",
    calendar: ["Accepted: ", "Tentative: ", "Declined: "],
    google: ["has accepted this invitation.", "has replied \"Maybe\" to this invitation.", "has declined this invitation."],
    stock: [
        "Hello,\n\nI will gladly take part.\n\nKind regards,",
        "Hello,\n\nYes, we will come, three people in all.\n\nKind regards,",
        "Hello,\n\nUnfortunately I cannot take part.\n\nKind regards,",
        "Hello,\n\nI do not know yet whether I can take part.\n\nKind regards,",
        "Hello,\n\nYes, I will take part. Will the session be recorded?\n\nKind regards,",
        "Let us see, it depends on several things.",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn lines_look_as_the_programs_write_them() {
        let at = date(2026, 2, 24).at(18, 30, 0, 0).in_tz("Europe/Rome").expect("a zone");
        let line = |dialect: &Dialect, client| dialect.attribution(client, &at, "N", "A").expect("a line");
        assert_eq!(line(&ROMANIAN, Client::Gmail), "Pe mar., 24 feb. 2026 la 18:30, N <A> a scris:");
        assert_eq!(line(&ITALIAN, Client::Gmail), "Il giorno mar 24 feb 2026 alle ore 18:30 N <A> ha scritto:");
        assert_eq!(line(&CROATIAN, Client::Gmail), "uto, 24. velj 2026. u 18:30 N <A> napisao je:");
        assert_eq!(line(&LITHUANIAN, Client::Gmail), "2026-02-24, an, 18:30 N <A> rašė:");
        assert_eq!(line(&FINNISH, Client::Gmail), "ti 24. helmik. 2026 klo 18.30 N (A) kirjoitti:");
        assert_eq!(line(&ENGLISH, Client::Gmail), "On Tue, Feb 24, 2026 at 6:30\u{202F}PM N <A> wrote:");
        assert_eq!(line(&DUTCH, Client::Thunderbird), "Op 24-02-2026 om 18:30 schreef N:");
        assert!(ENGLISH.attribution(Client::OutlookWeb, &at, "N", "A").is_none());
    }

    #[test]
    fn a_name_with_marks_stays_as_it_is() {
        let at = date(2026, 2, 24).at(18, 30, 0, 0).in_tz("UTC").expect("a zone");
        let line = ENGLISH.attribution(Client::Thunderbird, &at, "100 %d {mo}", "a@x.example").expect("a line");
        assert_eq!(line, "On 24/02/2026 18:30, 100 %d {mo} wrote:");
    }

    #[test]
    fn every_language_is_told_by_its_own_words() {
        for dialect in ALL {
            assert_eq!(detect(dialect.stock.join(" ").as_str()).as_str(), dialect.lang);
        }
    }
}
