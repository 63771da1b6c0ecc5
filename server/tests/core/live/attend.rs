//! What the staff do with a call that goes on, against the emulator: listening, telling the
//! agent something, taking over, ending it.

use api::attend::{Attending, ListenAccess};
use api::availability::{Availability, Colleagues};
use api::desk::CallDetail;
use api::problem::slug;
use api::public::CallAccess;
use emulator::Emulator;
use emulator::testing::Peer;
use serde_json::{Value, json};
use server::deeds::Author;
use server::keys::PublicKey;
use server::live::{Attends, Claim};
use server::people::Role;

use crate::sse::Events;
use crate::support::{Desk, Scratch, TestServer, a_moment, in_time, key, problem};

const AGENT: &str = "agent_test_long";

/// A call that is held, and who serves it.
struct Held {
    server: TestServer,
    emulator: Emulator,
    call: CallAccess,
    visitor: Peer,
}

impl Held {
    async fn on(scratch: Scratch) -> Self {
        let (server, emulator) = TestServer::emulated_on(scratch, |_| {}).await;
        let (store, tenant) = (&server.app().store, &server.tenant);
        store
            .agents()
            .assign(tenant, AGENT, "Long", &Author::operator(), 0)
            .await
            .unwrap();
        let key = PublicKey {
            agents: vec![AGENT.to_owned()],
            ..key("pk_test")
        };
        store.public_keys().upsert(tenant, &key, 0).await.unwrap();
        let minted = server.mint(&json!({"key": "pk_test"})).await;
        let call: CallAccess = minted.json().await.unwrap();
        let visitor = Peer::connect(&call.gateway_url, &call.access_token, &call.call_id)
            .await
            .unwrap();
        let held = Self {
            server,
            emulator,
            call,
            visitor,
        };
        held.until_status("ongoing").await;
        held
    }

    fn path(&self, what: &str) -> String {
        format!("/api/desk/calls/{}{what}", self.call.call_id)
    }

    async fn until_status(&self, status: &str) {
        let desk = Desk::sign_in(&self.server, Role::Agent).await;
        let path = self.path("");
        let reached = async {
            while desk.get::<Value>(&path).await["status"] != status {
                a_moment().await;
            }
        };
        in_time(reached).await;
    }

    async fn staff_stream(&self, desk: &Desk<'_>) -> Events {
        Events::of(desk.send("GET", &self.path("/events"), None).await)
    }

    async fn listen(&self, desk: &Desk<'_>) -> (ListenAccess, Peer) {
        let access: ListenAccess = desk.post(&self.path("/listeners"), &json!({})).await;
        let (base, token) = (&access.gateway_url, &access.access_token);
        let peer = Peer::listen(base, token, &access.call_id, &access.listener)
            .await
            .unwrap();
        (access, peer)
    }

    async fn ask(
        &self,
        desk: &Desk<'_>,
        verb: &str,
        what: &str,
        body: &Value,
    ) -> reqwest::Response {
        desk.send(verb, &self.path(what), Some(body)).await
    }

    async fn take_over(&self, desk: &Desk<'_>, access: &ListenAccess) -> reqwest::Response {
        let body = json!({"listener": access.listener});
        self.ask(desk, "POST", "/take-over", &body).await
    }

    async fn end(self) {
        self.server.stop().await;
        self.emulator.shutdown().await;
    }
}

