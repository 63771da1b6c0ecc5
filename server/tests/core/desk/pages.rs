//! Our pages: who may frame them, and what they say when something is missing.

use api::keys::Mode;
use api::routing::Number;
use serde_json::Value;
use server::keys::PublicKey;

use crate::stage::Stage;

fn key(id: &str, origins: &[&str]) -> PublicKey {
    PublicKey {
        id: id.to_owned(),
        title: "Sunrise <Dental>".to_owned(),
        agents: vec!["agent_1".to_owned()],
        origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
        ..PublicKey::default()
    }
}

/// A site as the build writes it, with the repository's own page templates.
async fn built() -> Stage {
    let stage = Stage::set().await;
    for page in ["panel.html", "desk.html", "index.html"] {
        let path = format!("{}/../public/{page}", env!("CARGO_MANIFEST_DIR"));
        stage.site_file(page, std::fs::read(path).unwrap());
    }
    stage.site_file(
        "manifest.json",
        r#"{"widget_js": "/assets/widget.0123456789ab.js",
            "widget_wasm": "/assets/widget.0123456789ab.wasm",
            "widget_css": "/assets/widget.0123456789ab.css",
            "texts_en": "/assets/texts.0123456789ab.json",
            "texts_es": "/assets/texts.0123456789ac.json",
            "before_js": "/assets/before.0123456789ab.js",
            "before_css": "/assets/before.0123456789ab.css",
            "extras_js": "/assets/extras.0123456789ab.js",
            "extras_css": "/assets/extras.0123456789ab.css",
            "desk_js": "/assets/desk.0123456789ab.js",
            "desk_wasm": "/assets/desk.0123456789ab.wasm",
            "desk_css": "/assets/desk.0123456789ab.css"}"#,
    );
    stage
}

/// What the panel's page tells the widget.
async fn told(stage: &Stage, path: &str) -> Value {
    let page = stage.get(path).send().await.unwrap();
    let page = page.text().await.unwrap();
    let (_, json) = page.split_once("id=switchboard-config>").unwrap();
    serde_json::from_str(json.split_once("</script>").unwrap().0).unwrap()
}

#[tokio::test]
async fn the_panel_knows_a_telephone_number_that_its_agent_answers() {
    let stage = built().await;
    let number = |number: &str, agent: &str| Number {
        number: number.to_owned(),
        nickname: None,
        agent_id: Some(agent.to_owned()),
        inbound_webhook_url: None,
        imported_at: 0,
    };
    let numbers = [
        number("+493023100002", "agent_1"),
        number("+493023100001", "agent_1"),
        number("+34911234567", "agent_2"),
        number("not one", "agent_3"),
        number("+493023100003", "agent_of_others"),
    ];
    let store = &stage.app().store;
    // Later than the server's own look at its account, which finds none.
    let later = stage.app().clock.now_ms() + 60_000;
    store
        .numbers()
        .replace(&stage.tenant, &numbers, None, later)
        .await
        .unwrap();
    let agents = ["agent_1", "agent_2", "agent_3", "agent_4"].map(str::to_owned);
    let voice = PublicKey {
        agents: agents.to_vec(),
        ..key("pk_1", &["https://example.com"])
    };
    let callback = PublicKey {
        id: "pk_2".to_owned(),
        modes: vec![Mode::Callback],
        ..voice.clone()
    };
    stage.public_key(voice).await;
    stage.public_key(callback).await;
    for (path, known) in [
        ("/panel?key=pk_1", Some("+49 30 23100001")),
        ("/panel?key=pk_1&agent=agent_2", Some("+34 911 23 45 67")),
        // Then the first of the key's is called.
        (
            "/panel?key=pk_1&agent=agent_of_others",
            Some("+49 30 23100001"),
        ),
        ("/panel?key=pk_1&agent=agent_3", None),
        ("/panel?key=pk_1&agent=agent_4", None),
        ("/panel?key=pk_2", None),
    ] {
        assert_eq!(
            told(&stage, path).await["telephone"].as_str(),
            known,
            "{path}"
        );
    }
    stage.stop().await;
}

