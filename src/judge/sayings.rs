//! What guests say that sounds like something else ("I will be there in spirit", "I cannot register") or stands beside the answer (a
//! wish for no more letters, those without whom the guest comes, animals): phrases in every language of the judge (`words/sayings.tsv`),
//! because the learned witness takes many of these for what they are not, and hears too few of the wishes.
//!
//! No answer is recorded because of them; with them it may need a look.

use super::{lexicon::expression, text::Text};
use regex::bytes::{Regex, RegexBuilder};
use std::{
    borrow::Cow,
    collections::HashMap,
    ops::Range,
    sync::{LazyLock, OnceLock},
};

/// So few words correct nothing.
const MIN_WORDS: usize = 2;
const PHRASES: &str = include_str!("words/sayings.tsv");

/// What such a phrase says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Saying {
    /// Who is there "in spirit" does not come.
    Spirit,
    /// Who is busy or elsewhere then does not come.
    Busy,
    /// Next year is another event.
    Later,
    /// Who cannot register may want to come.
    Unable,
    /// "Oh wait" takes back what stands above it.
    Correction,
    /// Who wants off the list of guests, or gives a seat back, may like to have other letters.
    Guests,
    /// Who says what not to do with the list; in the most spoken languages alone.
    Keep,
    /// Who wants no more letters; not in every language.
    Off,
    /// Who asks not to be kept on the list wants off it, though words of [`Self::Keep`] stand there; where the idiom is certain.
    NotKeep,
    /// Who wants to be put back on the list, or was taken off it by mistake. Whether it is denied is not looked at.
    Back,
    /// Who represents somebody comes; it is the other who does not.
    StandsIn,
    /// Without whom the guest comes, who only drives, who came last year.
    Others,
    /// Who is glad that you come speaks of their own event.
    Yours,
    /// Who comes "with my two dogs" is one guest.
    Animals,
    /// Who shares a sorrow takes part in no event, though some languages have one word for both.
    Sorrow,
    /// Whom to ask in urgent cases, and who stands in meanwhile, stands in a note of absence as a program sends it.
    Absence,
    /// Who has booked the hall serves the event.
    Hall,
    /// "Sorry to hear that you cannot come" is said of somebody else; in the most spoken languages alone.
    Pity,
    /// "If I were not on duty" says that one is; where the idiom is certain.
    Unreal,
}

impl Saying {
    const ALL: [(&str, Self); 19] = [
        ("spirit", Self::Spirit),
        ("busy", Self::Busy),
        ("later", Self::Later),
        ("unable", Self::Unable),
        ("correction", Self::Correction),
        ("guests", Self::Guests),
        ("keep", Self::Keep),
        ("off", Self::Off),
        ("not_keep", Self::NotKeep),
        ("back", Self::Back),
        ("stands_in", Self::StandsIn),
        ("others", Self::Others),
        ("yours", Self::Yours),
        ("animals", Self::Animals),
        ("sorrow", Self::Sorrow),
        ("unreal", Self::Unreal),
        ("absence", Self::Absence),
        ("hall", Self::Hall),
        ("pity", Self::Pity),
    ];

    /// Whether one of its phrases stands in a text; [`Self::Keep`] and [`Self::Back`] not inside a phrase of
    /// [`Self::NotKeep`].
    pub(super) fn is_in(self, said: &str) -> bool {
        let plain = plain(said);
        let negated = Some(Self::NotKeep).filter(|_| matches!(self, Self::Keep | Self::Back)).and_then(Self::phrases);
        let text = negated.map_or(Cow::Borrowed(plain.as_bytes()), |negated| negated.replace_all(plain.as_bytes(), b" $ "));
        self.phrases().is_some_and(|phrases| phrases.is_match(&text))
    }

