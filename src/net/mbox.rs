//! An mbox: messages in one file, each after a line that begins with `From ` (RFC 4155).
//!
//! The file is only read, and may grow, shrink or be written anew by a mail program between two looks. So a place in it
//! carries a seal of the bytes before it: where they changed, the file is read again from its beginning.

use super::disk::{DiskError, time};
use jiff::{Timestamp, civil::DateTime, fmt::rfc2822, tz::TimeZone};
use sha2::{Digest, Sha256};
use std::{
    fmt,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom},
    os::unix::fs::FileExt as _,
    path::Path,
    str::FromStr,
};

/// The longest part of a line that is looked at in one go.
const LINE: u64 = 64 * 1024;
/// How many bytes before a place are sealed.
const SEALED: u64 = 1024;
/// How many bytes are walked through in one call where nothing is to be read.
const WALKED: u64 = 64 * 1024 * 1024;

/// One message of an mbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// What follows `From ` in the line before it, at most 200 bytes.
    pub envelope: String,
    /// Without the line before it and the empty line after it, `>From ` unquoted; at most as much as was asked for.
    pub raw: Vec<u8>,
    /// How long it is, in bytes.
    pub size: u64,
    /// Where the next one begins, counted from where the splitter began.
    pub end: u64,
    /// Nothing follows it: perhaps it is still being written.
    pub last: bool,
}

/// Takes an mbox apart, one message at a time; holds one message, or the beginning of it.
pub struct Splitter<R> {
    input: R,
    /// Where the next line begins.
    at: u64,
    bound: usize,
    /// The line with which the next message begins, and was read already.
    begun: Option<Vec<u8>>,
    /// The line before was empty, or there was none.
    after_empty: bool,
}

impl<R: BufRead> Splitter<R> {
    /// `bound` is how many bytes of one message are kept. What stands before the first `From ` is passed over.
    pub fn new(input: R, bound: usize) -> Self {
        Self { input, at: 0, bound, begun: None, after_empty: true }
    }

    /// A line, or 64 KiB of it; empty at the end.
    fn part(&mut self) -> io::Result<Vec<u8>> {
        let mut part = Vec::new();
        self.input.by_ref().take(LINE).read_until(b'\n', &mut part)?;
        self.at += part.len() as u64;
        Ok(part)
    }
}

impl<R: BufRead> Iterator for Splitter<R> {
    type Item = io::Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        self.piece().transpose()
    }
}

impl<R: BufRead> Splitter<R> {
    fn piece(&mut self) -> io::Result<Option<Piece>> {
        let mut piece: Option<Piece> = self.begun.take().map(|line| begin(&line));
        let mut empty = Vec::new();
        let mut at_start = true;
        loop {
            let begins = self.at;
            let part = self.part()?;
            if part.is_empty() {
                if let Some(piece) = &mut piece {
                    (piece.end, piece.last) = (self.at, true);
                }
                return Ok(piece);
            }
            if at_start && self.after_empty && part.starts_with(b"From ") {
                self.after_empty = false;
                match piece {
                    Some(mut piece) => {
                        self.begun = Some(part);
                        piece.end = begins;
                        return Ok(Some(piece));
                    }
                    None => piece = Some(begin(&part)),
                }
                empty.clear();
            } else if let Some(piece) = &mut piece {
                piece.add(&std::mem::take(&mut empty), self.bound);
                if at_start && matches!(part.as_slice(), b"\n" | b"\r\n") {
                    empty = part.clone(); // the last one belongs to the mbox
                } else {
                    piece.add(unquoted(&part, at_start), self.bound);
                }
            }
            self.after_empty = at_start && matches!(part.as_slice(), b"\n" | b"\r\n");
            at_start = part.ends_with(b"\n");
        }
    }
}

fn begin(line: &[u8]) -> Piece {
    let envelope: Vec<u8> = line.iter().skip(5).take(200).copied().collect();
    let envelope = String::from_utf8_lossy(&envelope).trim().to_owned();
    Piece { envelope, raw: Vec::new(), size: 0, end: 0, last: false }
}

