//! Makes the functions of the words (`app/texts/desk`).

use std::path::Path;
use std::{env, fs};

use words::{Catalog, Load};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let texts = Path::new("../texts/desk");
    println!("cargo::rerun-if-changed={}", texts.display());
    let catalog = Catalog::read(texts).map_err(|error| error.to_string())?;
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        // `xtask` takes the bundle apart, and needs to know what refers to what.
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    fs::write(out.join("words.rs"), catalog.rust())?;
    // What a browser loads is put together by `xtask`; tests, which have none, read it here.
    for tag in catalog.tags() {
        let file = |when| catalog.packed(tag, when);
        fs::write(out.join(format!("{tag}.json")), file(Load::First))?;
        fs::write(out.join(format!("{tag}.later.json")), file(Load::Later))?;
    }
    Ok(())
}
