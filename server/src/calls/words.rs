//! The words of what was said, as they are looked for.

use std::collections::BTreeSet;

use api::live::{Item, ItemKind};

use crate::contacts::fold;

/// What nobody looks for, folded: in nearly every call, in one language or another.
const LITTLE: &str = "a al am an and are as at auf be but can con das de del dem den der des die \
    do du ein eine el en er es for from had has have he i ich ihr im in is ist it la las lo los \
    me mein mit my no not of on or para pero por que se she si sie sind so su te that the their \
    they this to tu un una und uns was we wer wie wir with y yes you your zu";
/// Longer ones are no words.
const MAX_CHARS: usize = 40;

/// The words of a text, each once.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric());
    let is_word = |word: &&str| {
        !word.is_empty()
            && word.chars().count() <= MAX_CHARS
            && !LITTLE.split(' ').any(|it| it == *word)
    };
    words.filter(is_word).map(str::to_owned).collect()
}

/// The words of what somebody typed, in its order, also those nobody looks for in what was said: a
/// name may begin so.
pub(super) fn looked_for(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| (1..=MAX_CHARS).contains(&word.chars().count()));
    words.map(str::to_owned).collect()
}

/// The words of what people and agents said in a call.
pub(super) fn said(items: &[Item]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for item in items {
        if let ItemKind::Agent { content }
        | ItemKind::User { content }
        | ItemKind::TransferTarget { content } = &item.kind
        {
            all.extend(words(content));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_however_it_is_written() {
        let all = |text: &str| words(text).into_iter().collect::<Vec<_>>();
        assert_eq!(
            all("¿Cuánto cuesta la GRÖẞE 42?"),
            ["42", "cuanto", "cuesta", "grosse"]
        );
        assert_eq!(all("refund, the Refund's"), ["refund", "s"]);
        assert!(all("and the … I").is_empty());
        assert!(all(&"x".repeat(MAX_CHARS + 1)).is_empty());
    }
}
