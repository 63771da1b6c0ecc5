//! Every route, tried by who may not: a person and a program of another
//! business, and people and keys that may do less. What there is to try is asked
//! of the router, so that no route can be forgotten.

mod routes;
mod world;

use std::collections::BTreeSet;

use api::keys::ApiScope;
use api::problem::slug;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::people::Role;

use crate::support::{Desk, Scratch, TestServer, answers, problem, retell_that_mints};
use crate::v1::{Program, make, program};
pub(crate) use routes::BEFORE_SIGN_IN;
use routes::{API, API_OF_EVERYBODY, DESK, ELSEWHERE, OF_THE_ACCOUNT, VISITOR};
use world::{Named, Said, World, said};

const ROLES: [Role; 3] = [Role::Agent, Role::Supervisor, Role::Admin];

/// The paths the router is built from. It tells them in its debug output, as
/// `RouteId(7): "/api/…"`.
pub(crate) fn paths(server: &TestServer) -> BTreeSet<String> {
    let router = format!("{:?}", server::app::router(server.app().clone()));
    let paths: BTreeSet<_> = router
        .split("RouteId(")
        .filter_map(|part| part.split_once("): \"/"))
        .filter(|(id, _)| id.bytes().all(|digit| digit.is_ascii_digit()))
        .filter_map(|(_, path)| Some(format!("/{}", path.split_once('"')?.0)))
        .filter(|path| !path.contains("__private__"))
        .collect();
    assert!(paths.len() > 80, "the router tells its paths: {paths:?}");
    assert!(paths.contains("/api/desk/calls/{id}"), "{paths:?}");
    paths
}

/// The methods a path takes, as the answer to another one says.
pub(crate) async fn methods(program: &Program<'_>, path: &str) -> Vec<String> {
    let address = path.replace(['{', '}', '*'], "");
    let answer = program.request("TRACE", &address).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
    let allowed = answer.headers()["allow"].to_str().unwrap();
    let methods = allowed.split(',').filter(|method| *method != "HEAD");
    methods.map(str::to_owned).collect()
}

#[tokio::test]
async fn the_tables_are_what_the_router_is_built_from() {
    let server = TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |config| {
        config.limits.api_requests_per_minute = 100_000;
    })
    .await;
    let program = program(&server, &ApiScope::ALL).await;
    let mut tried: BTreeSet<(&str, &str)> = DESK.iter().map(|it| (it.verb, it.path)).collect();
    tried.extend(API.iter().map(|it| (it.verb, it.path)));
    tried.extend(BEFORE_SIGN_IN);
    tried.extend(VISITOR.iter().map(|(verb, path, _)| (*verb, *path)));
    let elsewhere = |path: &str| {
        let with_reason = [API_OF_EVERYBODY, ELSEWHERE].concat();
        OF_THE_ACCOUNT.contains(&path) || with_reason.iter().any(|(it, _)| *it == path)
    };
    let mut found = BTreeSet::new();
    for path in paths(&server) {
        if elsewhere(&path) {
            continue;
        }
        for method in methods(&program, &path).await {
            let writes_at_the_desk = path.starts_with("/api/desk/") && method != "GET";
            if path.contains('{') || writes_at_the_desk {
                let known = tried.contains(&(method.as_str(), path.as_str()));
                assert!(
                    known,
                    "{method} {path} is in no table of crossing/routes.rs"
                );
            }
            found.insert((method, path.clone()));
        }
    }
    for (verb, path) in tried {
        let there = found.contains(&(verb.to_owned(), path.to_owned()));
        assert!(there, "{verb} {path} is in a table, and not in the router");
    }
    server.stop().await;
}

/// What one of another business is answered to each of these, with what is
/// theirs and with what does not exist: it has to be the same.
struct Tried {
    verb: &'static str,
    path: &'static str,
    theirs: (Said, String),
    nobody: Said,
}

impl Tried {
    fn is_kept_apart(&self, world: &World, sent: &str) {
        let Self { verb, path, .. } = self;
        let (theirs, text) = &self.theirs;
        assert_eq!(theirs, &self.nobody, "{verb} {path}");
        if path.contains('{') {
            assert_eq!(theirs.status, 404, "{verb} {path}: {text}");
        }
        for (what, name) in world.names() {
            let leaks = text.contains(name) && !sent.contains(name);
            assert!(!leaks, "{verb} {path} tells {what}: {text}");
        }
        for mark in ["tenant_1", "Sunrise", "Ana Crossing"] {
            assert!(!text.contains(mark), "{verb} {path}: {text}");
        }
    }
}