impl Piece {
    fn add(&mut self, bytes: &[u8], bound: usize) {
        self.size += bytes.len() as u64;
        let room = bound.saturating_sub(self.raw.len()).min(bytes.len());
        self.raw.extend_from_slice(bytes.get(..room).unwrap_or_default());
    }

    /// When it was delivered: by the `From ` line, else by its Date header.
    ///
    /// The line names no zone as a rule; then UTC is meant (RFC 4155), though some programs write their local time.
    pub fn delivered(&self) -> Option<Timestamp> {
        envelope_date(&self.envelope).or_else(|| date_header(&self.raw))
    }
}

/// `>From ` and `>>From ` at the start of a line lose one `>`.
fn unquoted(part: &[u8], at_start: bool) -> &[u8] {
    let quoted = || part.iter().position(|byte| *byte != b'>').filter(|at| *at > 0).and_then(|at| part.get(at..));
    let quoted = at_start && quoted().is_some_and(|rest| rest.starts_with(b"From "));
    if quoted { part.get(1..).unwrap_or_default() } else { part }
}

/// The asctime at the end of an envelope line: `ana@x.example Thu Nov 26 10:00:00 2026`, with or without seconds and a zone.
fn envelope_date(envelope: &str) -> Option<Timestamp> {
    let words: Vec<&str> = envelope.split_ascii_whitespace().collect();
    let clock = words.iter().rposition(|word| word.contains(':') && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b':'))?;
    let (day, month) = (words.get(clock.checked_sub(1)?)?, words.get(clock.checked_sub(2)?)?);
    let after = words.get(clock + 1..)?;
    let year = after.iter().find(|word| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()))?;
    let time = words.get(clock)?;
    let seconds = if time.matches(':').count() == 1 { ":00" } else { "" };
    let local = DateTime::strptime("%Y %b %d %H:%M:%S", format!("{year} {month} {day} {time}{seconds}")).ok()?;
    let zone = after.iter().find(|word| word.len() == 5 && word.starts_with(['+', '-']));
    let zoned =
        zone.and_then(|zone| Timestamp::strptime("%Y-%m-%dT%H:%M:%S %z", format!("{} {zone}", local.strftime("%Y-%m-%dT%H:%M:%S"))).ok());
    zoned.or_else(|| local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp()))
}

fn date_header(raw: &[u8]) -> Option<Timestamp> {
    let lines = raw.split(|byte| *byte == b'\n').take(500).take_while(|line| !line.trim_ascii().is_empty());
    let value = lines.into_iter().find_map(|line| {
        let (name, value) = line.split_at_checked(5)?;
        name.eq_ignore_ascii_case(b"date:").then(|| String::from_utf8_lossy(value).trim().to_owned())
    })?;
    rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(value).ok()
}

/// Where the next message of an mbox begins, and how the bytes before it are recognised. Written `OFFSET SEAL`, and
/// ` walking` behind it as long as the first walk is not over.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Place {
    offset: u64,
    seal: String,
    /// True: messages from before the campaign are passed over.
    pub walking: bool,
}

impl Place {
    /// The beginning of a file that was never read, or is read again.
    pub fn start() -> Self {
        Self { walking: true, ..Self::default() }
    }

    fn of(file: &File, offset: u64, walking: bool) -> io::Result<Self> {
        Ok(Self { offset, seal: seal(file, offset)?, walking })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.offset, self.seal, if self.walking { " walking" } else { "" })
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut words = text.split(' ');
        let offset = words.next().and_then(|word| word.parse().ok()).ok_or(())?;
        Ok(Self { offset, seal: words.next().unwrap_or_default().to_owned(), walking: words.next() == Some("walking") })
    }
}

/// A digest of the last KiB before `offset`.
fn seal(file: &File, offset: u64) -> io::Result<String> {
    let length = offset.min(SEALED);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    file.read_exact_at(&mut bytes, offset - length)?;
    Ok(Sha256::digest(&bytes).iter().take(12).map(|byte| format!("{byte:02x}")).collect())
}

/// How long a file is and when it was changed last: two equal stamps mean that nobody wrote between.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    pub size: u64,
    pub modified: Timestamp,
}

