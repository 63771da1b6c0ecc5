//! What a source says that the rules are about: the modules it declares, the paths it
//! names and its texts. What is compiled for tests only is left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::tokens::Token::{self, Colons, Mark, Text, Word};
use super::tokens::tokens;

/// A file of a crate, or what matters of it.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// As people are told of it: from the root of the checkout.
    pub(super) file: String,
    /// Every module in it, itself included: its place in the crate, and whether it is in
    /// a file of its own, which is still to be read.
    pub(super) modules: Vec<(Vec<String>, bool)>,
    pub(super) paths: Vec<Named>,
    /// Its texts, and in which lines.
    pub(super) texts: Vec<(String, usize)>,
    /// The functions that are given them, if any are.
    pub(super) takers: Vec<String>,
    /// The parts of the store that it says: by which name each is given out.
    pub(super) parts: Vec<String>,
    /// The parts of the store that it may ask: `store.calls()`, `self.0.calls()`.
    pub(super) asked: Vec<(String, Vec<String>, usize)>,
    /// Where it adds methods to the store itself.
    pub(super) of_store: Vec<usize>,
}

/// A path that a source names: `crate::calls::Call`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) segments: Vec<String>,
    /// The module that names it.
    pub(super) module: Vec<String>,
    /// What a `use` calls it there.
    pub(super) name: Option<String>,
    pub(super) line: usize,
}

impl Named {
    /// The path from the crate's root, if it says where it begins.
    pub(super) fn absolute(&self) -> Option<Vec<String>> {
        let mut at = match self.segments.first()?.as_str() {
            "crate" => Vec::new(),
            "self" | "super" => self.module.clone(),
            _ => return None,
        };
        for segment in &self.segments {
            match segment.as_str() {
                "crate" | "self" => {}
                "super" => drop(at.pop()),
                _ => at.push(segment.clone()),
            }
        }
        Some(at)
    }
}

/// Reads a crate from its root, module by module.
///
/// # Errors
/// When a file cannot be read, or a declared module has none.
pub(super) fn read_crate(checkout: &Path, root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut open = vec![(root.to_owned(), Vec::new())];
    while let Some((path, module)) = open.pop() {
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let file = path.strip_prefix(checkout).unwrap_or(&path);
        let source = read(&file.to_string_lossy(), &module, &text);
        for (child, own_file) in &source.modules {
            if *own_file {
                let below = &child[module.len()..];
                open.push((file_of(&path, module.is_empty(), below)?, child.clone()));
            }
        }
        sources.push(source);
    }
    Ok(sources)
}

/// Where the module is that a file declares.
fn file_of(parent: &Path, is_root: bool, below: &[String]) -> Result<PathBuf> {
    let mut dir = parent.with_extension("");
    if is_root || dir.ends_with("mod") {
        dir.pop();
    }
    dir.extend(below);
    [dir.with_extension("rs"), dir.join("mod.rs")]
        .into_iter()
        .find(|it| it.is_file())
        .with_context(|| {
            format!(
                "{} declares {}, which is nowhere",
                parent.display(),
                below.join("::")
            )
        })
}

/// Reads one file, which is a module of its crate.
pub(super) fn read(file: &str, module: &[String], text: &str) -> Source {
    let tokens = shipped(&tokens(text));
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
        module: module.to_vec(),
        source: Source {
            file: file.to_owned(),
            modules: vec![(module.to_vec(), false)],
            ..Source::default()
        },
    };
    reader.read();
    reader.source
}

/// The first names of all paths in a text, tests included: what it takes from other crates.
pub(super) fn first_names(text: &str) -> BTreeSet<String> {
    let tokens = tokens(text);
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
        module: Vec::new(),
        source: Source::default(),
    };
    reader.read();
    let first = |path: Named| path.segments.into_iter().next();
    reader.source.paths.into_iter().filter_map(first).collect()
}

/// The tokens without what carries `#[cfg(test)]`.
fn shipped<'a>(tokens: &[(Token<'a>, usize)]) -> Vec<(Token<'a>, usize)> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        if is_for_tests(&tokens[at..]) {
            at = after_item(tokens, at);
        } else if tokens[at].0 == Mark('#') && is_for_tests_as_a_whole(&tokens[at..]) {
            break;
        } else {
            kept.push(tokens[at]);
            at += 1;
        }
    }
    kept
}

