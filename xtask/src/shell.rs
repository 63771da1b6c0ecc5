//! Where things are, how commands are run, and how progress is told.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{env, fs, io};

use anyhow::{Context as _, Result, bail};

/// The root of the checkout.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        xtask.parent().unwrap_or(xtask).to_path_buf()
    })
}

/// Cargo's target directory, `CARGO_TARGET_DIR` honoured.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A binary of ours as the dev profile leaves it.
pub(crate) fn debug_binary(name: &str) -> PathBuf {
    target()
        .join("debug")
        .join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// A command that runs in the root of the checkout.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Cargo, the one this tool was started by.
pub(crate) fn cargo<I: AsRef<OsStr>>(args: impl IntoIterator<Item = I>) -> Command {
    let mut cargo = command(cargo_itself());
    cargo.args(args);
    cargo
}

/// The same with what the processor has left, where the system knows of that.
pub(crate) fn patient_cargo<I: AsRef<OsStr>>(args: impl IntoIterator<Item = I>) -> Command {
    let Some(nice) = find("nice") else {
        return cargo(args);
    };
    let mut nice = command(nice);
    nice.args(["-n", "10"]).arg(cargo_itself()).args(args);
    nice
}

/// Has Clippy compile our own crates, and deny what it would say.
pub(crate) fn linting(cargo: &mut Command) -> &mut Command {
    cargo
        .env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver")
        .env("CLIPPY_ARGS", "-Dwarnings")
}

fn cargo_itself() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Runs a command to its end with our output streams.
///
/// # Errors
/// When it cannot be started or does not end well.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a command to its end and gives back what it printed.
///
/// # Errors
/// When it cannot be started or does not end well; its error output is in the message.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` failed ({}):\n{}",
            shown(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a filter: bytes in, bytes out.
///
/// # Errors
/// When it cannot be started or does not end well; its error output is in the message.
pub(crate) fn pipe(command: &mut Command, input: &[u8]) -> Result<Vec<u8>> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    let mut stdin = child.stdin.take();
    // The filter may write before it has read everything, so feeding it must
    // not block reading from it.
    let (fed, output) = std::thread::scope(|scope| {
        let feeder = scope.spawn(move || stdin.as_mut().map_or(Ok(()), |it| it.write_all(input)));
        let output = child.wait_with_output();
        (feeder.join(), output)
    });
    let output = output?;
    if !output.status.success() {
        bail!(
            "`{}` failed ({}):\n{}",
            shown(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    if let Ok(fed) = fed {
        fed.with_context(|| format!("cannot write to `{}`", shown(command)))?;
    }
    Ok(output.stdout)
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    if let Some(name) = Path::new(&text).file_name() {
        text = name.to_string_lossy().into_owned();
    }
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

/// Where a program is, if it is on the `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|dir| dir.join(format!("{program}{}", env::consts::EXE_SUFFIX)))
        .find(|path| path.is_file())
}

/// One line per long step.
pub(crate) fn step(text: &str) {
    println!("▸ {text}");
    // Cargo and npm write to the other stream: keep the order.
    let _ = io::stdout().flush();
}

/// The line an unsuccessful end leaves behind: the error, then each cause.
pub(crate) fn fail(error: &anyhow::Error) {
    let mut stderr = io::stderr().lock();
    let _ = writeln!(stderr, "\nerror: {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(stderr, "  because: {cause}");
    }
}

/// Every file below a directory, sorted. A missing directory has none.
///
/// # Errors
/// When a directory cannot be read.
pub(crate) fn files_below(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", dir.display()));
            }
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_larger_than_a_pipe_does_not_hang() {
        let input = vec![b'x'; 1 << 20];
        assert_eq!(pipe(&mut Command::new("cat"), &input).unwrap(), input);
    }

    #[test]
    fn a_failing_command_tells_its_own_reason() {
        let error = output(Command::new("sh").args(["-c", "echo no disk >&2; exit 3"]));
        assert!(format!("{:#}", error.unwrap_err()).contains("no disk"));
    }

    #[test]
    fn a_missing_directory_has_no_files() {
        assert_eq!(
            files_below(&root().join("no-such-directory")).unwrap(),
            Vec::<PathBuf>::new()
        );
    }
}
