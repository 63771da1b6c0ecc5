//! Whose the tables of the database are. The room that inserts into one owns it: nobody
//! else writes it, and who reads it in a join rests on its owner as if by a path. A table
//! that no statement inserts into by its name is inserted into by the ground, for the room
//! that gives it the name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Result;

use super::rules::is_store;
use super::source::{KEY, Source};
use crate::shell;

/// The rooms below all domains whose tables they share.
const GROUND: [&str; 2] = ["store", "deeds"];
/// The rooms below them that are given the name of a table.
const GIVEN: [&str; 3] = ["store", "keeps", "listed"];
/// What takes a text which may be called as a table is, and does nothing to it.
const HARMLESS: [&str; 6] = ["bind", "from_json", "get", KEY, "list", "try_get"];

/// A statement that names a table.
#[derive(Debug, PartialEq, Eq)]
struct Statement<'a> {
    room: &'a str,
    table: String,
    deed: Deed,
    site: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Inserts,
    Changes,
    Reads,
}

/// Which room reads another's tables, and where: from, to, `file:line`.
pub(super) type Reading = (String, String, String);

/// Who reads whose tables, and what is wrong: a table that two rooms own, or that is
/// written by another.
pub(super) fn look(sources: &[Source], schema: &BTreeSet<String>) -> (Vec<Reading>, Vec<String>) {
    let mut statements: Vec<_> = sources.iter().flat_map(statements).collect();
    let mut wrong = Vec::new();
    statements.retain(|it| {
        let is_named = !it.table.starts_with('{');
        // A package that brings no tables of its own knows none.
        if !is_named && !schema.is_empty() && !GIVEN.contains(&it.room) {
            wrong.push(format!(
                "{}: `{}` hides which table it is",
                it.site, it.table
            ));
        }
        is_named
    });
    let inserted: BTreeSet<_> = statements
        .iter()
        .filter(|it| it.deed == Deed::Inserts)
        .map(|it| it.table.clone())
        .collect();
    for it in sources.iter().flat_map(|source| given(source, schema)) {
        statements.push(Statement {
            deed: match inserted.contains(&it.table) {
                true => Deed::Changes,
                false => Deed::Inserts,
            },
            ..it
        });
    }
    let mut owners = BTreeMap::<_, BTreeSet<_>>::new();
    for it in statements.iter().filter(|it| it.deed == Deed::Inserts) {
        owners.entry(&it.table).or_default().insert(it.room);
    }
    let mut readings = Vec::new();
    for it in &statements {
        let Some(rooms) = owners
            .get(&it.table)
            .filter(|it| GROUND.iter().all(|ground| !it.contains(ground)))
        else {
            continue;
        };
        let owner = *rooms.first().unwrap_or(&it.room);
        if owner == it.room {
            continue;
        }
        match it.deed {
            Deed::Reads => readings.push((it.room.to_owned(), owner.to_owned(), it.site.clone())),
            Deed::Inserts | Deed::Changes => {
                wrong.push(format!("{}: `{}` is {owner}'s to write", it.site, it.table));
            }
        }
    }
    (readings, wrong)
}

/// The tables there are, by what the migrations below this folder create.
///
/// # Errors
/// When one cannot be read.
pub(super) fn of_schema(migrations: &Path) -> Result<BTreeSet<String>> {
    let mut tables = BTreeSet::new();
    for file in shell::files_below(migrations)? {
        let text = fs::read_to_string(file)?;
        let created = text.split("CREATE TABLE ").skip(1);
        let names = created.filter_map(|it| it.split([' ', '(', '\n']).next());
        tables.extend(names.map(str::to_owned));
    }
    Ok(tables)
}

/// The tables whose names a store gives to the ground.
fn given<'a>(source: &'a Source, schema: &BTreeSet<String>) -> Vec<Statement<'a>> {
    let Some(room) = source
        .modules
        .first()
        .and_then(|(module, _)| module.first())
    else {
        return Vec::new();
    };
    if !is_store(&source.file) || GIVEN.contains(&room.as_str()) {
        return Vec::new();
    }
    let texts = source.texts.iter().zip(&source.takers);
    let tables = texts
        .filter(|((text, _), taker)| schema.contains(text) && !HARMLESS.contains(&taker.as_str()));
    let statement = |((table, line), _): (&(String, usize), &String)| Statement {
        room,
        table: table.clone(),
        deed: Deed::Changes,
        site: format!("{}:{line}", source.file),
    };
    tables.map(statement).collect()
}

