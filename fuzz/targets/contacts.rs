//! Any bytes as a guest list: every row becomes a guest, is merged, or is complained of.
#![no_main]

use convoke::contacts::{MAX_CELL_CHARS, read};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else { return };
    let file = ["list.csv", "list.tsv", "list.xlsx", "list.vcf"][usize::from(*choice) % 4];
    match read(file, bytes) {
        Err(why) => assert!(why.to_string().starts_with(file)),
        Ok(list) => {
            let complained: BTreeSet<u32> = list.complaints.iter().map(|complaint| complaint.row).collect();
            assert!(list.guests.len() + list.merged + complained.len() >= list.rows, "a row was lost");
            assert!(list.guests.len() <= list.rows);
            let addresses: BTreeSet<&str> = list.guests.iter().map(|guest| guest.email.as_str()).collect();
            assert!(addresses.len() <= list.guests.len());
            assert!(list.guests.iter().all(|guest| guest.fields.values().all(|cell| cell.chars().count() <= MAX_CELL_CHARS)));
            let skipped = list.skipped_csv();
            if !list.complaints.is_empty() {
                // What was left out can be mended and read again; as it stands it holds no guest.
                let _ = read("skipped.csv", &skipped);
            }
        }
    }
});
