//! What is made of a function's body, up to the database.

use std::collections::HashMap;

use super::request::{Around, Request};
use super::{schema, tool};

/// A function's name in the first line, which may be empty; then the body.
pub fn function(bytes: &[u8]) {
    let cut = bytes.iter().position(|byte| *byte == b'\n');
    let (name, body) = cut.map_or((bytes, &[][..]), |at| (&bytes[..at], &bytes[at + 1..]));
    let name = String::from_utf8_lossy(name);
    let around = Around {
        name: Some(name.as_ref()).filter(|name| !name.is_empty()),
        query: &HashMap::new(),
        header: &|_| None,
    };
    let Some(request) = Request::read(body, around) else {
        return;
    };
    assert_eq!(request.key(true), request.key(true));
    let Some(tool) = tool::find(&request.name) else {
        return;
    };
    let schema = (tool.parameters)();
    if let Ok(fitted) = schema::fit(&schema, request.arguments) {
        let again = schema::fit(&schema, fitted.clone());
        assert_eq!(again.as_ref(), Ok(&fitted), "what fits is left as it is");
    }
}
