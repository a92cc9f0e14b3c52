//! `winmail.dat`: the answer that Exchange sends where it believes in rich text.
//!
//! Only the message class is read (MS-OXTNEF §2.1.3.3): a signature, a key, then attributes of level, id, length,
//! data and checksum. Whose answer it is must come from the addresses.

use crate::model::Answer;

const SIGNATURE: u32 = 0x223E_9F78;
const MESSAGE_CLASS: u32 = 0x0007_8008;
/// More attributes than this are not looked at.
const MAX_ATTRIBUTES: usize = 500;

/// The answer that a meeting response in TNEF gives; None for every other message class and for what is no TNEF.
pub(super) fn answer(bytes: &[u8]) -> Option<Answer> {
    let (signature, mut rest) = number(bytes)?;
    if signature != SIGNATURE {
        return None;
    }
    rest = rest.get(2..)?;
    for _ in 0..MAX_ATTRIBUTES {
        let (id, after) = number(rest.get(1..)?)?;
        let (length, after) = number(after)?;
        let length = usize::try_from(length).ok()?;
        let data = after.get(..length)?;
        if id == MESSAGE_CLASS {
            return of_class(&String::from_utf8_lossy(data));
        }
        rest = after.get(length.checked_add(2)?..)?;
    }
    None
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (four, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*four), rest))
}

fn of_class(class: &str) -> Option<Answer> {
    let class = class.trim_matches(['\0', ' ']).to_ascii_lowercase();
    if let Some((_, kind)) = class.split_once("schedule.mtgresp") {
        return match kind {
            "p" => Some(Answer::Accept),
            "n" => Some(Answer::Decline),
            "a" => Some(Answer::Tentative),
            _ => None,
        };
    }
    match class.split_once("schedule.meeting.resp.")?.1 {
        "pos" => Some(Answer::Accept),
        "neg" => Some(Answer::Decline),
        "tent" => Some(Answer::Tentative),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn winmail(class: &str) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_le_bytes().to_vec();
        bytes.extend([1, 0]);
        for (id, data) in [(0x0008_9006_u32, &[0, 0, 1, 0][..]), (MESSAGE_CLASS, format!("{class}\0").as_bytes())] {
            bytes.push(1);
            bytes.extend(id.to_le_bytes());
            bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
            bytes.extend(data);
            bytes.extend([0, 0]);
        }
        bytes
    }

    #[test]
    fn meeting_responses() {
        for (class, expected) in [
            ("IPM.Microsoft Schedule.MtgRespP", Some(Answer::Accept)),
            ("IPM.Microsoft Schedule.MtgRespN", Some(Answer::Decline)),
            ("IPM.Microsoft Schedule.MtgRespA", Some(Answer::Tentative)),
            ("IPM.Schedule.Meeting.Resp.Pos", Some(Answer::Accept)),
            ("IPM.Schedule.Meeting.Resp.Neg", Some(Answer::Decline)),
            ("IPM.Schedule.Meeting.Resp.Tent", Some(Answer::Tentative)),
            ("IPM.Microsoft Mail.Note", None),
            ("IPM.Microsoft Schedule.MtgReq", None),
        ] {
            assert_eq!(answer(&winmail(class)), expected, "{class}");
        }
    }

    #[test]
    fn damaged() {
        let whole = winmail("IPM.Schedule.Meeting.Resp.Pos");
        for end in 0..whole.len() - 2 {
            assert_eq!(answer(whole.get(..end).unwrap()), None);
        }
        let mut huge = SIGNATURE.to_le_bytes().to_vec();
        huge.extend([0xFF; 1000]);
        assert_eq!(answer(&huge), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(mut bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            answer(&bytes);
            bytes.splice(0..0, SIGNATURE.to_le_bytes());
            answer(&bytes);
        }
    }
}
