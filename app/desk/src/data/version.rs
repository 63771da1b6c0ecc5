//! Whether the server has another desk by now than the one that is open.

use browser::ui::http::request;
use browser::ui::{json, web};

/// Where `start.js` has put the address of the script that was loaded: the build's name.
const BUILD: &str = "switchboardBuild";
/// A page of the desk: it names the server's build.
const PAGE: &str = "/desk";

/// Asks. A server that does not answer has none.
pub(crate) async fn is_outdated() -> bool {
    let Some(own) = json::string(&web::window(), BUILD) else {
        return false;
    };
    let page = request("GET", PAGE, None).await;
    page.is_ok_and(|page| !page.contains(&own))
}
