//! README.md says what happens: every ```console block is run, and its output must be what is shown.
//!
//! The blocks are one story in one folder. A line `$ …` is a command; what follows is its output, both streams in one.
//! A line with only `…` stands for any lines, a `…` inside a line for any text.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A command as shown, with the line where it stands.
struct Shown {
    line: usize,
    command: String,
    output: Vec<String>,
}

fn shown(readme: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    let (mut inside, mut fresh) = (false, false);
    for (at, line) in readme.lines().enumerate() {
        match line {
            "```console" => (inside, fresh) = (true, true),
            "```" => inside = false,
            _ if !inside => {}
            _ => match line.strip_prefix("$ ") {
                Some(command) => {
                    fresh = false;
                    found.push(Shown { line: at + 1, command: command.to_owned(), output: Vec::new() });
                }
                None => {
                    assert!(!fresh, "README.md, line {}: a block begins with output", at + 1);
                    found.last_mut().expect("a command stands above").output.push(line.to_owned());
                }
            },
        }
    }
    found
}

fn run(command: &str, folder: &Path) -> Vec<String> {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_convoke"));
    let path = format!("{}:/usr/bin:/bin", program.parent().expect("a folder").display());
    let ended = Command::new("/bin/sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    String::from_utf8(ended.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

fn lines_match(shown: &[String], real: &[String]) -> bool {
    match shown.split_first() {
        None => real.is_empty(),
        Some((first, rest)) if first.trim() == "…" => (0..=real.len()).any(|skip| lines_match(rest, &real[skip..])),
        Some((first, rest)) => real.split_first().is_some_and(|(line, others)| text_matches(first, line) && lines_match(rest, others)),
    }
}

fn text_matches(shown: &str, real: &str) -> bool {
    match shown.split_once('…') {
        None => shown == real,
        Some((before, rest)) => real
            .strip_prefix(before)
            .is_some_and(|real| real.char_indices().map(|(at, _)| at).chain([real.len()]).any(|at| text_matches(rest, &real[at..]))),
    }
}

#[test]
fn what_the_readme_shows_is_what_happens() {
    let readme = include_str!("../README.md");
    let shown = shown(readme);
    assert!(shown.len() >= 6, "the blocks were not found");
    let folder = tempfile::tempdir().expect("a folder");
    for Shown { line, command, output } in shown {
        let real = run(&command, folder.path());
        assert!(
            lines_match(&output, &real),
            "README.md, line {line}: {command}\n--- shown\n{}\n--- real\n{}\n",
            output.join("\n"),
            real.join("\n")
        );
    }
}

#[test]
fn a_wildcard_stands_for_anything_and_other_text_for_itself() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    for (shown, real, same) in [
        ("a\n…\nc", "a\nb\nb\nc", true),
        ("a\n…\nc", "a\nc", true),
        ("a\n…", "a", true),
        ("a [#…] b", "a [#x1] b", true),
        ("a [#…] b", "a [#x1] c", false),
        ("a", "a\nb", false),
        ("a\nb", "a", false),
        ("", "a", false),
    ] {
        assert_eq!(lines_match(&lines(shown), &lines(real)), same, "{shown:?} {real:?}");
    }
}

#[test]
fn the_reference_names_every_command_and_key() {
    let readme = include_str!("../README.md");
    let help = Command::new(env!("CARGO_BIN_EXE_convoke")).arg("--help").output().expect("it runs").stdout;
    let help = String::from_utf8(help).expect("UTF-8");
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?.split(' ').next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() >= 18, "{help}");
    let reference = readme.split("## Reference: commands").nth(1).expect("the reference");
    for command in commands {
        assert!(reference.contains(&format!("`{command}")), "README.md does not name the command {command}");
    }
    for starter in [convoke::config::starter_config(), &convoke::config::starter_campaign("a", jiff::civil::date(2099, 1, 1), "UTC")] {
        for key in starter.lines().filter_map(|line| line.trim_start_matches("# ").split_once(" = ")).map(|(key, _)| key) {
            assert!(key.contains(' ') || readme.contains(&format!("`{key}`")), "README.md does not name the key {key}");
        }
    }
}
