//! What the tests are of: our programs, their tests, and the site.

use std::{panic, thread};

use anyhow::Result;

use super::browser::install_site_tools;
use super::native::{self, Program};
use super::report::{Budget, Outcome, Report};
use crate::site::{self, Profile, Site};
use crate::toolchain;

/// What was built. What did not build is missing.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// The programs of the native tests.
    pub(super) programs: Vec<Program>,
    /// The site as it is shipped.
    pub(super) site: Option<Site>,
}

/// Compiles every program and every test of the workspace, linting our own code on the
/// way, and builds what the journeys are of beside it: each half's largest steps take
/// one core.
pub(super) fn everything(report: &mut Report, with_site: bool) -> Built {
    let mut built = Built::default();
    let (name, budget) = if with_site {
        ("everything builds, lints deny nothing", Budget(780))
    } else {
        ("everything compiles, lints deny nothing", Budget(480))
    };
    report.layer(name, budget, || {
        toolchain::require_lint_tools()?;
        thread::scope(|scope| {
            let site = with_site.then(|| scope.spawn(site));
            let programs = native::compile();
            let site = site.map(|it| it.join().unwrap_or_else(|it| panic::resume_unwind(it)));
            built.programs = programs?;
            built.site = site.transpose()?;
            Ok(Outcome::one())
        })
    });
    built
}

/// The site, and the page of all components.
fn site() -> Result<Site> {
    install_site_tools()?;
    let site = site::build(Profile::Linted)?;
    site::gallery::build(Profile::Linted)?;
    Ok(site)
}
