//! Secrets as typed, and how each is fetched.

use super::{
    Environment, Refused,
    document::{Document, Table, Value},
};
use crate::net::Secret;
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::io::{AsyncRead, AsyncReadExt};
use toml::de::DeValue;

/// The longest secret, and the longest output of a command that is read, in bytes.
const LONGEST: u64 = 64 * 1024;
/// How long a command may take; long enough for someone to unlock a key ring.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) const FORMS: &str =
    "{ env = \"VARIABLE\" }, { file = \"PATH\" }, { command = \"COMMAND\" } or { credential = \"NAME\" } (systemd)";

/// Where a secret is to be found; never the secret itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SecretForm {
    /// A variable of the environment.
    Env(String),
    /// A file; a line break at its end is dropped.
    File(PathBuf),
    /// A shell command, run in the folder of the file; what it prints, without white space around it.
    Command(String),
    /// A file in `$CREDENTIALS_DIRECTORY`, which systemd fills from `LoadCredential=`.
    Credential(String),
}

/// How to sign in, as typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SignIn {
    None,
    Password(SecretForm),
    /// A shell command that prints an OAuth2 access token; run by whoever connects, for each sign-in.
    TokenCommand(String),
}

impl SignIn {
    /// Reads `password` and `oauth2` of a server's table.
    pub(super) fn of(table: &Table<'_>) -> Result<Self, Refused> {
        match (table.get("password"), table.get("oauth2")) {
            (Some(_), Some(oauth2)) => Err(oauth2.refused("stands beside `password`; keep one of the two")),
            (Some(password), None) => SecretForm::of(&password).map(Self::Password),
            (None, Some(oauth2)) => match oauth2.value {
                DeValue::Table(_) => {
                    let command = oauth2.table()?.need("token_command")?.text()?.to_owned();
                    Ok(Self::TokenCommand(command))
                }
                _ => Err(oauth2.refused("must be { token_command = \"COMMAND\" }, a command that prints an access token")),
            },
            (None, None) => Ok(Self::None),
        }
    }
}

impl SecretForm {
    fn of(value: &Value<'_, '_>) -> Result<Self, Refused> {
        if matches!(value.value, DeValue::String(_)) {
            return Err(value.refused(format!("stands in the file in plain sight; write {FORMS}")));
        }
        if !matches!(value.value, DeValue::Table(_)) {
            return Err(value.refused(format!("is not where a secret can be found; write {FORMS}")));
        }
        let table = value.table()?;
        let mut forms = Vec::new();
        if let Some(env) = table.get("env") {
            forms.push(Self::Env(env.text()?.to_owned()));
        }
        if let Some(file) = table.get("file") {
            forms.push(Self::File(file.path()?));
        }
        if let Some(command) = table.get("command") {
            forms.push(Self::Command(command.text()?.to_owned()));
        }
        if let Some(credential) = table.get("credential") {
            let name = credential.text()?;
            if name.contains('/') || name == ".." || name == "." {
                return Err(credential.refused("must be the name of a credential, not a path; see LoadCredential= of the systemd unit"));
            }
            forms.push(Self::Credential(name.to_owned()));
        }
        match <[Self; 1]>::try_from(forms) {
            Ok([form]) => Ok(form),
            Err(forms) if forms.is_empty() => Err(value.refused(format!("says nothing; write {FORMS}"))),
            Err(_) => Err(value.refused(format!("has several sources; keep one of {FORMS}"))),
        }
    }

    /// A secret file that others may read, as a sentence for the organiser; None where all is well or
    /// where the file cannot be looked at (fetching it will say why).
    pub(super) fn exposed(&self) -> Option<String> {
        use std::os::unix::fs::PermissionsExt;
        let Self::File(path) = self else { return None };
        let mode = std::fs::metadata(path).ok()?.permissions().mode();
        let path = path.display();
        (mode & 0o004 != 0).then(|| format!("every user of this machine may read {path}; run chmod 600 {path}"))
    }

    /// Fetches the secret; blocks, for at most 30 s with a command. The error goes on after the name of the key.
    pub(super) fn fetch(&self, environment: &Environment, document: &Document) -> Result<Secret, String> {
        match self {
            Self::Env(name) => {
                let value = environment
                    .get(name)
                    .ok_or_else(|| format!("is in the variable {name}, which is not set; set it, for example with export {name}=…"))?;
                let text = value.to_str().ok_or_else(|| format!("is in the variable {name}, which is not UTF-8; set it again"))?;
                secret(without_line_end(text), &format!("the variable {name}"))
            }
            Self::File(path) => of_file(path),
            Self::Credential(name) => {
                let folder = environment.get("CREDENTIALS_DIRECTORY").ok_or_else(|| {
                    format!("is the systemd credential {name}, but $CREDENTIALS_DIRECTORY is not set; start convoke from a unit with LoadCredential={name}:PATH")
                })?;
                let path = Path::new(folder).join(name);
                if !path.exists() {
                    return Err(format!(
                        "is the systemd credential {name}, which the unit does not load; add LoadCredential={name}:PATH to it"
                    ));
                }
                of_file(&path)
            }
            Self::Command(command) => {
                let printed = run(command, environment, &document.beside(""), PATIENCE)?;
                secret(printed.trim(), "the output of the command")
            }
        }
    }
}

