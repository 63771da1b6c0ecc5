//! Rebuilds the server when a migration is added: they are compiled in.

#[expect(
    clippy::print_stdout,
    reason = "this is how a build script talks to Cargo"
)]
fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
