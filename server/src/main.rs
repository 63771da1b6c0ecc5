//! The command line of Switchboard's server: which commands there are. What
//! they do is in `commands`.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use server::config::Mode;

use commands::{
    agent, backup, check, functions, import, inbox, key, privacy, serve, simulate, tenant, user,
};

/// A webhook is a tree of some hundred small pieces, made on one thread and freed on
/// another: a third of what one costs on the system's allocator is allocating.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Retell AI voice agents on your website and at your desk.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server. Settings come from the environment and from `.env`;
    /// see `.env.example`.
    Serve {
        /// Creates a demo tenant with agents and public keys, and points at the
        /// local emulator unless RETELL_API_KEY is set.
        #[arg(long)]
        demo: bool,
        #[command(flatten)]
        options: serve::Options,
    },
    /// Runs the server with the demo tenant, and a local Retell beside it.
    #[cfg(feature = "demo")]
    Demo {
        /// Where the local Retell listens; port 0 takes a free one.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
        emulator: std::net::SocketAddr,
        #[command(flatten)]
        options: serve::Options,
    },
    /// Checks the settings and everything the server depends on.
    Check(check::Check),
    /// Posts the webhooks of a scripted call to a running server.
    SimulateCall(simulate::SimulateCall),
    /// Makes, lists and takes back keys.
    Key(key::Key),
    /// Businesses: create, list, switch off and on.
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// The agents of the server's Retell account, and whose they are.
    #[command(subcommand)]
    Agent(agent::Command),
    /// What agents may ask this server for during calls.
    #[command(subcommand)]
    Functions(functions::Command),
    /// People: create, list, let in again, switch off, change roles.
    #[command(subcommand)]
    User(user::Command),
    /// Writes everything in the database into one file, while the server runs.
    Backup(backup::Backup),
    /// Fills a database from a backup, of either engine. Stop the server first.
    Restore(backup::Restore),
    /// What there is about a person: export or erase it; apply retention now.
    #[command(subcommand)]
    Privacy(privacy::Privacy),
    /// Seals every secret in the database with the newest encryption key.
    RotateEncryptionKeys(backup::RotateKeys),
    /// The webhook inbox: list, show, replay.
    #[command(subcommand, alias = "deliveries")]
    Inbox(inbox::Entries),
    /// Asks Retell for the calls of a time and adds what is missing. Goes on
    /// where it stopped.
    ImportCalls(import::ImportCalls),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve {
            demo: false,
            options,
        } => serve::serve(Mode::Production, options).await,
        Command::Serve {
            demo: true,
            options,
        } => serve::serve(Mode::Demo, options).await,
        #[cfg(feature = "demo")]
        Command::Demo { emulator, options } => serve::serve_demo(emulator, options).await,
        Command::Check(command) => command.run().await,
        Command::SimulateCall(command) => command.run().await,
        Command::Key(command) => command.run().await,
        Command::Tenant(command) => command.run().await,
        Command::Agent(command) => command.run().await,
        Command::Functions(command) => command.run().await,
        Command::User(command) => command.run().await,
        Command::Backup(command) => command.run().await,
        Command::Restore(command) => command.run().await,
        Command::Privacy(command) => command.run().await,
        Command::RotateEncryptionKeys(command) => command.run().await,
        Command::Inbox(command) => command.run().await,
        Command::ImportCalls(command) => command.run().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            commands::tell(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