fn begins_with(tokens: &[(Token<'_>, usize)], expected: &[Token<'_>]) -> bool {
    tokens.len() >= expected.len()
        && tokens
            .iter()
            .map(|it| &it.0)
            .zip(expected)
            .all(|(a, b)| a == b)
}

fn is_for_tests(tokens: &[(Token<'_>, usize)]) -> bool {
    const ONLY: [Token<'_>; 6] = [
        Mark('#'),
        Mark('['),
        Word("cfg"),
        Mark('('),
        Word("test"),
        Mark(')'),
    ];
    const ALL: [Token<'_>; 7] = [
        Mark('#'),
        Mark('['),
        Word("cfg"),
        Mark('('),
        Word("all"),
        Mark('('),
        Word("test"),
    ];
    begins_with(tokens, &ONLY) || begins_with(tokens, &ALL)
}

fn is_for_tests_as_a_whole(tokens: &[(Token<'_>, usize)]) -> bool {
    tokens.get(1).is_some_and(|it| it.0 == Mark('!'))
        && begins_with(
            &tokens[2..],
            &[Mark('['), Word("cfg"), Mark('('), Word("test"), Mark(')')],
        )
}

/// Where what follows an attribute ends: an item, a statement, a field or an arm.
fn after_item(tokens: &[(Token<'_>, usize)], mut at: usize) -> usize {
    while begins_with(&tokens[at..], &[Mark('#'), Mark('[')]) {
        at = after_group(tokens, at + 1);
    }
    if begins_with(&tokens[at..], &[Word("pub"), Mark('(')]) {
        at = after_group(tokens, at + 1);
    }
    let words = tokens[at..].iter().map_while(|(token, _)| match token {
        Word(word) => Some(*word),
        _ => None,
    });
    let words: Vec<_> = words.take(3).collect();
    let is = |these: &[&str]| words.iter().any(|it| these.contains(it));
    let block = is(&[
        "fn",
        "mod",
        "struct",
        "enum",
        "impl",
        "trait",
        "macro_rules",
    ]);
    let statement = !block && is(&["let", "const", "static", "type", "use"]);
    while let Some((token, _)) = tokens.get(at) {
        match token {
            Mark('{') => {
                at = after_group(tokens, at);
                if !statement {
                    return at;
                }
            }
            Mark('(' | '[') => at = after_group(tokens, at),
            Mark(';') => return at + 1,
            Mark(',') if !block && !statement => return at + 1,
            Mark('}' | ')' | ']') => return at,
            _ => at += 1,
        }
    }
    at
}

/// Where the bracket ends that opens here.
fn after_group(tokens: &[(Token<'_>, usize)], mut at: usize) -> usize {
    let mut depth = 0;
    while let Some((token, _)) = tokens.get(at) {
        at += 1;
        match token {
            Mark('{' | '(' | '[') => depth += 1,
            Mark('}' | ')' | ']') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// What takes a text that names something in an object: `{"id": 1}`.
pub(super) const KEY: &str = ":";

struct Reader<'a> {
    tokens: &'a [(Token<'a>, usize)],
    at: usize,
    module: Vec<String>,
    source: Source,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        // How deep we are in brackets, and at which depth each inline module began.
        let (mut depth, mut inline) = (0, Vec::new());
        // What is called in each parenthesis that is open, if anything.
        let mut called: Vec<Option<&str>> = Vec::new();
        while let Some(token) = self.peek(0) {
            match (token, self.peek(1), self.peek(2)) {
                (Word("mod"), Some(Word(name)), Some(Mark(mark @ (';' | '{')))) => {
                    let mut module = self.module.clone();
                    module.push(name.to_owned());
                    self.source.modules.push((module.clone(), mark == ';'));
                    if mark == '{' {
                        inline.push(depth);
                        depth += 1;
                        self.module = module;
                    }
                    self.at += 3;
                    continue;
                }
                // `use<'a>` is a bound.
                (Word("use"), Some(Word(_) | Colons | Mark('{')), _) => {
                    self.at += 1;
                    self.tree(&[]);
                    continue;
                }
                (Word(_), Some(Colons), _) if !self.goes_on() => {
                    self.path();
                    continue;
                }
                (Word("impl"), Some(Word("Store")), Some(Mark('{'))) => {
                    self.source.of_store.push(self.line());
                }
                (Mark('!'), Some(Mark('{')), Some(Word(name)))
                    if self.before(1) == Some(Word("part")) && self.peek(3) == Some(Mark('-')) =>
                {
                    self.source.parts.push(name.to_owned());
                }
                // A number, which a field of a tuple is, is no token.
                (Mark('.'), Some(Word(name)), Some(Mark('(')))
                    if matches!(self.before(1), Some(Word("store") | Mark('.')))
                        && self.peek(3) == Some(Mark(')')) =>
                {
                    let asked = (name.to_owned(), self.module.clone(), self.line());
                    self.source.asked.push(asked);
                }
                (Mark('{'), ..) => depth += 1,
                (Mark('}'), ..) => {
                    depth -= 1;
                    if inline.last() == Some(&depth) {
                        inline.pop();
                        self.module.pop();
                    }
                }
                (Text(text), ..) => {
                    let line = self.line();
                    self.source.texts.push((text.to_owned(), line));
                    let taker = match self.peek(1) {
                        Some(Mark(':')) => Some(KEY),
                        _ => called.iter().rev().flatten().next().copied(),
                    };
                    self.source
                        .takers
                        .push(taker.unwrap_or_default().to_owned());
                }
                (Mark('('), ..) => {
                    called.push(self.called());
                }
                (Mark(')'), ..) => drop(called.pop()),
                _ => {}
            }
            self.at += 1;
        }
    }

    fn peek(&self, ahead: usize) -> Option<Token<'a>> {
        self.tokens.get(self.at + ahead).map(|it| it.0)
    }

    fn before(&self, back: usize) -> Option<Token<'a>> {
        self.at.checked_sub(back).map(|at| self.tokens[at].0)
    }

    fn line(&self) -> usize {
        self.tokens
            .get(self.at)
            .or(self.tokens.last())
            .map_or(0, |it| it.1)
    }

    /// The function whose arguments begin here, if any does: `get(` and `get::<u8>(`.
    fn called(&self) -> Option<&'a str> {
        let mut back = 1;
        if self.before(1) == Some(Mark('>')) && self.before(2) != Some(Mark('-')) {
            let mut depth = 0;
            loop {
                match self.before(back)? {
                    Mark('>') => depth += 1,
                    Mark('<') => depth -= 1,
                    _ => {}
                }
                back += 1;
                if depth == 0 {
                    break;
                }
            }
            if self.before(back) == Some(Colons) {
                back += 1;
            }
        }
        match self.before(back)? {
            Word(function) => Some(function),
            _ => None,
        }
    }

    /// Whether what stands here continues a path (`Vec::<u8>::new`) or is where something
    /// may be seen (`pub(in crate::calls)`).
    fn goes_on(&self) -> bool {
        match (self.before(2), self.before(1)) {
            (Some(Mark('>') | Word(_)), Some(Colons)) => true,
            (Some(Mark('(')), Some(Word("in"))) => self.before(3) == Some(Word("pub")),
            _ => false,
        }
    }

    /// A path in the midst of code.
    fn path(&mut self) {
        let (mut segments, line) = (Vec::new(), self.line());
        while let Some(Word(word)) = self.peek(0) {
            segments.push(word.to_owned());
            self.at += 1;
            if !matches!((self.peek(0), self.peek(1)), (Some(Colons), Some(Word(_)))) {
                break;
            }
            self.at += 1;
        }
        self.name(segments, None, line);
    }

    /// A tree of a `use`, below what stands before its brace.
    fn tree(&mut self, above: &[String]) {
        let mut segments = above.to_vec();
        let mut line = self.line();
        loop {
            match self.peek(0) {
                Some(Colons) => {}
                Some(Word("as")) => {
                    let name = match self.peek(1) {
                        Some(Word(name)) => name.to_owned(),
                        _ => String::new(),
                    };
                    self.at += 2;
                    return self.name(segments, Some(name), line);
                }
                Some(Word(word)) => {
                    line = self.line();
                    // `{self, …}` is what stands before the brace.
                    if word != "self" || segments.is_empty() {
                        segments.push(word.to_owned());
                    }
                }
                Some(Mark('{')) => {
                    self.at += 1;
                    while !matches!(self.peek(0), None | Some(Mark('}'))) {
                        self.tree(&segments);
                        if self.peek(0) == Some(Mark(',')) {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                Some(Mark('*')) => {
                    self.at += 1;
                    return self.name(segments, None, line);
                }
                _ => {
                    let name = segments.last().cloned();
                    return self.name(segments, name, line);
                }
            }
            self.at += 1;
        }
    }

    fn name(&mut self, segments: Vec<String>, name: Option<String>, line: usize) {
        let module = self.module.clone();
        self.source.paths.push(Named {
            segments,
            module,
            name,
            line,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paths a module of this name names, `line path`.
    fn paths(module: &str, text: &str) -> Vec<String> {
        let module: Vec<_> = module.split("::").map(str::to_owned).collect();
        let shown = |it: &Named| {
            let absolute = it.absolute().unwrap_or_else(|| it.segments.clone());
            format!("{} {}", it.line, absolute.join("::"))
        };
        read("a.rs", &module, text)
            .paths
            .iter()
            .map(shown)
            .collect()
    }

    #[test]
    fn reads_a_tree_of_uses_over_several_lines() {
        let text = "use crate::{\n    a::{self, b::C, d as e},\n    f,\n};\nuse ::g::{h::*, i};\n";
        assert_eq!(
            paths("m", text),
            ["2 a", "2 a::b::C", "2 a::d", "3 f", "5 g::h", "5 g::i"]
        );
    }

    #[test]
    fn resolves_what_is_named_from_here_or_from_above() {
        let text = "use super::super::x::Y;\nuse self::z;\nuse super::w;\nfn f() { super::v::g() }";
        assert_eq!(
            paths("a::b", text),
            ["1 x::Y", "2 a::b::z", "3 a::w", "4 a::v::g"]
        );
        let inline =
            "mod c { use super::super::x; mod d { fn f() { super::g::h() } } }\nuse super::x;";
        assert_eq!(
            paths("a::b", inline),
            ["1 a::x", "1 a::b::c::g::h", "2 a::x"]
        );
    }

    #[test]
    fn reads_paths_in_code_but_not_what_follows_generics() {
        let text = "pub(in crate::no) fn f(x: &crate::a::B) -> Vec<crate::c::D> {
            Vec::<u8>::no::no(<crate::e::F as G>::no::no, crate::h::I::<u8>::no)
        }";
        assert_eq!(
            paths("m", text),
            ["1 a::B", "1 c::D", "2 Vec", "2 e::F", "2 h::I"]
        );
    }

    #[test]
    fn passes_over_comments_and_strings() {
        let text =
            "//! crate::a::b\n/// [`crate::a`]\nfn f() { g(\"crate::a::b\"); /* crate::a::b */ }";
        assert_eq!(paths("m", text), [""; 0]);
        assert_eq!(
            read("a.rs", &[], text).texts,
            [("crate::a::b".to_owned(), 3)]
        );
    }

    #[test]
    fn leaves_out_what_is_for_tests_and_nothing_else() {
        let text = "
            #[cfg(test)]
            mod tests { use crate::no; }
            #[cfg(test)]
            mod more;
            #[cfg(test)]
            #[expect(dead_code)]
            pub(crate) fn f<A, B>(a: [u8; 2]) where A: crate::no::A { crate::no::f() }
            #[cfg(all(test, unix))]
            use crate::{no, no::no};
            #[cfg(test)]
            const X: crate::no::X = crate::no::X { a: 1 }.b(crate::no::c);
            struct S { #[cfg(test)] a: crate::no::A, b: crate::b::B }
            #[cfg(not(test))]
            use crate::c;
            fn g() { #[cfg(test)] crate::no::g(); crate::d::g() }
        ";
        assert_eq!(paths("m", text), ["13 b::B", "15 c", "16 d::g"]);
        assert_eq!(read("a.rs", &[], text).modules.len(), 1);
        assert_eq!(paths("m", "#![cfg(test)]\nuse crate::no;"), [""; 0]);
    }

    #[test]
    fn tells_which_parts_of_the_store_there_are_and_which_are_asked() {
        let text = "
            crate::store::part! {
                /// The calls.
                calls -> Calls
            }
            impl Calls<'_> { fn f(self) { self.0.agents().g(); self.calls() } }
            impl Store { }
            fn h(cx: Cx) { cx.store\n.people()\n.one(cx.store.read(scope)); map.keys() }
        ";
        let source = read("a.rs", &["a".to_owned()], text);
        let asked = source
            .asked
            .iter()
            .map(|(it, _, line)| (it.as_str(), *line));
        assert_eq!(source.parts, ["calls"]);
        assert_eq!(asked.collect::<Vec<_>>(), [("agents", 6), ("people", 9)]);
        assert_eq!(source.of_store, [7]);
    }

    #[test]
    fn tells_the_modules_that_are_declared() {
        let at = |it: &str| it.split("::").map(str::to_owned).collect::<Vec<_>>();
        let source = read(
            "a.rs",
            &at("a"),
            "pub mod b;\nmod c { mod d; }\nfn mode() {}\nmod e;",
        );
        assert_eq!(
            source.modules,
            [
                (at("a"), false),
                (at("a::b"), true),
                (at("a::c"), false),
                (at("a::c::d"), true),
                (at("a::e"), true),
            ]
        );
    }
}