#[tokio::test]
async fn the_panel_is_framed_by_the_key_s_pages_and_may_call() {
    let stage = built().await;
    stage
        .public_key(key(
            "pk_1",
            &["https://*.example.com", "http://localhost:*"],
        ))
        .await;
    let response = stage.get("/panel?key=pk_1&lang=es").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let headers = response.headers().clone();
    let csp = headers["content-security-policy"].to_str().unwrap();
    assert!(
        csp.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"),
        "{csp}"
    );
    assert!(
        csp.contains(&format!("connect-src 'self' {};", stage.retell.url)),
        "{csp}"
    );
    assert!(
        csp.ends_with("frame-ancestors https://*.example.com http://localhost:*"),
        "{csp}"
    );
    assert!(
        headers["permissions-policy"]
            .to_str()
            .unwrap()
            .contains("microphone=(self)")
    );
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["referrer-policy"], "same-origin");
    // In a page that is cross-origin isolated, too.
    assert_eq!(headers["cross-origin-embedder-policy"], "credentialless");
    assert_eq!(headers["cross-origin-resource-policy"], "cross-origin");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-robots-tag"], "noindex");

    let html = response.text().await.unwrap();
    assert!(
        html.contains("<html lang=\"es\" translate=\"no\">"),
        "{html}"
    );
    assert!(
        html.contains("<title>Sunrise &lt;Dental&gt;</title>"),
        "{html}"
    );
    assert!(!html.contains("{{"), "{html}");
    assert!(
        html.contains("src=\"/assets/widget.0123456789ab.js\""),
        "{html}"
    );
    let config = html
        .split_once("id=switchboard-config>")
        .and_then(|(_, rest)| rest.split_once("</script>"))
        .unwrap()
        .0;
    let config: Value = serde_json::from_str(config).unwrap();
    assert_eq!(config["key"], "pk_1");
    assert_eq!(config["title"], "Sunrise <Dental>");
    assert_eq!(config["language"], "es");
    let app = stage.app();
    let nonce = config["nonce"].as_str().unwrap();
    assert_eq!(
        app.signer
            .verify_panel_nonce(nonce, "pk_1", app.clock.now_ms()),
        Ok(())
    );
    assert!(
        app.signer
            .verify_panel_nonce(nonce, "pk_2", app.clock.now_ms())
            .is_err()
    );
    stage.stop().await;
}

#[tokio::test]
async fn a_panel_without_a_usable_key_says_so_in_the_reader_s_language() {
    let stage = built().await;
    stage
        .public_key(PublicKey {
            disabled: true,
            ..key("pk_off", &[])
        })
        .await;
    for (query, accept, status, text) in [
        (
            "?key=pk_none",
            "de-AT,de;q=0.9",
            404,
            "Diese Anruftaste funktioniert nicht",
        ),
        (
            "?key=pk_off&lang=en",
            "de",
            403,
            "This call button is switched off",
        ),
        (
            "?key=pk_off",
            "es",
            403,
            "Este botón de llamada está desactivado",
        ),
        ("", "fr", 404, "This call button does not work"),
    ] {
        let request = stage
            .get(&format!("/panel{query}"))
            .header("accept-language", accept);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{query}");
        // It stands inside the customer's page, and has nothing to protect.
        let csp = response.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert!(csp.ends_with("frame-ancestors *"), "{csp}");
        let html = response.text().await.unwrap();
        assert!(html.contains(text), "{html}");
    }
    stage.stop().await;
}

#[tokio::test]
async fn nobody_frames_the_desk() {
    let stage = built().await;
    for path in ["/", "/desk", "/desk/calls/call_1"] {
        let response = stage
            .get(path)
            .header("accept-language", "de")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let csp = response.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert!(csp.ends_with("frame-ancestors 'none'"), "{csp}");
        assert!(!csp.contains("unsafe-inline"), "{csp}");
        let html = response.text().await.unwrap();
        assert!(html.contains("<html lang=\"de\""), "{html}");
        assert!(!html.contains("{{"), "{html}");
    }
    stage.stop().await;
}

#[tokio::test]
async fn a_site_that_is_not_built_says_how_to_build_it() {
    let stage = Stage::set().await;
    stage.public_key(key("pk_1", &[])).await;
    for path in ["/", "/desk", "/demo", "/panel?key=pk_1"] {
        let response = stage.get(path).send().await.unwrap();
        assert_eq!(response.status(), 503, "{path}");
        assert!(
            response.text().await.unwrap().contains("cargo xtask build"),
            "{path}"
        );
    }
    stage.stop().await;
}