fn sent(body: Option<&Value>) -> String {
    body.map(Value::to_string).unwrap_or_default()
}

#[tokio::test]
async fn a_person_of_another_business_finds_and_changes_nothing() {
    for scratch in Scratch::each().await {
        let retell = retell_that_mints().await;
        let world = World::on(scratch, &retell.uri()).await;
        let before = world.rows().await;
        for route in DESK {
            // Signed in anew: some of this signs out.
            let stranger = world.stranger().await;
            let ask = async |named| {
                let path = world.path(route.path, route.ids, named);
                let body = world.body(route.body, named);
                let answer = stranger.send(route.verb, &path, body.as_ref()).await;
                (said(answer).await, sent(body.as_ref()))
            };
            // Only what names something is the same however often it is sent.
            let names = !route.ids.is_empty()
                || world.body(route.body, Named::Nobody) != world.body(route.body, Named::Theirs);
            if !route.ids.is_empty() {
                let unnameable = ask(Named::Unnameable).await.0.0;
                assert_eq!(unnameable.status, 404, "{} {}", route.verb, route.path);
            }
            let (theirs, sent) = ask(Named::Theirs).await;
            let nobody = if names {
                ask(Named::Nobody).await.0.0
            } else {
                Said {
                    status: theirs.0.status,
                    problem: theirs.0.problem.clone(),
                }
            };
            let tried = Tried {
                verb: route.verb,
                path: route.path,
                theirs,
                nobody,
            };
            tried.is_kept_apart(&world, &sent);
        }
        assert_eq!(world.rows().await, before);
        // The things that were asked for are there: their own admin is told so.
        for route in DESK.iter().filter(|route| !route.ids.is_empty()) {
            let admin = Desk::sign_in(&world.server, Role::Admin).await;
            let ask = async |named| {
                let path = world.path(route.path, route.ids, named);
                let body = world.body(route.body, named);
                said(admin.send(route.verb, &path, body.as_ref()).await)
                    .await
                    .0
            };
            let nobody = ask(Named::Nobody).await;
            let own = ask(Named::Theirs).await;
            assert_ne!(own, nobody, "{} {}", route.verb, route.path);
        }
        world.server.stop().await;
    }
}

#[tokio::test]
async fn a_program_of_another_business_finds_and_changes_nothing() {
    for scratch in Scratch::each().await {
        let retell = retell_that_mints().await;
        let world = World::on(scratch, &retell.uri()).await;
        let before = world.rows().await;
        let theirs = world.strange_program().await;
        for route in API {
            let ask = async |named| {
                let path = world.path(route.path, route.ids, named);
                let body = world.body(route.body, named);
                let request = theirs.request(route.verb, &path);
                let answer = request.body(sent(body.as_ref())).send().await.unwrap();
                (said(answer).await, sent(body.as_ref()))
            };
            if !route.ids.is_empty() {
                let unnameable = ask(Named::Unnameable).await.0.0;
                assert_eq!(unnameable.status, 404, "{} {}", route.verb, route.path);
            }
            let (theirs, sent) = ask(Named::Theirs).await;
            let tried = Tried {
                verb: route.verb,
                path: route.path,
                theirs,
                nobody: ask(Named::Nobody).await.0.0,
            };
            tried.is_kept_apart(&world, &sent);
        }
        what_concerns_the_account_is_closed(&theirs).await;
        assert_eq!(world.rows().await, before);
        // The things that were asked for are there: their own program is told so.
        let own = program(&world.server, &ApiScope::ALL).await;
        answers(
            &retell,
            "POST",
            "/v2/stop-call/call_1",
            wiremock::ResponseTemplate::new(204),
        )
        .await;
        for route in API.iter().filter(|route| !route.ids.is_empty()) {
            let ask = async |named| {
                let path = world.path(route.path, route.ids, named);
                let body = world.body(route.body, named);
                let request = own.request(route.verb, &path);
                let answer = request.body(sent(body.as_ref())).send().await.unwrap();
                said(answer).await.0
            };
            let nobody = ask(Named::Nobody).await;
            let own = ask(Named::Theirs).await;
            assert_ne!(own, nobody, "{} {}", route.verb, route.path);
        }
        world.server.stop().await;
    }
}

