//! `judge`: Retell's official SDKs, from their registries, against the local
//! Retell, the kit for pytest, which is installed by the same means, and what we send to
//! against the real thing: text messages through Kannel, a CRM that is Tryton, webhooks and the
//! REST API with Node-RED; and our doubles of what costs money against the vendors' own clients.
//! Needs Python 3, Node.js, Kannel and the internet, and is no part of `test`.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::run::{self, START, service};
use crate::shell;

/// Where the judges are kept.
const JUDGES: &str = "crates/emulator/judges";

/// `cargo xtask judge`
///
/// # Errors
/// When a judge cannot be had, or finds fault.
pub(crate) fn all() -> Result<()> {
    run::build_native()?;
    let work = shell::target().join("judges");
    fs::create_dir_all(&work).with_context(|| format!("cannot create {}", work.display()))?;
    run::runtime()?.block_on(async {
        let mut command = tokio::process::Command::new(shell::debug_binary("retell-emulator"));
        command.args(["--port", "0", "--api-key", run::LOCAL_KEY]);
        let ready = work.join("retell.json");
        let (emulator, ready) = service::start("retell", command, &ready, START).await?;
        let url = ready["url"].as_str().unwrap_or_default().to_owned();
        // Elsewhere: what the local Retell says meanwhile is to be read.
        let judged = tokio::task::spawn_blocking(move || {
            python(&url, &work.join("python"))?;
            pytest(&work.join("python"))?;
            kannel(&work.join("python"), &work.join("kannel"))?;
            vendors(&work.join("python"), &work.join("vendors"))?;
            tryton(&work.join("python"), &work.join("tryton"))?;
            node_red(&work.join("python"), &work.join("node-red"))?;
            node(&url, &work.join("node"))
        });
        let judged = judged.await.context("the judges were stopped")?;
        emulator.stop().await;
        judged
    })
}

fn python(url: &str, venv: &Path) -> Result<()> {
    shell::step("judge: the SDK for Python");
    let judges = shell::root().join(JUDGES);
    let python = venv.join("bin/python");
    if !python.is_file() {
        shell::run(shell::command("python3").args(["-m", "venv"]).arg(venv))?;
    }
    let mut install = shell::command(&python);
    install.args(["-m", "pip", "install", "--quiet", "--requirement"]);
    shell::run(install.arg(judges.join("requirements.txt")))?;
    shell::run(shell::command(&python).arg(judges.join("life.py")).arg(url))?;
    shell::step("judge: the tests of the SDK for Python");
    let mut suite = shell::command(&python);
    shell::run(suite.arg(judges.join("suite.py")).arg(url).arg(venv))
}

/// The example of the kit for pytest, as a stranger runs it: from the wheel.
fn pytest(venv: &Path) -> Result<()> {
    shell::step("judge: the kit for pytest");
    let (python, wheels) = (venv.join("bin/python"), venv.join("wheels"));
    let kit = shell::root().join("integrations/pytest");
    let mut pack = shell::command(&python);
    pack.args(["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]);
    shell::run(pack.arg(&wheels).arg(&kit))?;
    let mut install = shell::command(&python);
    install.args(["-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]);
    install.args(["--force-reinstall", "switchboard-pytest", "--find-links"]);
    shell::run(install.arg(&wheels))?;
    let mut tests = shell::command(&python);
    tests.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]);
    let programs = shell::debug_binary("switchboard");
    tests.env("SWITCHBOARD_BIN_DIR", programs.parent().unwrap_or(venv));
    shell::run(tests.arg(kit.join("example")))
}

/// Text messages through Kannel, in front of an SMPP centre.
fn kannel(venv: &Path, work: &Path) -> Result<()> {
    shell::step("judge: Kannel");
    if shell::command("bearerbox")
        .arg("--version")
        .output()
        .is_err()
    {
        bail!("Kannel is not here; on Debian: apt-get install kannel (it is in /usr/sbin)");
    }
    tests("kannel", venv, work, &[])
}

/// Our doubles of CRMs and of providers of text messages, against the vendors' own clients.
fn vendors(venv: &Path, work: &Path) -> Result<()> {
    shell::step("judge: the clients of HubSpot, Pipedrive, Salesforce, Twilio and Vonage");
    let doubles = ["--package", "server", "--example", "doubles"];
    let mut build = shell::cargo(["build", "--features", run::DEMO]);
    shell::run(build.args(doubles)).context("the doubles do not compile")?;
    let doubles = shell::debug_binary("examples/doubles");
    tests("vendors", venv, work, &[("SWITCHBOARD_DOUBLES", &doubles)])
}

/// A CRM that is described, which is Tryton.
fn tryton(venv: &Path, work: &Path) -> Result<()> {
    shell::step("judge: Tryton");
    let own = work.join("venv");
    let python = own.join("bin/python");
    if !python.is_file() {
        fs::create_dir_all(work)?;
        shell::run(shell::command("python3").args(["-m", "venv"]).arg(&own))?;
    }
    let mut install = shell::command(&python);
    install.args(["-m", "pip", "install", "--quiet", "--requirement"]);
    let wanted = shell::root().join("server/judges/tryton/requirements.txt");
    shell::run(install.arg(wanted))?;
    tests(
        "tryton",
        venv,
        work,
        &[("SWITCHBOARD_TRYTON", &own.join("bin"))],
    )
}

/// Outgoing webhooks and the REST API, with a flow of Node-RED.
fn node_red(venv: &Path, work: &Path) -> Result<()> {
    shell::step("judge: Node-RED");
    tests("node-red", venv, work, &[])
}

/// Runs the tests in `server/judges/<name>`, in a place where what they want is installed.
fn tests(name: &str, venv: &Path, work: &Path, told: &[(&str, &Path)]) -> Result<()> {
    fs::create_dir_all(work)?;
    let judges = shell::root().join("server/judges");
    // And what they share.
    fs::copy(judges.join("judge.py"), work.join("judge.py"))?;
    for file in fs::read_dir(judges.join(name))? {
        let file = file?;
        fs::copy(file.path(), work.join(file.file_name()))?;
    }
    if work.join("package.json").is_file() {
        let install = ["install", "--no-audit", "--no-fund", "--no-package-lock"];
        shell::run(shell::command("npm").args(install).current_dir(work))?;
    }
    let mut tests = shell::command(venv.join("bin/python"));
    tests.args([
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--ignore=venv",
    ]);
    tests.args(["--ignore=node_modules"]);
    let programs = shell::debug_binary("switchboard");
    tests.env("SWITCHBOARD_BIN_DIR", programs.parent().unwrap_or(venv));
    tests.envs(told.iter().copied());
    shell::run(tests.current_dir(work))
}

fn node(url: &str, work: &Path) -> Result<()> {
    shell::step("judge: the SDK for Node.js");
    fs::create_dir_all(work)?;
    for file in ["package.json", "life.mjs"] {
        fs::copy(shell::root().join(JUDGES).join(file), work.join(file))?;
    }
    let install = ["install", "--no-audit", "--no-fund", "--no-package-lock"];
    shell::run(shell::command("npm").args(install).current_dir(work))?;
    shell::run(
        shell::command("node")
            .arg("life.mjs")
            .arg(url)
            .current_dir(work),
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_readme_of_the_kit_for_pytest_begins_with_its_example() {
        let readme = include_str!("../../integrations/pytest/README.md");
        let example = include_str!("../../integrations/pytest/example/test_reception.py");
        let (_, rest) = readme.split_once("```python\n").unwrap();
        assert_eq!(rest.split_once("```").unwrap().0, example);
    }
}