/// One look at the disk.
pub fn stamp(path: &Path) -> Result<Stamp, DiskError> {
    let about = fs::metadata(path).map_err(|error| DiskError::of("mbox", path, &error))?;
    if !about.is_file() {
        let cure = if about.is_dir() { "; a folder with new and cur inside is named in [maildir]" } else { "" };
        return Err(DiskError::Wrong(format!("the mbox {} is not a file{cure}", path.display())));
    }
    Ok(Stamp { size: about.len(), modified: time(about.modified()) })
}

/// What is asked of [`read`].
#[derive(Clone, Debug)]
pub struct Wanted {
    pub place: Place,
    /// At most so many messages.
    pub messages: usize,
    /// No further message once so many bytes are held.
    pub bytes: u64,
    /// How many bytes of one message are kept.
    pub bound: usize,
    /// Messages delivered before are passed over in a walk.
    pub since: Timestamp,
    /// The file as it was at the last look, where nobody wrote for a while since: then its last message is whole.
    pub settled: Option<Stamp>,
}

/// What lay at a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// Each with the place behind it.
    pub pieces: Vec<(Piece, Place)>,
    /// Behind everything that was passed over or is in `pieces`.
    pub place: Place,
    /// The bytes before the place had changed, so the file was read from its beginning.
    pub anew: bool,
    /// The file as it was read.
    pub stamp: Stamp,
    /// Everything was read but a last message that may not be whole yet.
    pub tail: bool,
    /// Nothing more is there; false: ask again from the new place.
    pub over: bool,
}

/// The messages behind a place.
pub fn read(path: &Path, wanted: &Wanted) -> Result<Batch, DiskError> {
    stamp(path)?;
    look(path, wanted).map_err(|error| DiskError::of("mbox", path, &error))
}

fn look(path: &Path, wanted: &Wanted) -> io::Result<Batch> {
    let mut file = File::open(path)?;
    let about = file.metadata()?;
    let stamp = Stamp { size: about.len(), modified: time(about.modified()) };
    let (place, anew) = match resume(&file, &wanted.place, stamp.size)? {
        Some(true) => (wanted.place.clone(), false),
        Some(false) => (Place::start(), true),
        None => return Ok(Batch { pieces: Vec::new(), place: wanted.place.clone(), anew: false, stamp, tail: true, over: true }),
    };
    let mut batch = Batch { pieces: Vec::new(), place: place.clone(), anew, stamp, tail: false, over: false };
    file.seek(SeekFrom::Start(place.offset))?;
    let mut bytes = 0;
    let mut more = true;
    let input = BufReader::with_capacity(256 * 1024, Read::take(&file, stamp.size - place.offset));
    let mut splitter = Splitter::new(input, wanted.bound);
    while more {
        let Some(piece) = splitter.piece()? else {
            batch.over = true;
            break;
        };
        if piece.last && wanted.settled != Some(stamp) {
            batch.tail = true;
            break;
        }
        let offset = place.offset + piece.end;
        if place.walking && piece.delivered().is_some_and(|delivered| delivered < wanted.since) {
            batch.place.offset = offset;
            more = piece.end <= WALKED;
            continue;
        }
        bytes += piece.raw.len() as u64;
        batch.place = Place::of(&file, offset, place.walking)?;
        batch.pieces.push((piece, batch.place.clone()));
        more = batch.pieces.len() < wanted.messages && bytes < wanted.bytes;
    }
    batch.over |= batch.tail || batch.place.offset >= stamp.size;
    let walking = place.walking && !batch.over;
    batch.place = Place::of(&file, batch.place.offset, walking)?;
    Ok(batch)
}