/// Reads until it is told that this is so.
async fn read_until(events: &mut Events, is_so: impl Fn(&str, &Value) -> bool) -> Value {
    in_time(async {
        loop {
            let event = events.next().await.expect("the stream goes on");
            assert_ne!(event.name, "ended", "the call goes on");
            if is_so(&event.name, &event.data) {
                return event.data;
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_listened_to_its_agent_told_something_and_it_is_taken_over_and_ended() {
    for scratch in Scratch::each().await {
        let held = Held::on(scratch).await;
        let agent = Desk::sign_in(&held.server, Role::Agent).await;
        let supervisor = Desk::sign_in(&held.server, Role::Supervisor).await;
        let admin = Desk::sign_in(&held.server, Role::Admin).await;
        let mut watcher = held.staff_stream(&admin).await;
        let id = &held.call.call_id;
        let url = held
            .server
            .url(&format!("/api/public/web-calls/{id}/events"));
        let visit = held.server.http.get(url).bearer_auth(&held.call.ticket);
        let mut visitor = Events::of(visit.send().await.unwrap());

        let (listening, listener) = held.listen(&agent).await;
        listener.wait_for_voice().await.unwrap();
        read_until(&mut watcher, |name, data| {
            name == "attending" && data["listeners"][0]["user_id"] == "user_agent_1"
        })
        .await;
        // Who comes later sees it, too.
        let mut late = held.staff_stream(&supervisor).await;
        read_until(&mut late, |name, _| name == "attending").await;
        let stays = format!("/listeners/{}", listening.listener);
        let stays = held.path(&stays);
        assert_eq!(agent.send("PUT", &stays, None).await.status(), 204);
        // Nobody else speaks for them.
        let other = supervisor.send("PUT", &stays, None).await;
        problem(other, 409, slug::NOT_LISTENING).await;
        let taken = held.take_over(&supervisor, &listening).await;
        problem(taken, 409, slug::NOT_LISTENING).await;

        let note = json!({"note": " The caller is a regular. ", "speak_now": true});
        let told = held.ask(&supervisor, "POST", "/tell", &note);
        assert_eq!(told.await.status(), 204);
        read_until(&mut watcher, |name, data| {
            let said = |item: &Value| {
                item["role"] == "injected" && item["content"] == "The caller is a regular."
            };
            name != "attending"
                && data["items"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(said))
        })
        .await;
        for nothing in [
            json!({}),
            json!({"note": "  "}),
            json!({"note": "x".repeat(2_001)}),
        ] {
            let told = held.ask(&supervisor, "POST", "/tell", &nothing);
            problem(told.await, 422, slug::VALUE_INVALID).await;
        }
        let variables = json!({"variables": {"mood": "calm"}});
        let changed = held.ask(&supervisor, "PATCH", "/variables", &variables);
        assert_eq!(changed.await.status(), 204);
        let none = json!({"variables": {}});
        let changed = held.ask(&supervisor, "PATCH", "/variables", &none);
        problem(changed.await, 422, slug::VALUE_INVALID).await;

        let ana = json!({"name": "Ana", "to": "+4930901820"});
        let ana: Value = admin.post("/api/desk/transfer-destinations", &ana).await;
        let nobody = json!({"destination": "nobody"});
        let handed = held.ask(&supervisor, "POST", "/hand-over", &nobody);
        problem(handed.await, 422, slug::VALUE_INVALID).await;
        let to = json!({"destination": ana["id"]});
        let handed = held.ask(&agent, "POST", "/hand-over", &to);
        problem(handed.await, 403, slug::ROLE_TOO_LOW).await;
        let handed = held.ask(&supervisor, "POST", "/hand-over", &to);
        assert_eq!(handed.await.status(), 202);
        // The agent knows whom, and that it is now.
        read_until(&mut watcher, |name, data| {
            let said = |item: &Value| {
                let content = item["content"].as_str().unwrap_or_default();
                item["role"] == "injected" && content.contains("to Ana now")
            };
            let items = data["items"].as_array();
            name == "items" && items.is_some_and(|all| all.iter().any(said))
        })
        .await;

        let (access, taker) = held.listen(&supervisor).await;
        taker.wait_for_voice().await.unwrap();
        taker.hum(Some(600.0));
        let taken = held.take_over(&supervisor, &access).await;
        assert_eq!(taken.status(), 200);
        let attending: Attending = taken.json().await.unwrap();
        let holder = attending.taken_over.unwrap();
        assert_eq!(holder.user_id, "user_supervisor_1");
        assert_eq!(attending.listeners.len(), 1, "who is heard does not listen");
        taker.start_sending().await.unwrap();
        held.visitor
            .wait_for("the person", |view| view.tone(600.0, 200) > 0.5)
            .await
            .unwrap();
        read_until(&mut watcher, |name, data| {
            name == "attending" && data["taken_over"]["user_id"] == "user_supervisor_1"
        })
        .await;
        // Who speaks takes no other call, whatever they said.
        let staff: Colleagues = admin.get("/api/desk/availability").await;
        let mut staff = staff.items.iter();
        let who = staff.find(|it| it.user_id == "user_supervisor_1").unwrap();
        assert!(who.in_call);
        assert_eq!((who.availability, who.said), (Availability::Busy, None));
        // The transcript is over for everybody, the call for nobody.
        let not_transcribed =
            |name: &str, data: &Value| name == "unavailable" && data["problem"] == slug::TAKEN_OVER;
        read_until(&mut visitor, not_transcribed).await;
        // An answer that was lost is asked for again.
        assert_eq!(held.take_over(&supervisor, &access).await.status(), 200);
        let (late, _) = held.listen(&admin).await;
        let refused = held.take_over(&admin, &late).await;
        let refused = problem(refused, 409, slug::TAKEN_OVER).await;
        assert_eq!(refused.detail.as_deref(), Some("Robin has it."));
        let told = held.ask(&admin, "POST", "/tell", &note);
        problem(told.await, 409, slug::TAKEN_OVER).await;

        let ended = supervisor.send("POST", &held.path("/end"), None).await;
        assert_eq!(ended.status(), 204);
        held.until_status("ended").await;
        // Who asks for what is so already has not ended it.
        let ended = admin.send("POST", &held.path("/end"), None).await;
        assert_eq!(ended.status(), 204);
        let call: CallDetail = agent.get(&held.path("")).await;
        let (taken_over, stopped) = (call.taken_over.unwrap(), call.stopped.unwrap());
        for done in [&taken_over, &stopped] {
            assert_eq!(done.user_id.as_deref(), Some("user_supervisor_1"));
            assert_eq!(done.name, "Robin");
        }
        assert!(holder.since <= taken_over.at && taken_over.at <= stopped.at);
        let over = agent.send("POST", &held.path("/listeners"), None).await;
        problem(over, 409, slug::CALL_NOT_LIVE).await;

        let trail: Value = admin.get("/api/desk/audit").await;
        let done: Vec<_> = trail["items"].as_array().unwrap().iter().rev().collect();
        let of_call = done.iter().filter(|it| it["subject_id"] == *id);
        let actions: Vec<_> = of_call.map(|it| it["action"].as_str().unwrap()).collect();
        let expected = [
            "call.listened",
            "call.told",
            "call.variables_changed",
            "call.handed_over",
            "call.listened",
            "call.taken_over",
            "call.listened",
            "call.ended",
        ];
        assert_eq!(actions, expected);
        drop((watcher, visitor));
        held.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_take_over_at_once_one_has_the_call() {
    for scratch in Scratch::each().await {
        let held = Held::on(scratch).await;
        let one = Desk::sign_in(&held.server, Role::Supervisor).await;
        let other = Desk::sign_in(&held.server, Role::Admin).await;
        let (first, _one) = held.listen(&one).await;
        let (second, _other) = held.listen(&other).await;
        let answers = tokio::join!(
            held.take_over(&one, &first),
            held.take_over(&other, &second)
        );
        let mut answers = [answers.0, answers.1];
        answers.sort_by_key(reqwest::Response::status);
        let [won, lost] = answers;
        assert_eq!(won.status(), 200);
        problem(lost, 409, slug::TAKEN_OVER).await;
        let attending: Attending = one.get(&held.path("/attending")).await;
        assert!(attending.taken_over.is_some());
        held.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_in_the_moment_of_taking_over_keeps_the_call_from_nobody() {
    let held = Held::on(Scratch::sqlite()).await;
    let hasty = Desk::sign_in(&held.server, Role::Supervisor).await;
    let calm = Desk::sign_in(&held.server, Role::Admin).await;
    let (access, peer) = held.listen(&hasty).await;
    let leaves = held.path(&format!("/listeners/{}", access.listener));
    let (left, _, gone) = tokio::join!(
        peer.hang_up(),
        held.take_over(&hasty, &access),
        hasty.send("DELETE", &leaves, None)
    );
    left.unwrap();
    assert_eq!(gone.status(), 204);
    // Either the call was theirs and is over with them, or the agent goes on and somebody
    // else may.
    held.visitor.forget().await;
    tokio::select! {
        () = held.until_status("ended") => {}
        heard = held.visitor.wait_for_voice() => {
            heard.unwrap();
            let (access, _peer) = held.listen(&calm).await;
            assert_eq!(held.take_over(&calm, &access).await.status(), 200);
        }
    }
    held.end().await;
}

#[tokio::test]
async fn a_call_is_held_for_one_listener_until_it_is_theirs_or_they_are_gone() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        for role in [Role::Supervisor, Role::Admin] {
            Desk::sign_in(&server, role).await;
        }
        let (store, tenant) = (&server.app().store, &server.tenant);
        let attendance = store.attendance();
        let (one, other) = (
            ("listener_1", "user_supervisor_1"),
            ("listener_2", "user_admin_1"),
        );
        let author = Author::operator();
        // The server by itself forgets whoever listened long ago.
        let begun = server.app().clock.now_ms();
        let claim = async |who, after: i64| {
            let now = begun + after;
            attendance.claim(tenant, "call_1", who, now).await.unwrap()
        };
        let attending = async |after: i64| {
            let now = begun + after;
            attendance.of_call(tenant, "call_1", now).await.unwrap()
        };
        assert_eq!(claim(one, 0).await, Claim::NotListening);
        for (listener, user_id) in [one, other] {
            let who = Attends {
                listener: listener.to_owned(),
                user_id: user_id.to_owned(),
                since: begun,
            };
            attendance
                .listens(tenant, "call_1", &who, &author)
                .await
                .unwrap();
        }
        let is_taken = |claim: Claim| matches!(claim, Claim::Taken(who) if who.listener == one.0);
        let fresh = Claim::Held { again: false };
        assert_eq!(claim(one, 1).await, fresh);
        assert_eq!(claim(one, 2).await, Claim::Held { again: true });
        assert!(is_taken(claim(other, 3).await));
        attendance.give_up(tenant, "call_1", one.0).await.unwrap();
        assert_eq!(claim(other, 4).await, fresh);
        // Nobody knows what came of it: after a while somebody else may ask.
        assert_eq!(claim(one, 40_000).await, fresh);
        attendance
            .took_over(tenant, "call_1", one.0, &author, begun + 40_001)
            .await
            .unwrap();
        assert!(is_taken(claim(other, 80_000).await));
        let (listeners, taken) = attending(80_000).await;
        assert_eq!(listeners.len(), 2);
        assert_eq!(taken.unwrap().listener, one.0);
        // Nor is anything given up that is done.
        attendance.give_up(tenant, "call_1", one.0).await.unwrap();
        assert!(is_taken(claim(other, 80_001).await));
        attendance.leaves(tenant, "call_1", one).await.unwrap();
        let (_, taken) = attending(80_002).await;
        assert_eq!(taken, None);
        assert_eq!(claim(other, 80_003).await, fresh);
        // Whose page says nothing any more has gone.
        let seen = attendance
            .seen(tenant, "call_1", other, begun + 81_000)
            .await;
        assert!(seen.unwrap());
        let (listeners, _) = attending(170_999).await;
        assert_eq!(listeners.len(), 1);
        let (listeners, _) = attending(171_000).await;
        assert_eq!(listeners, []);
        server.stop().await;
    }
}
