//! What it costs to ask for functions: each by itself (`overhead`), whole calls that book
//! beside each other, with what they need outside at its usual pace (`dialogue`), and more who
//! want a time than there are times (`storm`).

mod caller;
mod dialogue;
mod overhead;
mod storm;

use anyhow::Result;
use bench::program::{Engine, Program, Scratch};
use bench::report::{heading, machine};
use caller::Business;
use server::store::Store;

#[tokio::main]
async fn main() -> Result<()> {
    machine();
    let scratch = Scratch::new()?;
    let mut compared = dialogue::Compared::default();
    for engine in Engine::each(&scratch).await? {
        let store = Store::open(&engine.database()).await?;
        let functions = Business::all(&store, "function", overhead::ALL.len()).await?;
        let storms = Business::all(&store, "storm", storm::BUSINESSES).await?;
        let alone = Business::all(&store, "alone", dialogue::BUSINESSES).await?;
        let outside = Business::all(&store, "outside", dialogue::BUSINESSES).await?;
        store.close().await;
        let server = Program::server(&scratch, &engine.url, "http://127.0.0.1:9").await?;
        heading(&format!("functions, {}", engine.name));
        overhead::run(&server, &functions).await?;
        storm::run(&server, &storms).await?;
        compared
            .ours(engine.name, &server, &alone, &outside)
            .await?;
        server.stop().await;
    }
    compared.express(&scratch).await?;
    compared.report();
    Ok(())
}
