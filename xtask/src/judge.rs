//! `judge`: Retell's official SDKs, from their registries, against the local
//! Retell, the kit for pytest, which is installed by the same means, and what we send to
//! against the real thing: text messages through Kannel, CRMs that are Tryton and BottleCRM,
//! calendars in Xandikos and Cyrus, webhooks and the REST API with Node-RED; and our doubles of
//! what costs money against the vendors' own clients.
//! Needs Python 3, Node.js, Kannel and the internet, and is no part of `test`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use crate::run::{self, START, service};
use crate::shell;
use crate::test::install::debian;

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
            bottlecrm(&work.join("python"), &work.join("bottlecrm"))?;
            xandikos(&work.join("xandikos"))?;
            cyrus()?;
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
    let python = install("python3".as_ref(), venv, &judges.join("requirements.txt"))?;
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
    let doubles = doubles()?;
    tests("vendors", venv, work, &[("SWITCHBOARD_DOUBLES", &doubles)])
}

/// Builds the doubles of what costs money, as a program.
///
/// # Errors
/// When they do not compile.
pub(crate) fn doubles() -> Result<PathBuf> {
    let doubles = ["--package", "server", "--example", "doubles"];
    let mut build = shell::cargo(["build", "--features", run::DEMO]);
    shell::run(build.args(doubles)).context("the doubles do not compile")?;
    Ok(shell::debug_binary("examples/doubles"))
}

/// A place of its own for what a file of requirements names; gives its Python.
fn install(python: &Path, venv: &Path, wanted: &Path) -> Result<PathBuf> {
    let own = venv.join("bin/python");
    if !own.is_file() {
        shell::run(shell::command(python).args(["-m", "venv"]).arg(venv))?;
    }
    let mut install = shell::command(&own);
    install.args(["-m", "pip", "install", "--quiet", "--requirement"]);
    shell::run(install.arg(wanted))?;
    Ok(own)
}

/// What the judge of this name wants of PyPI.
fn requirements(name: &str) -> PathBuf {
    shell::root().join(format!("server/judges/{name}/requirements.txt"))
}

/// A CRM that is described, which is Tryton.
fn tryton(venv: &Path, work: &Path) -> Result<()> {
    shell::step("judge: Tryton");
    let own = work.join("venv");
    install("python3".as_ref(), &own, &requirements("tryton"))?;
    let programs = own.join("bin");
    tests("tryton", venv, work, &[("SWITCHBOARD_TRYTON", &programs)])
}

/// A CRM that is described, by our own pages, which is BottleCRM.
fn bottlecrm(venv: &Path, work: &Path) -> Result<()> {
    shell::step("judge: BottleCRM");
    let Some(python) = new_python() else {
        shell::step("judge: BottleCRM is not run: it wants Python 3.12 or newer, and none is here");
        return Ok(());
    };
    let own = work.join("venv");
    install(&python, &own, &requirements("bottlecrm"))?;
    let told: [(&str, &Path); 2] = [
        ("SWITCHBOARD_BOTTLECRM", &own.join("bin")),
        ("SWITCHBOARD_CRM_PAGE", &shell::root().join("docs/crm.md")),
    ];
    tests("bottlecrm", venv, work, &told)
}

/// A Python of 3.12 or newer: by its name, or one that pyenv keeps and does not show.
fn new_python() -> Option<PathBuf> {
    let kept = env::var_os("PYENV_ROOT").map(|root| PathBuf::from(root).join("versions"));
    let kept = kept.and_then(|versions| fs::read_dir(versions).ok());
    let kept = kept.into_iter().flatten().filter_map(Result::ok);
    let named = ["python3", "python3.14", "python3.13", "python3.12"].map(PathBuf::from);
    let mut all = named
        .into_iter()
        .chain(kept.map(|it| it.path().join("bin/python3")));
    let is_new = "import sys; sys.exit(sys.version_info < (3, 12))";
    all.find(|python| {
        let asked = shell::command(python).args(["-c", is_new]).output();
        asked.is_ok_and(|it| it.status.success())
    })
}

/// Calendars in Xandikos, by the tests that are run with Radicale. It takes a password over TLS
/// only, and so has a certificate of its own, which is all that is trusted meanwhile.
fn xandikos(work: &Path) -> Result<()> {
    shell::step("judge: Xandikos");
    let venv = work.join("venv");
    install("python3".as_ref(), &venv, &requirements("xandikos"))?;
    let certs = work.join("certs");
    fs::create_dir_all(&certs)?;
    let [key, certificate] = ["key", "crt"].map(|it| certs.join(format!("selfsigned.{it}")));
    let mut make = shell::command("openssl");
    make.args([
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
    ]);
    make.args([
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]);
    make.args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"]);
    shell::output(make.arg(key).arg("-out").arg(&certificate))?;
    calendars(&[
        ("SWITCHBOARD_TEST_CALDAV", "xandikos".as_ref()),
        ("SWITCHBOARD_TEST_XANDIKOS", &venv.join("bin/xandikos")),
        ("SWITCHBOARD_TEST_XANDIKOS_STATE", work),
        ("SSL_CERT_FILE", &certificate),
    ])
}

/// Calendars in Cyrus, by the tests that are run with Radicale.
fn cyrus() -> Result<()> {
    shell::step("judge: Cyrus");
    if !Path::new("/usr/lib/cyrus/bin/httpd").is_file() {
        let packages = [
            "cyrus-imapd",
            "cyrus-caldav",
            "sasl2-bin",
            "libsasl2-modules",
        ];
        debian("Cyrus", &packages)?;
    }
    if shell::output(shell::command("id").arg("-u"))?.trim() != "0" {
        shell::step("judge: Cyrus is not run: only root can start it");
        return Ok(());
    }
    calendars(&[("SWITCHBOARD_TEST_CALDAV", "cyrus".as_ref())])
}

/// Runs the tests with a CalDAV server, told which.
fn calendars(told: &[(&str, &Path)]) -> Result<()> {
    for (test, filter) in [("servers", ""), ("core", "linked_calendars::")] {
        // All of the workspace, as `test` has it: by itself it would be compiled anew.
        let mut cargo = shell::cargo(["test", "--workspace", "--exclude", "xtask"]);
        let tests = shell::linting(&mut cargo)
            .args(["--features", run::DEMO, "--test", test])
            .args(["--", "--test-threads", "2", filter]);
        shell::run(tests.envs(told.iter().copied()))?;
    }
    Ok(())
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