/// Neither by address nor by an action, nor with an agent or a number of the
/// account that is another business's.
async fn what_concerns_the_account_is_closed(theirs: &Program<'_>) {
    let document: Value = theirs
        .get("/api/v1/openapi.json")
        .await
        .json()
        .await
        .unwrap();
    for path in OF_THE_ACCOUNT {
        for verb in document["paths"][path].as_object().unwrap().keys() {
            let address = path.replace("{id}", "agent_1");
            let verb = verb.to_uppercase();
            let answer = theirs.send(&verb, &address, &json!({})).await;
            problem(answer, 403, slug::OWN_ACCOUNT_REQUIRED).await;
        }
    }
    for (name, arguments) in [
        ("RETRIEVE_CALL_DETAILS_BY_ID", json!({"call_id": "call_1"})),
        ("LIST_ALL_PHONE_NUMBERS", json!({})),
        (
            "DELETE_PHONE_NUMBER",
            json!({"phone_number": "+14155550100"}),
        ),
        ("CREATE_A_NEW_WEB_CALL", json!({"agent_id": "agent_1"})),
        (
            "CREATE_A_NEW_OUTBOUND_PHONE_CALL",
            json!({"to_number": "+34911230101"}),
        ),
    ] {
        let address = format!("/api/v1/actions/RETELLAI_{name}");
        let answer = theirs.send("POST", &address, &arguments).await;
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["successful"], false, "{name}");
    }
}

#[tokio::test]
async fn no_list_tells_anything_of_another_business() {
    for scratch in Scratch::each().await {
        let retell = retell_that_mints().await;
        let world = World::on(scratch, &retell.uri()).await;
        let (person, program) = (world.stranger().await, world.strange_program().await);
        let own = Desk::sign_in(&world.server, Role::Admin).await;
        let mut told = 0;
        for path in paths(&world.server) {
            let is_list = !path.contains('{')
                && !["/api/desk/events", "/api/v1/openapi.json"].contains(&path.as_str());
            if !is_list || !methods(&program, &path).await.contains(&"GET".to_owned()) {
                continue;
            }
            let texts = if path.starts_with("/api/desk/") {
                let own = said(own.send("GET", &path, None).await).await.1;
                told += usize::from(world.names().any(|(_, name)| own.contains(name)));
                [said(person.send("GET", &path, None).await).await.1]
            } else if path.starts_with("/api/v1/") || path.starts_with("/api/retell/") {
                [said(program.get(&path).await).await.1]
            } else {
                continue;
            };
            for text in texts {
                let marks = ["tenant_1", "Sunrise", "Ana Crossing", "eve@example.com"];
                for name in world.names().map(|(_, name)| name).chain(marks) {
                    // Both know what the agents of a demo are called.
                    assert!(!text.contains(name), "{path} tells {name}: {text}");
                }
            }
        }
        assert!(told > 8, "their own lists tell of it: {told}");
        // Nor does a search for what the other has.
        let found = program.get("/api/v1/contacts?phone=%2B34911230100").await;
        let found: Value = found.json().await.unwrap();
        assert_eq!(found["items"], json!([]));
        // The same Idempotency-Key of two businesses is two keys.
        let own = crate::v1::program(&world.server, &ApiScope::ALL).await;
        for (program, name) in [(&own, "Mine"), (&program, "Theirs")] {
            let request = program.request("POST", "/api/v1/contacts");
            let request = request.header("idempotency-key", "same");
            let request = request.body(json!({"name": name}).to_string());
            let added: Value = request.send().await.unwrap().json().await.unwrap();
            assert_eq!(added["name"], name);
        }
        world.server.stop().await;
    }
}

#[tokio::test]
async fn a_ticket_opens_its_own_call_and_no_other() {
    let retell = retell_that_mints().await;
    let world = World::on(Scratch::sqlite(), &retell.uri()).await;
    let before = world.rows().await;
    let (server, app) = (&world.server, world.server.app());
    let now = app.clock.now_ms();
    let ticket = app.signer.call_ticket("call_of_a_stranger", now);
    for (verb, path, body) in VISITOR {
        let ask = async |id: &str| {
            let address = server.url(&path.replace("{id}", id));
            let verb: Method = verb.parse().unwrap();
            let request = server.http.request(verb, address).body(*body);
            let request = request.bearer_auth(&ticket);
            said(request.send().await.unwrap()).await.0
        };
        let theirs = ask("call_1").await;
        assert_eq!(theirs, ask("no_call").await, "{verb} {path}");
        assert_eq!(theirs.status, 401, "{verb} {path}");
    }
    assert_eq!(world.rows().await, before);
    world.server.stop().await;
}

