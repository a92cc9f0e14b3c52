//! One sender as a process of its own: how long it sent, what it cost, how large it grew.

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A tick of /proc/PID/stat: USER_HZ is 100 on every Linux.
const TICK: f64 = 0.01;
/// From the start of a process to its first connection.
const PATIENCE: Duration = Duration::from_secs(300);

/// What one run cost.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// From the first connection to the end of the process.
    pub seconds: f64,
    /// User and system time of the whole process.
    pub cpu: f64,
    /// The most memory it ever had (VmHWM), in kB; the last look is at most 2 ms before its end.
    pub peak: u64,
    /// Its exit code, where it has one.
    pub code: Option<i32>,
    /// It was stopped at the limit.
    pub cut: bool,
}

/// A look at a running sender, for the soak.
pub struct Look {
    pub since_connected: Duration,
    /// kB, now.
    pub resident: u64,
    /// Seconds so far.
    pub cpu: f64,
}

/// Runs `command`, whose clock starts with its first connection to `port`. After `limit` it is asked to stop (SIGTERM).
/// `watch` is called with every look that is `every` after the last.
pub fn run(
    command: &mut Command,
    log: &Path,
    port: u16,
    limit: Duration,
    every: Duration,
    mut watch: impl FnMut(&Look),
) -> Result<Cost, String> {
    let out = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
    let err = out.try_clone().map_err(|error| error.to_string())?;
    let mut child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().map_err(|error| format!("{command:?}: {error}"))?;
    let started = Instant::now();
    let pid = Pid::from_child(&child);
    let mut connected = None;
    let (mut peak, mut asked, mut last) = (0, None::<Instant>, Instant::now());
    while !ended(pid) {
        let now = Instant::now();
        if connected.is_none() {
            if speaks_to(port) {
                connected = Some(now);
            } else if now.duration_since(started) > PATIENCE {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it did not connect within {PATIENCE:?}"));
            }
        }
        peak = peak.max(status(&child, "VmHWM:").unwrap_or(0));
        if let Some(since) = connected {
            if asked.is_none() && now.duration_since(since) > limit {
                let _ = kill_process(pid, Signal::TERM);
                asked = Some(now);
            }
            if last.elapsed() >= every {
                last = now;
                let (resident, cpu) = (status(&child, "VmRSS:").unwrap_or(0), cpu(&child).unwrap_or(0.0));
                watch(&Look { since_connected: now.duration_since(since), resident, cpu });
            }
        }
        if asked.is_some_and(|asked| asked.elapsed() > Duration::from_secs(10)) {
            let _ = child.kill();
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let end = Instant::now();
    let cpu = cpu(&child).unwrap_or(f64::NAN);
    let status = child.wait().map_err(|error| error.to_string())?;
    let Some(connected) = connected else { return Err(format!("it ended ({status}) before it connected")) };
    Ok(Cost { seconds: end.duration_since(connected).as_secs_f64(), cpu, peak, code: status.code(), cut: asked.is_some() })
}

/// Whether the process is dead; it stays to be looked at until it is waited for.
fn ended(pid: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    waitid(WaitId::Pid(pid), options).is_ok_and(|found| found.is_some())
}

/// A line of /proc/PID/status, in kB.
fn status(child: &Child, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

fn cpu(child: &Child) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?;
    // After the name in brackets: state is field 3, utime 14, stime 15.
    let mut fields = text.rsplit(") ").next()?.split(' ').skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) * TICK)
}

/// Whether any connection to a loopback port is established.
fn speaks_to(port: u16) -> bool {
    let wanted = format!("0100007F:{port:04X} 01");
    std::fs::read_to_string("/proc/net/tcp")
        .is_ok_and(|text| text.lines().any(|line| line.split_whitespace().skip(2).take(2).collect::<Vec<_>>().join(" ") == wanted))
}

/// The median time of a write of 4 kB made durable (fdatasync) in `folder`.
pub fn fsync(folder: &Path) -> std::io::Result<Duration> {
    use std::io::Write;
    let path = folder.join("fsync");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..100 {
        file.write_all(&[b'x'; 4096])?;
        let began = Instant::now();
        file.sync_data()?;
        times.push(began.elapsed());
    }
    std::fs::remove_file(path)?;
    times.sort_unstable();
    Ok(times.get(times.len() / 2).copied().unwrap_or_default())
}
