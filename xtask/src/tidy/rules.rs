//! What is to be in its place only: SQL in stores, HTTP clients in the crate for them,
//! and a domain's store in the domain.

use super::source::Source;

/// The crates that may hold an HTTP client: the one way out, and the one that stands alone.
const WITH_HTTP: [&str; 2] = ["outbound", "retell"];
/// The crates that may speak SQL outside a store: the ground of the stores, and what is not
/// shipped.
const WITH_SQL: [&str; 4] = ["bench", "db", "scratch-postgres", "xtask"];

/// The crate with the store that rooms have parts of.
const WITH_STORE: &str = "server";

/// Whatever is out of its place in a crate: `file:line: what`.
pub(super) fn out_of_place<'a>(
    package: &str,
    sources: impl Iterator<Item = &'a Source>,
) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let may = is_store(&source.file) || source.file.ends_with(SOQL);
        if !WITH_SQL.contains(&package) && !may {
            found.extend(sql(source));
        }
        if !WITH_HTTP.contains(&package) {
            found.extend(http_clients(source));
        }
        found.extend(foreign_stores(source));
        if package == WITH_STORE {
            found.extend(methods_of_the_ground(source));
        }
    }
    found
}

/// What SQL creates, alters and drops.
const DEFINED: [&str; 10] = [
    "DATABASE", "FUNCTION", "INDEX", "POLICY", "ROLE", "SCHEMA", "TABLE", "TRIGGER", "UNIQUE",
    "VIEW",
];

/// Whose questions to Salesforce are in a language of its own, which reads like SQL.
const SOQL: &str = "provider/salesforce.rs";

/// Whether a file may speak SQL.
pub(super) fn is_store(file: &str) -> bool {
    let mut parts = file.split('/');
    parts.any(|it| it == "store" || it == "store.rs" || it == "migrations" || it == "migrations.rs")
}

fn sql(source: &Source) -> impl Iterator<Item = String> {
    let texts = source.texts.iter().filter(|(text, _)| is_sql(text));
    texts.map(|(_, line)| format!("{}:{line}: SQL outside a store", source.file))
}

/// Whether a text is a statement of SQL. The first word alone would take headings and
/// HTTP's methods for one.
fn is_sql(text: &str) -> bool {
    let text = text.trim_start_matches(|it: char| it.is_whitespace() || "(\\".contains(it));
    let mut words = text.split_whitespace();
    let verb = words.next().unwrap_or_default();
    let next: Vec<_> = words.take(2).map(str::to_ascii_uppercase).collect();
    let word = |at: usize| next.get(at).map_or("", String::as_str);
    match verb {
        // What it selects may stand in the next string.
        "SELECT" | "PRAGMA" => text.len() > verb.len(),
        "select" => text.contains(" from "),
        "INSERT" | "insert" | "REPLACE" => matches!(word(0), "INTO" | "OR"),
        "UPDATE" | "update" => matches!(word(1), "SET" | "AS") || word(0) == "ONLY",
        "DELETE" | "delete" => word(0) == "FROM",
        "WITH" => word(0) == "RECURSIVE" || word(1).starts_with("AS"),
        "CREATE" | "ALTER" | "DROP" | "create" | "alter" | "drop" => DEFINED.contains(&word(0)),
        _ => false,
    }
}

fn http_clients(source: &Source) -> impl Iterator<Item = String> {
    let client = |path: &[String]| {
        path.first().is_some_and(|it| it == "reqwest")
            && path
                .iter()
                .any(|it| matches!(it.as_str(), "Client" | "ClientBuilder" | "get" | "blocking"))
    };
    let found = source.paths.iter().filter(move |it| client(&it.segments));
    found.map(|it| {
        format!(
            "{}:{}: an HTTP client outside `outbound`",
            source.file, it.line
        )
    })
}

