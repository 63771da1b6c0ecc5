//! What the staff often tell agents during calls: said in the settings, offered at a call.

use api::attend::Whispers;

use crate::words::attend::Texts;

/// Where the server has them.
pub(crate) const PATH: &str = "/api/desk/whispers";

/// The business's sentences, or, where it has none, a few that are of use to everybody.
pub(crate) fn offered(kept: Whispers, texts: Texts) -> Vec<String> {
    if !kept.items.is_empty() {
        return kept.items;
    }
    let usual = [
        texts.template_number(),
        texts.template_callback(),
        texts.template_summary(),
    ];
    usual.map(str::to_owned).to_vec()
}
