//! The newcomer's first command ends well: every guest of the demo is read as its script says.

use std::process::Command;

#[test]
fn the_demo_goes_as_its_script_says() {
    let demo = Command::new(env!("CARGO_BIN_EXE_convoke")).arg("demo").output().expect("convoke starts");
    let said = format!("{}{}", String::from_utf8_lossy(&demo.stdout), String::from_utf8_lossy(&demo.stderr));
    assert!(demo.status.success(), "{said}");
    assert!(!said.contains("not as in the script"), "{said}");
    // What it played with is gone: no command shows more of it.
    assert!(said.contains(" come.") && !said.contains("`convoke "), "{said}");
}