fn statements(source: &Source) -> impl Iterator<Item = Statement<'_>> {
    let room = source
        .modules
        .first()
        .and_then(|(module, _)| module.first());
    let texts = room.into_iter().flat_map(move |room| {
        let texts = source.texts.iter();
        texts.map(move |(text, line)| (room.as_str(), text, format!("{}:{line}", source.file)))
    });
    texts.flat_map(|(room, text, site)| {
        tables(text)
            .into_iter()
            .map(move |(deed, table)| Statement {
                room,
                table: table.to_owned(),
                deed,
                site: site.clone(),
            })
    })
}

/// The names that stand where SQL has a table, and what is done with it.
fn tables(text: &str) -> Vec<(Deed, &str)> {
    let words: Vec<_> = text
        .split(|it: char| !it.is_ascii_alphanumeric() && !"_{}".contains(it))
        .filter(|it| !it.is_empty())
        .collect();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let deed = match (*word, at.checked_sub(1).map(|it| words[it])) {
            ("INTO", Some("INSERT")) => Deed::Inserts,
            ("FROM", Some("DELETE")) => Deed::Changes,
            // Not `FOR UPDATE` and `DO UPDATE SET`.
            ("UPDATE", before) if !matches!(before, Some("FOR" | "DO")) => Deed::Changes,
            ("FROM" | "JOIN", _) => Deed::Reads,
            _ => continue,
        };
        let name = words.get(at + 1).copied().unwrap_or_default();
        if name.starts_with(|it: char| it.is_ascii_lowercase() || it == '{') {
            found.push((deed, name));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::source::read;
    use super::*;

    fn source(file: &str, text: &str) -> Source {
        let path = file.trim_end_matches(".rs").split('/').map(str::to_owned);
        read(file, &path.collect::<Vec<_>>(), text)
    }

    #[test]
    fn a_table_is_its_room_s_who_inserts_into_it() {
        let calls = source(
            "calls/store.rs",
            r#"fn f() { query("INSERT INTO calls (id) VALUES ($1)"); query("SELECT id FROM calls") }"#,
        );
        let agents = source(
            "agents/store.rs",
            r#"fn f() { query("INSERT INTO agents (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET x = 1") }"#,
        );
        let reads = source(
            "calls/store/list.rs",
            r#"fn f() { query("SELECT 1 FROM calls c LEFT JOIN agents a ON a.id = c.agent_id FOR UPDATE") }"#,
        );
        let writes = source(
            "accounts/store.rs",
            "fn f() {\n query(\"DELETE FROM agents WHERE id = $1\") }",
        );
        let (readings, wrong) = look(&[calls, agents, reads, writes], &BTreeSet::new());
        let reading = ("calls", "agents", "calls/store/list.rs:1");
        let (from, to, site) = reading;
        assert_eq!(readings, [(from.into(), to.into(), site.into())]);
        assert_eq!(
            wrong,
            ["accounts/store.rs:2: `agents` is agents's to write"]
        );
    }

    #[test]
    fn what_the_ground_owns_is_everybody_s() {
        let ground = source(
            "store.rs",
            r#"fn f() { query("INSERT INTO tenants (id)") }"#,
        );
        let writes = source(
            "accounts/store.rs",
            r#"fn f() { query("UPDATE tenants SET x = 1") }"#,
        );
        let (readings, wrong) = look(&[ground, writes], &BTreeSet::new());
        assert_eq!((readings, wrong), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_table_that_is_put_in_is_seen_where_its_name_is_given() {
        let ground = source(
            "keeps/store.rs",
            r#"fn erase(table: &str) { query("DELETE FROM {table} WHERE id = $1") }"#,
        );
        let owner = source(
            "calls/store/kept.rs",
            r#"fn f() { query("INSERT INTO calls (id)"); erase(write, "calls", &["stages"]) }"#,
        );
        let listed = source(
            "sms/store.rs",
            r#"const T: &str = "templates"; fn f() { from_json(row, "calls"); json!({"calls": row.try_get::<Vec<u8>, _>("calls")}) }"#,
        );
        let trespasser = source(
            "tenants/store.rs",
            "fn f() {\n erase(write, \"calls\");\n erase(write, \"templates\");\n query(\"UPDATE {t} SET\") }",
        );
        let schema = ["calls", "templates"].map(str::to_owned).into();
        assert_eq!(
            look(&[ground, owner, listed, trespasser], &schema).1,
            [
                "tenants/store.rs:4: `{t}` hides which table it is",
                "tenants/store.rs:2: `calls` is calls's to write",
                "tenants/store.rs:3: `templates` is sms's to write",
            ]
        );
    }

    #[test]
    fn words_are_no_tables() {
        assert_eq!(tables("FROM Retell, FOR UPDATE OF calls"), []);
        assert_eq!(tables("news from calls"), []);
    }
}
