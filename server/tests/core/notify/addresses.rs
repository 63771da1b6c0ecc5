//! Where is sent to, and where not.

use outbound::BadAddress;
use receiver::Receiver;
use server::notify::{self, Endpoint, EndpointError, EndpointForm};

use crate::bench::{Bench, somebody};
use crate::support::{Scratch, free_port};

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let (receiver, elsewhere) = (Receiver::start().await, Receiver::start().await);
    let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
    receiver.answer_with(307, &[("location", &elsewhere.url)], "");
    bench.test_event(&endpoint).await;
    bench.work_off().await;
    receiver.next().await;
    assert!(elsewhere.rest().is_empty());
    assert_eq!(bench.log(&endpoint).await[0].last_status, Some(307));
    bench.clear().await;
}

#[tokio::test]
async fn a_private_address_is_refused_when_entered_and_again_when_sent() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let receiver = Receiver::start().await;
    let port = receiver.url.rsplit_once(':').unwrap().1.to_owned();
    let (endpoint, _) = bench.endpoint(&receiver.url, &["call.created"]).await;
    // Names are looked at when they are resolved, for each attempt.
    let by_name = format!("http://ip4-localhost.invalid:{port}");
    let (unknown, _) = bench.endpoint(&by_name, &["call.created"]).await;
    // The operator takes the permission back: the same database, another server.
    let bench = Bench::set_with(bench.leave().await, |config| {
        config.outbound.allow_private.clear();
    })
    .await;
    for url in [
        "http://127.0.0.1/",
        "https://127.0.0.1/",
        "https://localhost/",
    ] {
        let form = EndpointForm {
            url: url.to_owned(),
            description: String::new(),
            events: vec!["call.ended".to_owned()],
        };
        let none = std::collections::BTreeMap::new();
        let refused =
            notify::create(&bench.app.notify, &bench.tenant, &somebody(), form, &none).await;
        let Err(EndpointError::Address(BadAddress::NotHttps | BadAddress::Private)) = refused
        else {
            panic!("{url}: {refused:?}");
        };
    }
    bench.test_event(&endpoint).await;
    bench.work_off().await;
    assert!(receiver.rest().is_empty());
    let row = bench.log(&endpoint).await.remove(0);
    assert_eq!((row.state.as_str(), row.last_status), ("pending", None));
    assert!(row.last_error.unwrap().contains("https"));
    assert!(bench.log(&unknown).await.is_empty());
    bench.clear().await;
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_said_so() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let (endpoint, _) = bench.endpoint(&nobody, &["call.created"]).await;
    let (lost, _) = bench
        .endpoint("http://no-such-host.invalid:8080/", &["call.created"])
        .await;
    bench.test_event(&endpoint).await;
    bench.test_event(&lost).await;
    assert_eq!(bench.work_off().await, 2);
    let error = async |of: &Endpoint| bench.log(of).await.remove(0).last_error.unwrap();
    assert_eq!(error(&endpoint).await, "No connection could be made.");
    assert_eq!(
        error(&lost).await,
        "The host in the address cannot be found."
    );
    bench.clear().await;
}
