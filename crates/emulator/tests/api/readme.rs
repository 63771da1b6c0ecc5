//! The example of the README, as it stands there.

use emulator::{Config, Emulator, testing::Peer};

#[tokio::test]
async fn the_agent_answers() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::start(Config::default()).await?; // on any free port
    let visitor = Peer::call(&emulator, "agent_test_short").await?;
    visitor.wait_for_voice().await?;
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