    /// The first sentence behind `from` that begins with one of its phrases, and what stands behind a short one. One word must have
    /// others behind it: Edit is a name, too.
    pub(super) fn begins(self, said: &str, from: usize) -> Option<Range<usize>> {
        let sentences = Text::of(said).sentences;
        let is_one = |start: usize, end: usize| {
            let plain = |end| plain(said.get(start..end).unwrap_or_default());
            let (sentence, rest) = (plain(end), || plain(said.len()));
            let hit = self.phrases().and_then(|phrases| phrases.find(sentence.as_bytes()).map(|hit| hit.range()));
            let is_first = |start| sentence.get(..start).is_some_and(|before| words(before) == 0);
            let of_hit = |hit: Range<usize>| sentence.get(hit).map_or(0, words);
            hit.is_some_and(|hit| is_first(hit.start) && (of_hit(hit) > 1 || words(&rest()) > MIN_WORDS))
        };
        let at = sentences.iter().position(|sentence| sentence.start >= from && is_one(sentence.start, sentence.end))?;
        let first = sentences.get(at)?;
        let is_short = words(&plain(said.get(first.start..first.end)?)) <= MIN_WORDS;
        let last = sentences.get(at + 1).filter(|_| is_short).unwrap_or(first);
        Some(first.start..last.end)
    }

    /// Of all languages at once: which one a few words are in is often not plain.
    fn phrases(self) -> Option<&'static Regex> {
        static ALL: LazyLock<HashMap<Saying, OnceLock<Option<Regex>>>> =
            LazyLock::new(|| Saying::ALL.into_iter().map(|(_, saying)| (saying, OnceLock::new())).collect());
        ALL.get(&self)?.get_or_init(|| self.compiled()).as_ref()
    }

    /// Over bytes: what is not a blank or a mark is one byte there, in Unicode any of the ways to write a letter.
    fn compiled(self) -> Option<Regex> {
        let of_this = |(_, name, phrases): (&str, &str, &'static str)| Self::named(name).filter(|saying| *saying == self).map(|_| phrases);
        let ways: Vec<String> = rows().filter_map(of_this).flat_map(|row| row.split(" / ")).map(|way| expression(way, &NO_SETS)).collect();
        RegexBuilder::new(&ways.join("|")).unicode(false).size_limit(16 << 20).build().ok()
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, saying)| *saying)
    }
}

static NO_SETS: LazyLock<HashMap<&'static str, String>> = LazyLock::new(HashMap::new);

/// Language, kind and phrases.
fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lines = PHRASES.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(lang, rest)| rest.split_once('\t').map(|(kind, phrases)| (lang, kind, phrases)))
}

/// What patterns run over; an apostrophe ends a word here, because the file has them so.
fn plain(said: &str) -> String {
    Text::of(said).plain.replace('\'', "  ")
}

