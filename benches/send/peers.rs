//! The senders beside convoke: smtp-source, nodemailer's pool and lettre's pool, fetched and built into `target/peers`.

use super::place::Place;
use super::process::program;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The peers, ready to run.
pub struct Peers {
    smtp_source: PathBuf,
    nodemailer: PathBuf,
    lettre: PathBuf,
    /// Where `letter.txt` and `letter.html` are: what our letter to one guest says, with that guest's name taken out.
    templates: PathBuf,
    /// What smtp-source sends, in bytes.
    letter: usize,
}

impl Peers {
    /// Fetches nodemailer (by npm, pinned in its package.json), builds the crate with lettre, and writes their templates.
    pub fn prepare(place: &Place) -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let built = root.join("target/peers");
        let nodemailer = built.join("nodemailer");
        std::fs::create_dir_all(&nodemailer).map_err(|error| format!("{}: {error}", nodemailer.display()))?;
        for name in ["package.json", "send.js"] {
            let from = root.join("benches/peers/nodemailer").join(name);
            std::fs::copy(&from, nodemailer.join(name)).map_err(|error| format!("{}: {error}", from.display()))?;
        }
        let mut npm = Command::new("npm");
        finish(npm.args(["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", "--prefix"]).arg(&nodemailer))?;
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--release", "--locked", "--quiet", "--manifest-path"]).arg(root.join("benches/peers/lettre/Cargo.toml"));
        finish(cargo.arg("--target-dir").arg(built.join("lettre")))?;
        let lettre = built.join("lettre/release/convoke-bench-lettre");
        let (templates, letter) = place.templates_for_peers()?;
        Ok(Self { smtp_source: program("smtp-source", "postfix"), nodemailer, lettre, templates, letter })
    }

    /// Each message over a kept connection (-d), which is smtp-source's fastest way, and to another recipient each (-N).
    pub fn smtp_source(&self, port: u16, connections: usize, letters: usize) -> Command {
        let mut command = Command::new(&self.smtp_source);
        // Its own headers are about 150 bytes.
        let length = self.letter.saturating_sub(150).to_string();
        command.args(["-d", "-N", "-s", &connections.to_string(), "-m", &letters.to_string(), "-l", &length]);
        command.args(["-M", "primaria.example", "-f", "workshop@primaria.example", "-t", "@post.example"]);
        command.arg(format!("127.0.0.1:{port}"));
        command
    }

    pub fn nodemailer(&self, port: u16, connections: usize, letters: usize, ca: Option<&Path>) -> Command {
        let mut command = Command::new("node");
        command.arg(self.nodemailer.join("send.js"));
        self.words(command, port, connections, letters, ca)
    }

    pub fn lettre(&self, port: u16, connections: usize, letters: usize, ca: Option<&Path>) -> Command {
        self.words(Command::new(&self.lettre), port, connections, letters, ca)
    }

    fn words(&self, mut command: Command, port: u16, connections: usize, letters: usize, ca: Option<&Path>) -> Command {
        command.args([port.to_string(), connections.to_string(), letters.to_string()]);
        command.arg(if ca.is_some() { "starttls" } else { "plain" }).arg(ca.unwrap_or(Path::new("-"))).arg(&self.templates);
        command
    }
}

/// Runs a command of the set-up to its end.
pub fn finish(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(said(&output.stdout))
    } else {
        Err(format!("{command:?} ended with {}:\n{}{}", output.status, said(&output.stdout), said(&output.stderr)))
    }
}
