//! What settings are taken, and what is said of those that are not.

use super::*;

const MINIMAL: [(&str, &str); 1] = [("RETELL_API_KEY", "key_live")];

fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(&Source::from_pairs(pairs.iter().copied()), Mode::Production)
}

fn with(extra: &[(&'static str, &'static str)]) -> Result<Config, ConfigError> {
    read(&[&MINIMAL[..], extra].concat())
}

#[test]
fn a_key_is_all_that_must_be_given() {
    let config = with(&[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.origin(), "http://127.0.0.1:8080");
    assert_eq!(config.retell.base_url.as_str(), "https://api.retellai.com/");
    assert_eq!(config.retell.webhook_key, Secret::new("key_live"));
    assert_eq!(config.data_dir, std::path::absolute("data").unwrap());
}

#[test]
fn what_nobody_sees_beside_a_key_is_no_part_of_it() {
    for (key, badge) in [
        ("key_abc\n", "key_badge\r\n"),
        ("\u{feff}key_abc", "\u{200b}key_badge \u{200b}"),
    ] {
        let config = with(&[("RETELL_API_KEY", key), ("RETELL_WEBHOOK_SECRET", badge)]);
        let retell = config.unwrap().retell;
        assert_eq!(retell.api_key, Secret::new("key_abc"));
        assert_eq!(retell.webhook_key, Secret::new("key_badge"));
    }
}

#[test]
fn what_was_sealed_with_a_key_stays_readable() {
    let key = format!("\u{feff}{}", "k".repeat(32));
    let config = Source::from_pairs([MINIMAL[0], ("SWITCHBOARD_ENCRYPTION_KEYS", &key)]);
    let config = Config::read(&config, Mode::Production).unwrap();
    assert_eq!(config.encryption_keys, [Secret::new(&key)]);
}

#[test]
fn every_problem_is_told_at_once() {
    let error = read(&[
        ("SWITCHBOARD_LISTEN", "everywhere"),
        ("SWITCHBOARD_PUBLIC_URL", "ftp://example.com"),
        ("SWITCHBOARD_DATABASE_URL", "mysql://x"),
        ("SWITCHBOARD_SECRET", "short"),
        ("SWITCHBOARD_TRUSTED_PROXIES", "10.0.0.0/8,nonsense"),
        ("SWITCHBOARD_MINT_REQUESTS_PER_IP_MINUTE", "0"),
        ("RETELL_BASE_URL", "api.retellai.com"),
    ])
    .unwrap_err();
    for name in [
        "SWITCHBOARD_LISTEN",
        "SWITCHBOARD_PUBLIC_URL",
        "SWITCHBOARD_DATABASE_URL",
        "SWITCHBOARD_SECRET",
        "SWITCHBOARD_TRUSTED_PROXIES",
        "SWITCHBOARD_MINT_REQUESTS_PER_IP_MINUTE",
        "RETELL_BASE_URL",
        "RETELL_API_KEY",
    ] {
        let told = error
            .0
            .iter()
            .filter(|problem| problem.contains(name))
            .count();
        assert_eq!(told, 1, "{name} in {error}");
    }
}

#[test]
fn the_public_address_is_a_host_of_its_own() {
    let at = |url| with(&[("SWITCHBOARD_PUBLIC_URL", url)]);
    for url in ["https://calls.example.com", "https://calls.example.com/"] {
        assert_eq!(at(url).unwrap().origin(), "https://calls.example.com");
    }
    let error = at("https://www.example.com/voice").unwrap_err().to_string();
    assert!(error.contains("must have no path"), "{error}");
}

#[test]
fn problems_do_not_repeat_secrets() {
    let error = with(&[("SWITCHBOARD_SECRET", "hunter2")]).unwrap_err();
    assert!(!error.to_string().contains("hunter2"));
    let config = with(&[("SWITCHBOARD_DATABASE_URL", "postgres://u:hunter2@h/d")]).unwrap();
    let printed = format!("{config:?}");
    assert!(
        !printed.contains("hunter2") && !printed.contains("key_live"),
        "{printed}"
    );
}

#[test]
fn the_demo_falls_back_on_the_local_emulator() {
    let config = Config::read(&Source::default(), Mode::Demo).unwrap();
    assert_eq!(config.retell.base_url.as_str(), "http://127.0.0.1:8090/");
    let config = Config::read(&Source::from_pairs(MINIMAL), Mode::Demo).unwrap();
    assert_eq!(config.retell.base_url.as_str(), "https://api.retellai.com/");
}

#[test]
fn a_flag_wins_over_the_environment_and_both_base_names_are_known() {
    let source = Source::from_pairs([
        ("RETELL_API_KEY", "key_live"),
        ("RETELL_BASE", "http://127.0.0.1:9"),
        ("SWITCHBOARD_LISTEN", "127.0.0.1:1"),
    ])
    .with("SWITCHBOARD_LISTEN", Some("127.0.0.1:2".to_owned()));
    let config = Config::read(&source, Mode::Production).unwrap();
    assert_eq!(config.listen.port(), 2);
    assert_eq!(config.retell.base_url.as_str(), "http://127.0.0.1:9/");
}

#[test]
fn the_old_name_of_allowed_networks_is_known() {
    let allowed = |pairs: &[_]| with(pairs).unwrap().outbound.allow_private;
    let old = ("SWITCHBOARD_HOOKS_ALLOW_PRIVATE", "10.0.0.0/8");
    let new = ("SWITCHBOARD_ALLOW_PRIVATE", "127.0.0.1");
    let network = |text: &str| text.parse::<Network>().unwrap();
    assert_eq!(allowed(&[old]), [network("10.0.0.0/8")]);
    assert_eq!(allowed(&[old, new]), [network("127.0.0.1")]);
    assert!(allowed(&[]).is_empty());
}

#[test]
fn a_platform_s_port_opens_every_interface() {
    assert_eq!(
        with(&[("PORT", "9999")]).unwrap().listen.to_string(),
        "0.0.0.0:9999"
    );
    let both = with(&[("PORT", "9999"), ("SWITCHBOARD_LISTEN", "127.0.0.1:0")]).unwrap();
    assert_eq!(both.listen.to_string(), "127.0.0.1:0");
    let all = with(&[("PORT", "9999")]).unwrap();
    assert_eq!(all.origin(), "http://localhost:9999");
}
