//! Every fuzz target still compiles, and takes every seed and every seed cut short: what `fuzz/run` begins with.

extern crate self as libfuzzer_sys;

use std::path::Path;

/// Stands in for that of libfuzzer-sys, so that the targets are plain functions here.
#[macro_export]
macro_rules! fuzz_target {
    (|$data:ident: &[u8]| $body:block) => {
        pub fn run($data: &[u8]) $body
    };
}

macro_rules! targets {
    ($($name:ident, $seeds:literal, $file:literal;)*) => {
        $(
            #[allow(unused_attributes, unused_imports, clippy::all, clippy::pedantic, clippy::restriction, reason = "written for another build")]
            #[path = $file]
            mod $name;
        )*
        const TARGETS: &[(&str, &str, fn(&[u8]))] = &[$((stringify!($name), $seeds, $name::run)),*];
    };
}

targets! {
    read, "read", "../fuzz/targets/read.rs";
    pair, "read", "../fuzz/targets/pair.rs";
    calendar, "calendar", "../fuzz/targets/calendar.rs";
    contacts, "contacts", "../fuzz/targets/contacts.rs";
    templates, "templates", "../fuzz/targets/templates.rs";
}

#[test]
fn every_target_takes_every_seed() {
    for (name, seeds, run) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(seeds);
        let mut count = 0;
        for entry in std::fs::read_dir(&folder).expect("the seeds") {
            let seed = std::fs::read(entry.expect("a seed").path()).expect("a seed");
            for end in [seed.len(), seed.len() / 2, seed.len() / 3] {
                run(&seed[..end]);
            }
            count += 1;
        }
        assert!(count >= 4, "{name} has {count} seeds in {}", folder.display());
    }
}