/// A secret file as it is, 64 KiB at most.
pub(super) fn bytes_of(path: &Path) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("is in the file {shown}, which cannot be read: {error}; check the path and its permissions"))?;
    if bytes.len() as u64 > LONGEST {
        return Err(format!("is in the file {shown}, which is longer than 64 KiB; check the path"));
    }
    Ok(bytes)
}

pub(super) fn of_file(path: &Path) -> Result<Secret, String> {
    let shown = path.display();
    let bytes = bytes_of(path)?;
    let text = String::from_utf8(bytes).map_err(|_| format!("is in the file {shown}, which is not UTF-8; save it as UTF-8"))?;
    secret(without_line_end(text.strip_prefix('\u{FEFF}').unwrap_or(&text)), &format!("the file {shown}"))
}

fn without_line_end(text: &str) -> &str {
    text.trim_end_matches(['\r', '\n'])
}

/// One line that is not empty: a line break inside a password would end the command that signs in.
fn secret(text: &str, origin: &str) -> Result<Secret, String> {
    if text.is_empty() {
        return Err(format!("is in {origin}, which is empty; put the secret there"));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("is in {origin}, which has several lines; leave only the secret there"));
    }
    Ok(Secret::new(text.to_owned()))
}

/// What `command` prints, at most 64 KiB, with `patience` for it to end.
///
/// It runs on a runtime of its own thread, so that a caller inside a runtime and one outside may both
/// come here; the child is killed when time is up.
fn run(command: &str, environment: &Environment, folder: &Path, patience: Duration) -> Result<String, String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut child = tokio::process::Command::new("/bin/sh");
    child.arg("-c").arg(command).current_dir(folder).env_clear().envs(environment.all());
    child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let ended = std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async { tokio::time::timeout(patience, finish(child)).await.unwrap_or(Ok(None)) })
        });
        work.join().unwrap_or_else(|_| Err(std::io::Error::other("the thread that ran it broke off")))
    });
    let (status, printed, complaint) = match ended {
        Ok(Some(ended)) => ended,
        Ok(None) => {
            let seconds = patience.as_secs();
            return Err(format!("comes from a command that did not end within {seconds} s; try the command by hand"));
        }
        Err(error) => return Err(format!("comes from a command that could not be run: {error}; try the command by hand")),
    };
    if !status.success() {
        let complaint = String::from_utf8_lossy(&complaint);
        let first = complaint.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it printed no reason");
        let first: String = first.chars().filter(|c| !c.is_control()).take(200).collect();
        return Err(format!("comes from a command that failed ({}): {first}; try the command by hand", outcome(status)));
    }
    if printed.len() as u64 > LONGEST {
        return Err("comes from a command that printed more than 64 KiB; let it print the secret only".into());
    }
    String::from_utf8(printed).map_err(|_| "comes from a command that printed what is not UTF-8; let it print the secret only".into())
}

type Ended = (ExitStatus, Vec<u8>, Vec<u8>);

async fn finish(mut command: tokio::process::Command) -> std::io::Result<Option<Ended>> {
    let mut child = command.spawn()?;
    let (printed, complaint) = (child.stdout.take(), child.stderr.take());
    let (printed, complaint, status) = tokio::join!(all(printed), all(complaint), child.wait());
    Ok(Some((status?, printed?, complaint?)))
}

async fn all(pipe: Option<impl AsyncRead + Unpin>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(LONGEST + 1).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

fn outcome(status: ExitStatus) -> String {
    status.code().map_or("ended by a signal".into(), |code| format!("exit code {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(command: &str, patience: Duration) -> Result<String, String> {
        run(command, &[("GREETING", "salut")].into_iter().collect(), Path::new(""), patience)
    }

    #[test]
    fn a_command_sees_the_environment_it_was_given() {
        assert_eq!(shell("echo \"$GREETING\"; echo noise >&2", PATIENCE), Ok("salut\n".into()));
    }

    #[test]
    fn a_command_that_fails_says_why() {
        let why = "comes from a command that failed (exit code 7): no key; try the command by hand";
        assert_eq!(shell("echo >&2; echo no key >&2; echo more >&2; exit 7", PATIENCE), Err(why.into()));
        let why = "comes from a command that failed (ended by a signal): it printed no reason; try the command by hand";
        assert_eq!(shell("kill -9 $$", PATIENCE), Err(why.into()));
    }

    #[test]
    fn a_command_that_hangs_or_floods_is_ended() {
        let why = "comes from a command that did not end within 0 s; try the command by hand";
        assert_eq!(shell("read x < /dev/zero", Duration::from_millis(50)), Err(why.into()));
        let why = shell("while :; do echo 0123456789012345678901234567890123456789012345678901234567890123; done", PATIENCE);
        assert!(why.as_ref().is_err_and(|why| why.contains("ended by a signal") || why.contains("64 KiB")), "{why:?}");
    }

    #[tokio::test]
    async fn a_command_may_be_run_from_inside_a_runtime() {
        assert_eq!(shell("printf x", PATIENCE), Ok("x".into()));
    }

    #[test]
    fn a_secret_is_one_line() {
        assert_eq!(secret("a b ", "x").map(|s| s.reveal().to_owned()), Ok("a b ".into()));
        assert_eq!(secret("", "the file x"), Err("is in the file x, which is empty; put the secret there".into()));
        assert_eq!(secret("a\nb", "the file x"), Err("is in the file x, which has several lines; leave only the secret there".into()));
    }
}
