//! What the staff often tell agents.

use api::attend::Whispers;
use api::problem::slug;
use serde_json::json;
use server::people::Role;

use crate::support::{Desk, Scratch, TestServer, problem};

const PATH: &str = "/api/desk/whispers";

#[tokio::test]
async fn a_business_says_what_its_agents_are_often_told() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let agent = Desk::sign_in(&server, Role::Agent).await;
        assert_eq!(agent.get::<Whispers>(PATH).await, Whispers::default());
        let put = async |desk: &Desk<'_>, read: i64, items: &[&str]| {
            let path = format!("{PATH}?revision={read}");
            desk.send("PUT", &path, Some(&json!({"items": items})))
                .await
        };
        let refused = put(&agent, 0, &["Be brief."]).await;
        problem(refused, 403, slug::ROLE_TOO_LOW).await;
        let long = "x".repeat(Whispers::CHARS_MAX + 1);
        for items in [vec![long.as_str()], vec!["x"; Whispers::MOST + 1]] {
            let refused = put(&admin, 0, &items).await;
            problem(refused, 422, slug::VALUE_INVALID).await;
        }
        let kept = put(&admin, 0, &[" Be brief. ", "", "Offer Tuesday."]).await;
        let kept: Whispers = kept.json().await.unwrap();
        assert_eq!((kept.items.len(), kept.revision), (2, 1));
        assert_eq!(agent.get::<Whispers>(PATH).await, kept);
        let late = put(&admin, 0, &[]).await;
        problem(late, 409, slug::CHANGED_MEANWHILE).await;
        server.stop().await;
    }
}