/// Whether a place is still one: true, or false where the file must be read anew. None where only the beginning of a
/// `From ` line is there yet.
fn resume(file: &File, place: &Place, size: u64) -> io::Result<Option<bool>> {
    if place.offset > size || place.offset > 0 && place.seal != seal(file, place.offset)? {
        return Ok(Some(false));
    }
    let mut ahead = [0; 64];
    let read = file.read_at(&mut ahead, place.offset)?;
    let ahead = ahead.get(..read).unwrap_or_default();
    let line = ahead.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).and_then(|at| ahead.get(at..)).unwrap_or_default();
    if line.starts_with(b"From ") || place.offset == 0 {
        return Ok(Some(true));
    }
    Ok(match b"From ".starts_with(line) {
        true if line.is_empty() => Some(true),
        true => None,
        false => Some(false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, bound: usize) -> Vec<Piece> {
        Splitter::new(text.as_bytes(), bound).map(|piece| piece.expect("memory can be read")).collect()
    }

    fn raws(text: &str) -> Vec<String> {
        split(text, 1_000_000).into_iter().map(|piece| String::from_utf8(piece.raw).expect("text")).collect()
    }

    #[test]
    fn messages_are_told_apart_as_they_were_put_together() {
        let text = "From a\nA: 1\n\nbody\nFrom here on\n>From quoted\n>>From twice\n\n\nFrom b\nB: 2\n\n\n";
        assert_eq!(raws(text), ["A: 1\n\nbody\nFrom here on\nFrom quoted\n>From twice\n\n", "B: 2\n\n"]);
        assert_eq!(raws(&text.replace('\n', "\r\n")).len(), 2);
        for nothing in ["", "no mbox\n\nat all\n", "Fro"] {
            assert_eq!(raws(nothing), Vec::<String>::new());
        }
        assert_eq!(raws("preamble\n\nFrom a\nX: 1\n"), ["X: 1\n"]);
    }

    #[test]
    fn places_are_where_the_next_one_begins() {
        let text = "From a\nA: 1\n\nFrom b\nB: 2\n\nend";
        let found = split(text, 3);
        let ends: Vec<(u64, bool)> = found.iter().map(|piece| (piece.end, piece.last)).collect();
        assert_eq!(ends, [(13, false), (text.len() as u64, true)]);
        assert_eq!((found[1].raw.as_slice(), found[1].size), (b"B: ".as_slice(), 9));
        assert!(text.get(13..).is_some_and(|rest| rest.starts_with("From b")));
    }

    #[test]
    fn an_endless_line_is_held_in_part_only() {
        let long = "x".repeat(300_000);
        let text = format!("From a\n{long}\n\nFrom b\nX: {long}From c\n");
        let found = split(&text, 100);
        let sizes: Vec<(usize, u64)> = found.iter().map(|piece| (piece.raw.len(), piece.size)).collect();
        assert_eq!(sizes, [(100, 300_001), (100, 300_010)]);
    }

    #[test]
    fn envelope_dates_as_programs_write_them() {
        for (envelope, utc) in [
            ("ana@x.example Thu Nov 26 10:00:00 2026", Some("2026-11-26T10:00:00Z")),
            ("ana@x.example  Thu Nov  5 10:00 2026", Some("2026-11-05T10:00:00Z")),
            ("- Thu Nov 26 10:00:00 UTC 2026", Some("2026-11-26T10:00:00Z")),
            ("12:00@x.example Thu Nov 26 10:00:00 2026 +0200", Some("2026-11-26T08:00:00Z")),
            ("ana@x.example Thu Nov 26 10:00:00 +0200 2026", Some("2026-11-26T08:00:00Z")),
            ("ana@x.example", None),
            ("10:00:00", None),
            ("ana@x.example Thu Nov 99 10:00:00 2026", None),
        ] {
            assert_eq!(envelope_date(envelope).map(|at| at.to_string()).as_deref(), utc, "{envelope}");
        }
        let piece = split("From nobody\nX: y\nDate: Mon, 26 Nov 2026 10:00:00 +0200\n\nDate: no\n", 1_000).remove(0);
        assert_eq!(piece.delivered().map(|at| at.to_string()).as_deref(), Some("2026-11-26T08:00:00Z"));
    }

    #[test]
    fn a_place_survives_being_written_down() {
        for place in
            [Place::start(), Place { offset: 7, seal: "ab12".into(), walking: false }, Place { offset: 9, seal: "c".into(), walking: true }]
        {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        assert_eq!("x".parse::<Place>(), Err(()));
    }
}
