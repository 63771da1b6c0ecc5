//! What can be told without the database.

use std::time::Duration;

use jiff::fmt::rfc2822;
use outbound::Trusted;

use super::{Finding, sentence};
use crate::config::Config;
use crate::site::Site;

/// How long anybody has to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Signatures are refused beyond five minutes; clocks are set before that.
const SKEW_MS: i64 = 60_000;

pub(super) async fn site(config: &Config) -> Finding {
    let what = "site files";
    let site = Site::open(&config.site_dir, &config.assets_dir);
    if site.manifest().await.is_some() {
        Finding::ok(what, "there")
    } else {
        Finding::failed(
            what,
            format!(
                "there is no front end in {}; `cargo xtask build` makes it",
                config.site_dir.display()
            ),
        )
    }
}

/// Asks ourselves by the address that others use.
pub(super) async fn public_address(config: &Config) -> Vec<Finding> {
    let what = "public address";
    let url = config.url_of("/healthz");
    let asked = async {
        let answer = Trusted::new(Some(TIMEOUT))?.get(&url).send().await?;
        if answer.status().is_redirection() {
            return Ok(serde_json::Value::Null);
        }
        answer.error_for_status()?.json::<serde_json::Value>().await
    };
    let mut findings = vec![match asked.await {
        Ok(answer) if answer["status"] == "alive" => {
            Finding::ok(what, format!("{url} reaches a Switchboard"))
        }
        Ok(_) => Finding::failed(what, format!("{url} is answered by something else")),
        Err(error) => Finding::failed(
            what,
            format!(
                "{url} does not reach this server: {}",
                sentence(&error.without_url())
            ),
        ),
    }];
    if !config.is_https() {
        findings.push(Finding::warning(
            "HTTPS",
            "browsers give no microphone to pages without it, except on this machine",
        ));
    }
    findings
}

/// Compares our clock with the one in Retell's answers.
pub(super) async fn clock(config: &Config, now_ms: i64) -> Finding {
    let what = "clock";
    let url = config.retell.base_url.as_str();
    let asked = async {
        let answer = Trusted::new(Some(TIMEOUT))?.get(url).send().await?;
        let date = answer.headers().get(reqwest::header::DATE).cloned();
        Ok::<_, reqwest::Error>(date)
    };
    let date = match asked.await {
        Ok(date) => date,
        Err(error) => {
            return Finding::failed(what, sentence(&error.without_url()));
        }
    };
    let theirs = date
        .as_ref()
        .and_then(|date| date.to_str().ok())
        .and_then(|date| rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
    let Some(theirs) = theirs else {
        return Finding::warning(what, "Retell's answer does not say what time it is");
    };
    let skew = (now_ms - theirs.as_millisecond()).abs();
    if skew > SKEW_MS {
        return Finding::failed(
            what,
            format!(
                "it is {} s off Retell's; signatures fail beyond five minutes",
                skew / 1000
            ),
        );
    }
    Finding::ok(what, format!("within {} s of Retell's", skew / 1000 + 1))
}