fn words(plain: &str) -> usize {
    plain.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::text::fold;

    const OF_SOME: [Saying; 11] = [
        Saying::Keep,
        Saying::Off,
        Saying::NotKeep,
        Saying::Others,
        Saying::Yours,
        Saying::Animals,
        Saying::Sorrow,
        Saying::Unreal,
        Saying::Absence,
        Saying::Hall,
        Saying::Pity,
    ];

    #[test]
    fn every_row_is_folded_and_of_a_kind_and_every_language_has_each() {
        let mut seen: HashMap<&str, Vec<Saying>> = HashMap::new();
        let lines = PHRASES.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(rows().count(), lines, "a line without its cells");
        for (lang, kind, phrases) in rows() {
            assert!(!phrases.contains('\t'), "{lang} {kind}: too many cells");
            seen.entry(lang).or_default().push(Saying::named(kind).unwrap_or_else(|| panic!("{lang} {kind}")));
            let ways: Vec<&str> = phrases.split(" / ").collect();
            let double = ways.iter().enumerate().find(|(at, way)| ways.iter().take(*at).any(|other| other == *way));
            assert!(double.is_none(), "{lang} {kind}: {double:?} twice");
            for word in phrases.split([' ', '|']).filter(|word| !["/", "..", "...", "^", "$", ""].contains(word)) {
                let letters = word.trim_end_matches(['*', '?']);
                assert!(!letters.is_empty() && fold(letters) == letters, "{lang} {kind}: {word:?} is not folded");
            }
        }
        assert!(seen.len() >= 39, "{:?}", seen.keys());
        let have = |saying| seen.values().filter(|sayings| sayings.contains(&saying)).count();
        assert_eq!(have(Saying::Off), 30, "as models/README.md says");
        assert_eq!(have(Saying::NotKeep), 27, "as CHANGELOG.md says");
        assert_eq!(have(Saying::Back), 39, "as CHANGELOG.md says");
        for (_, saying) in Saying::ALL {
            assert!(saying.phrases().is_some(), "{saying:?}");
            for (lang, sayings) in &seen {
                assert!(OF_SOME.contains(&saying) || sayings.contains(&saying), "{lang} has no phrases for {saying:?}");
            }
        }
    }

    #[test]
    fn who_asks_not_to_be_kept_on_a_list_wants_off_it() {
        for said in [
            "Please do not keep me on your list.",
            "There is no need to keep us on the mailing list.",
            "I no longer wish to remain on your list.",
            "Bitte behalten Sie mich nicht in Ihrem Verteiler.",
            "Merci de ne pas me garder sur votre liste.",
            "No me mantengan en su lista.",
            "Non è necessario tenermi nella vostra lista.",
            "Nu mă mai păstrați pe listă.",
            "U hoeft mij niet op de lijst te houden.",
            "Ni behöver inte ha mig på listan.",
            "Behold mig ikke på listen.",
            "Älkää pitäkö minua listalla.",
            "Proszę nie trzymać mnie na liście.",
            "Nechci zůstat v seznamu.",
            "Не залишайте мене у списку розсилки.",
            "Немојте ме држати на листи.",
        ] {
            assert!(Saying::NotKeep.is_in(said) && !Saying::Keep.is_in(said), "{said}");
        }
        for said in [
            "Please keep me on your list.",
            "Do not remove me from the list.",
            "I do not wish to be removed from the list.",
            "Nechci být odhlášen ze seznamu.",
            "Nu vreau să fiu scos de pe listă.",
            "Nothing could keep me from coming.",
            "Please do not keep me waiting.",
        ] {
            assert!(!Saying::NotKeep.is_in(said), "{said}");
        }
        assert!(Saying::Keep.is_in("Do not keep me on the list of the spring, but please keep me on the list of the autumn."));
    }

    #[test]
    fn who_wants_back_on_a_list_says_so() {
        for said in [
            "I unsubscribed by mistake, please put me back on the list.",
            "Ich habe mich versehentlich abgemeldet.",
            "Je me suis désabonné par erreur, remettez-moi sur la liste.",
            "Zet me er alsjeblieft weer op, ik heb me per ongeluk uitgeschreven.",
            "Mi sono cancellato per errore, rimettetemi in lista.",
            "Me di de baja por error, vuelvan a incluirme.",
            "Puneți-mă la loc pe listă.",
            "Kliknąłem przez pomyłkę, proszę dopisać mnie ponownie.",
            "Omylem jsem se odhlásil, vraťte mě zpátky.",
            "Verjetno sem se pomotoma odjavil.",
            "Råkade avprenumerera, lägg tillbaka mig.",
            "Випадково натиснув «відписатися», поверніть мене у список.",
            "Διαγράφηκα κατά λάθος, βάλτε με πάλι.",
            "Leiratkoztam véletlenül, vegyenek fel.",
        ] {
            assert!(Saying::Back.is_in(said), "{said}");
        }
        for said in [
            "Take me off the list, please.",
            "Please do not keep me on the list.",
            "Do not send me anything back.",
            "Bitte streichen Sie mich aus dem Verteiler.",
            "Laissez-moi tranquille.",
            "Jättäkää minut rauhaan.",
            "Ostavite me na miru.",
            "Nechte mě být.",
            "Vennligst meld meg av igjen.",
            "Vegyenek le újra a listáról!",
            "Võtke mind jälle nimekirjast maha.",
            "Skriv mig af igen.",
            "Dajte me spet z liste dol.",
        ] {
            assert!(!Saying::Back.is_in(said), "{said}");
        }
    }

    #[test]
    fn a_correction_begins_its_sentence() {
        for (said, from, found) in [
            ("I will come. Oh wait, then no.", 0, Some("Oh wait, then no")),
            ("I will come. Oh wait, then no.", 14, None),
            ("I will come, no need to wait.", 0, None),
            ("Megyek! Edit", 0, None),
            ("I will come. Edit: just saw the date, I am away.", 0, Some("Edit: just saw the date, I am away")),
        ] {
            let span = Saying::Correction.begins(said, from).and_then(|span| said.get(span));
            assert_eq!(span, found, "{said:?} from {from}");
        }
    }
}
