//! Whose the tables of the database are. The room that inserts into one owns it: nobody
//! else writes it, and who reads it in a join rests on its owner as if by a path.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Source;

/// The room below all domains, whose tables they share.
const GROUND: &str = "store";

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
pub(super) fn look(sources: &[Source]) -> (Vec<Reading>, Vec<String>) {
    let statements: Vec<_> = sources.iter().flat_map(statements).collect();
    let mut owners = BTreeMap::<_, BTreeSet<_>>::new();
    for it in statements.iter().filter(|it| it.deed == Deed::Inserts) {
        owners.entry(&it.table).or_default().insert(it.room);
    }
    let (mut readings, mut wrong) = (Vec::new(), Vec::new());
    for it in &statements {
        let Some(rooms) = owners.get(&it.table).filter(|it| !it.contains(GROUND)) else {
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
        if name.starts_with(|it: char| it.is_ascii_lowercase()) {
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
            "fn f() {\n query(\"DELETE FROM agents WHERE id = $1\"); query(\"UPDATE {table} SET x = 1\") }",
        );
        let (readings, wrong) = look(&[calls, agents, reads, writes]);
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
        assert_eq!(look(&[ground, writes]), (Vec::new(), Vec::new()));
    }

    #[test]
    fn words_are_no_tables() {
        assert_eq!(tables("FROM Retell, FOR UPDATE OF calls"), []);
        assert_eq!(tables("news from calls"), []);
    }
}