fn foreign_stores(source: &Source) -> impl Iterator<Item = String> {
    source.paths.iter().filter_map(|named| {
        let path = named.absolute()?;
        let [domain, store, ..] = path.as_slice() else {
            return None;
        };
        let foreign = store == "store" && named.module.first() != Some(domain);
        foreign.then(|| {
            let (file, line) = (&source.file, named.line);
            format!("{file}:{line}: the store of `{domain}` from outside")
        })
    })
}

/// Methods that a room adds to the store itself, where it has its own part of it.
fn methods_of_the_ground(source: &Source) -> impl Iterator<Item = String> {
    let module = source.modules.first().and_then(|(it, _)| it.first());
    let is_ground = module.is_some_and(|room| room == "store");
    let found = source.of_store.iter().filter(move |_| !is_ground);
    found.map(|line| {
        let file = &source.file;
        format!("{file}:{line}: a room's methods are of its own part of the store")
    })
}

#[cfg(test)]
mod tests {
    use super::super::source::read;
    use super::*;

    fn found(package: &str, file: &str, text: &str) -> Vec<String> {
        let module: Vec<_> = file
            .trim_end_matches(".rs")
            .split('/')
            .map(str::to_owned)
            .collect();
        let file = format!("{package}/src/{file}");
        out_of_place(package, [read(&file, &module, text)].iter())
    }

    #[test]
    fn finds_sql_in_strings_of_every_kind() {
        let text = r##"
            const A: &str = "SELECT 1";
            const B: &str = r#"
                INSERT INTO calls ("id") VALUES ($1)"#;
            const C: &str = "\
                WITH old AS (SELECT id FROM calls) DELETE FROM calls";
            fn f() { query(&format!("update {table} set x = 1")) }
            // "DELETE FROM calls"
            const E: &str = concat!("SELECT ", columns!(), " FROM calls");
            #[cfg(test)]
            mod tests { const D: &str = "DROP TABLE calls"; }
        "##;
        assert_eq!(
            found("server", "calls/list.rs", text),
            [2, 3, 5, 7, 9].map(|it| format!("server/src/calls/list.rs:{it}: SQL outside a store"))
        );
        for store in [
            "calls/store.rs",
            "calls/store/list.rs",
            "store/calls.rs",
            "store.rs",
        ] {
            assert_eq!(found("server", store, text), [""; 0], "{store}");
        }
        assert_eq!(found("db", "calls.rs", text), [""; 0]);
        assert_eq!(found("emulator", "calls.rs", text).len(), 5);
    }

    #[test]
    fn does_not_take_words_for_sql() {
        for text in [
            "DELETE",
            "DELETE /v2/call",
            "Select a call",
            "select a call",
            "with a key",
            "update the page",
            "Create table",
            "",
        ] {
            assert!(!is_sql(text), "{text}");
        }
    }

    #[test]
    fn finds_http_clients_however_they_are_named() {
        let text = "use reqwest::{Method, Client as Http};\nfn f() { reqwest::Client::builder() }\nuse retell::Client;\nfn g() { reqwest::get(\"\") }";
        assert_eq!(
            found("server", "a.rs", text),
            [1, 2, 4].map(|it| format!("server/src/a.rs:{it}: an HTTP client outside `outbound`"))
        );
        assert_eq!(found("outbound", "a.rs", text), [""; 0]);
    }

    #[test]
    fn lets_only_the_ground_add_methods_to_the_store() {
        let text = "use crate::store::Store;\nimpl Store { fn f(&self) {} }";
        assert_eq!(
            found("server", "calls/store.rs", text),
            ["server/src/calls/store.rs:2: a room's methods are of its own part of the store"]
        );
        assert_eq!(found("server", "store/tenant.rs", text), [""; 0]);
    }

    #[test]
    fn keeps_a_domain_s_store_in_the_domain() {
        let text = "use crate::calls::{Call, store};\nuse crate::store::Tenant;";
        assert_eq!(
            found("server", "hooks.rs", text),
            ["server/src/hooks.rs:1: the store of `calls` from outside"]
        );
        assert_eq!(found("server", "calls/http.rs", text), [""; 0]);
    }
}
