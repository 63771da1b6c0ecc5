//! Files of the front end: types, compression, caching.

use reqwest::Response;
use reqwest::header::{ACCEPT_ENCODING, IF_NONE_MATCH, ORIGIN};

use crate::stage::Stage;
use crate::support::problem;

async fn get(stage: &Stage, path: &str, accept: &str) -> Response {
    stage
        .get(path)
        .header(ACCEPT_ENCODING, accept)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn bundles_come_compressed_and_are_kept_for_good() {
    let stage = Stage::set().await;
    stage.site_file("assets/widget.0123456789ab.wasm", "raw");
    stage.site_file("assets/widget.0123456789ab.wasm.br", "brotli");
    stage.site_file("assets/widget.0123456789ab.wasm.gz", "gzip");
    let path = "/assets/widget.0123456789ab.wasm";
    for (accept, encoding, body) in [
        ("gzip, deflate, br", Some("br"), "brotli"),
        ("gzip, deflate", Some("gzip"), "gzip"),
        ("br;q=0, identity", None, "raw"),
    ] {
        let response = get(&stage, path, accept).await;
        assert_eq!(response.status(), 200);
        let headers = response.headers().clone();
        assert_eq!(headers["content-type"], "application/wasm");
        assert_eq!(
            headers["cache-control"],
            "public, max-age=31536000, immutable"
        );
        assert!(
            headers["vary"]
                .to_str()
                .unwrap()
                .contains("accept-encoding")
        );
        let told = headers
            .get("content-encoding")
            .map(|value| value.to_str().unwrap());
        assert_eq!(told, encoding, "{accept}");
        assert_eq!(response.text().await.unwrap(), body, "{accept}");
    }
    stage.stop().await;
}

#[tokio::test]
async fn the_launcher_runs_in_other_people_s_pages() {
    let stage = Stage::set().await;
    stage.site_file("widget.js", "launcher");
    stage.site_file("widget.js.br", "compressed");
    let request = stage
        .get("/widget.js")
        .header(ORIGIN, "https://www.example.com");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let headers = response.headers().clone();
    assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert_eq!(headers["cross-origin-resource-policy"], "cross-origin");
    assert_eq!(headers["cache-control"], "public, max-age=300");
    let tag = headers["etag"].to_str().unwrap().to_owned();
    // The parts it imports are asked for with CORS, as every module is.
    for part in ["widget-panel.js", "widget-help.js", "widget-dialog.js"] {
        stage.site_file(part, "part");
        let response = get(&stage, &format!("/{part}"), "").await;
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        assert_eq!(response.headers()["cache-control"], "public, max-age=300");
    }

    let known = stage
        .get("/widget.js")
        .header(IF_NONE_MATCH, &tag)
        .send()
        .await
        .unwrap();
    assert_eq!(known.status(), 304);
    assert_eq!(known.headers()["etag"], tag.as_str());
    assert_eq!(known.headers()["access-control-allow-origin"], "*");
    assert_eq!(known.text().await.unwrap(), "");
    // The compressed form is another body, and has another tag.
    let compressed = get(&stage, "/widget.js", "br").await;
    assert_ne!(compressed.headers()["etag"], tag.as_str());
    stage.site_file("widget.js", "new launcher");
    let changed = stage
        .get("/widget.js")
        .header(IF_NONE_MATCH, &tag)
        .send()
        .await
        .unwrap();
    assert_eq!(changed.status(), 200);
    stage.stop().await;
}

#[tokio::test]
async fn only_what_belongs_to_the_site_is_served() {
    let stage = Stage::set().await;
    stage.site_file("manifest.json", "{}");
    stage.site_file("panel.html", "template");
    stage.site_file("widget.js.br", "compressed");
    stage.site_file("demo/team.webp", "picture");
    std::fs::write(stage.site().join("../secret.txt"), "secret").unwrap();
    let picture = stage.get("/demo/team.webp").send().await.unwrap();
    assert_eq!(picture.status(), 200);
    assert_eq!(picture.headers()["content-type"], "image/webp");
    for path in [
        "/manifest.json",
        "/panel.html",
        "/widget.js.br",
        "/assets/none.js",
        "/assets/%2e%2e/manifest.json",
        "/assets/..%2f..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/nothing",
    ] {
        let response = stage.get(path).send().await.unwrap();
        problem(response, 404, "not-found").await;
    }
    stage.stop().await;
}
