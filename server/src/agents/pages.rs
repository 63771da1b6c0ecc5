//! Lists that Retell gives page by page, read to their end.

use retell::models::Page;

/// How many items are asked for at once.
pub(super) const PAGE: u32 = 100;
/// Pages at most: more than anybody has.
const PAGES: usize = 100;

/// Every item of a list. `ask` asks for the page with this key, the first one
/// without. `route` names the list in the error.
///
/// # Errors
/// When Retell fails, or the list has no end: what is not in half a list is not
/// gone.
pub(super) async fn every<T, F>(
    route: &'static str,
    ask: impl Fn(Option<String>) -> F,
) -> Result<Vec<T>, retell::Error>
where
    F: Future<Output = Result<Page<T>, retell::Error>>,
{
    let mut all = Vec::new();
    let mut key = None;
    for _ in 0..PAGES {
        let page = ask(key).await?;
        all.extend(page.items);
        key = page.pagination_key.filter(|_| page.has_more);
        if key.is_none() {
            return Ok(all);
        }
    }
    Err(retell::Error::Decode {
        route,
        detail: format!("the list has more than {PAGES} pages"),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::json;

    use super::*;

    fn page(value: serde_json::Value) -> Page<u32> {
        serde_json::from_value(value).unwrap()
    }

    #[tokio::test]
    async fn a_list_is_read_to_its_last_page() {
        let all = every("list", |key: Option<String>| async move {
            Ok(match key.as_deref() {
                None => page(json!({"items": [1, 2], "has_more": true, "pagination_key": "b"})),
                Some("b") => page(json!({"items": [3], "has_more": true, "pagination_key": "c"})),
                // A key with the last page is not asked for.
                _ => page(json!({"items": [4], "has_more": false, "pagination_key": "d"})),
            })
        });
        assert_eq!(all.await.unwrap(), [1, 2, 3, 4]);
    }

    #[tokio::test]
    async fn half_a_list_is_none() {
        let asked = AtomicUsize::new(0);
        let endless = every("list", |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            async {
                Ok(page(
                    json!({"items": [1], "has_more": true, "pagination_key": "a"}),
                ))
            }
        });
        assert!(endless.await.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), PAGES);
    }
}