#[tokio::test]
async fn a_role_that_is_too_low_is_told_so_and_changes_nothing() {
    for scratch in Scratch::each().await {
        let retell = retell_that_mints().await;
        let world = World::on(scratch, &retell.uri()).await;
        let mut desks = Vec::new();
        for role in ROLES {
            desks.push((role, Desk::sign_in(&world.server, role).await));
        }
        let before = world.rows().await;
        for route in DESK {
            for (role, desk) in desks.iter().filter(|(role, _)| *role < route.role) {
                let path = world.path(route.path, route.ids, Named::Theirs);
                let body = world.body(route.body, Named::Theirs);
                let answer = desk.send(route.verb, &path, body.as_ref()).await;
                let (said, text) = said(answer).await;
                let kind = said.problem.map(|problem| problem["type"].clone());
                let too_low = json!("/problems/role-too-low");
                assert_eq!(
                    kind,
                    Some(too_low),
                    "{role:?}: {} {path}: {text}",
                    route.verb
                );
            }
        }
        assert_eq!(world.rows().await, before);
        // Whoever may is let in; with what does not exist, so that all is there
        // for the next one.
        for route in DESK {
            let desk = Desk::sign_in(&world.server, route.role).await;
            let path = world.path(route.path, route.ids, Named::Nobody);
            let body = world.body(route.body, Named::Nobody);
            let answer = desk.send(route.verb, &path, body.as_ref()).await;
            let (said, _) = said(answer).await;
            // An account that businesses share is no matter of roles.
            let kind = said.problem.map(|problem| problem["type"].clone());
            let of_account = kind == Some(json!("/problems/own-account-required"));
            assert!(said.status != 403 || of_account, "{} {path}", route.verb);
            assert_ne!(said.status, 401, "{} {path}", route.verb);
        }
        world.server.stop().await;
    }
}

#[tokio::test]
async fn without_a_session_nothing_is_there() {
    let server = TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |_| {}).await;
    for path in paths(&server) {
        if !path.starts_with("/api/desk/") {
            continue;
        }
        for verb in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if BEFORE_SIGN_IN.contains(&(verb, path.as_str())) {
                continue;
            }
            let address = server.url(&path.replace(['{', '}'], ""));
            let request = server.http.request(verb.parse().unwrap(), address);
            let answer = request.body("{}").send().await.unwrap();
            // Signing out needs nobody who is signed in.
            let signs_out = (verb, path.as_str()) == ("DELETE", "/api/desk/session");
            match answer.status().as_u16() {
                405 => {}
                204 if signs_out => {}
                _ => drop(problem(answer, 401, slug::SIGN_IN_REQUIRED).await),
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_key_may_do_what_its_scopes_say_and_no_more() {
    let server = TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |config| {
        config.limits.api_requests_per_minute = 100_000;
    })
    .await;
    let nobody = Program {
        server: &server,
        secret: String::new(),
    };
    let document = nobody.get("/api/v1/openapi.json").await;
    let document: Value = document.json().await.unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            if path.starts_with("/api/v1/actions") {
                // The catalogue says the scope of each.
                continue;
            }
            let told = operation["description"].as_str().unwrap();
            let told = told.rsplit_once('`').unwrap().0.rsplit_once('`').unwrap().1;
            let scope: ApiScope = told.parse().unwrap();
            let others: Vec<_> = ApiScope::ALL
                .into_iter()
                .filter(|other| *other != scope)
                .collect();
            let made = make(&server, &server.tenant, &others).await;
            let lacking = Program {
                server: &server,
                secret: made.secret,
            };
            let address = path.replace(['{', '}'], "");
            let request = lacking.request(&verb.to_uppercase(), &address);
            let body = sample_body(&document, operation);
            let answer = request.body(body.to_string()).send().await.unwrap();
            let refused = problem(answer, 403, slug::SCOPE_MISSING).await;
            assert!(refused.detail.unwrap().contains(told), "{verb} {path}");
        }
    }
    server.stop().await;
}

/// A body with every field that is required, as the document describes it.
fn sample_body(document: &Value, operation: &Value) -> Value {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    sample(document, schema)
}

fn sample(document: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit_once('/').unwrap().1;
        return sample(document, &document["components"]["schemas"][name]);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = json!({});
        for part in parts {
            let Value::Object(fields) = sample(document, part) else {
                continue;
            };
            whole.as_object_mut().unwrap().extend(fields);
        }
        return whole;
    }
    let mut kinds = schema["oneOf"].as_array().into_iter().flatten();
    if let Some(first) = kinds.find(|kind| kind["type"] != "null") {
        return sample(document, first);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("string") => json!("text"),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(false),
        Some("array") => json!([]),
        _ => {
            let mut object = json!({});
            for name in schema["required"].as_array().into_iter().flatten() {
                let name = name.as_str().unwrap();
                object[name] = sample(document, &schema["properties"][name]);
            }
            object
        }
    }
}
