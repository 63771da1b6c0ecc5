//! The example of the README, as it stands there.

use emulator::testing::Peer;
use emulator::{Config, Emulator};
use retell::Client;
use retell::models::CreateWebCall;

type Failure = Box<dyn std::error::Error>;

#[tokio::test]
async fn the_agent_answers() -> Result<(), Failure> {
    let emulator = Emulator::start(Config::default()).await?; // on any free port
    let client = Client::builder("key_local_emulator")
        .base_url(emulator.url())
        .build()?;
    let call = client
        .create_web_call(&CreateWebCall {
            agent_id: "agent_test_short".to_owned(),
            ..CreateWebCall::default()
        })
        .await?;
    let visitor = Peer::connect(emulator.url(), &call.access_token, &call.call_id).await?;
    visitor
        .wait_for("the agent's voice", |view| view.level(200) > -40)
        .await?;
    visitor.hang_up().await?;
    emulator.shutdown().await;
    Ok(())
}

#[test]
fn the_readme_shows_it() {
    let (_, example) = include_str!("readme.rs").split_once("\n\n").unwrap();
    let (example, _) = example.split_once("\n#[test]").unwrap();
    assert!(include_str!("../../README.md").contains(example));
}
