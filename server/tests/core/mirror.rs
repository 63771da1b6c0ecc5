//! The agents of a Retell account, as the product's own doors make them known:
//! nothing here is written into a table by the test.

use std::process::Stdio;

use api::keys::{ApiScope, PublicKeyView};
use api::problem::slug;
use api::routing::NumbersImported;
use emulator::Emulator;
use retell::signature;
use serde_json::{Map, Value, json};
use server::agents::{Whose, mirror};
use server::config::{Database, Secret};
use server::deeds::Author;
use server::people::Role;
use server::serve;
use server::serve::Running;
use server::store::Tenant;
use tokio::process::Command;
use wiremock::MockServer;

use crate::support::{
    API_KEY, Desk, Scratch, TestServer, a_moment, config, http, in_time, problem,
};
use crate::v1::{Program, make};

const EMMA: &str = "agent_demo_en";
const LUCIA: &str = "agent_demo_es";
const EMMAS_NAME: &str = "Sunrise Dental – Emma";
/// A number of the local Retell that Emma answers.
const EMMAS_NUMBER: &str = "+14155550100";

/// A server on an empty database, beside a local Retell with agents.
async fn empty(scratch: &Scratch) -> (Running, Emulator) {
    let mut config = config(scratch, "http://127.0.0.1:9");
    let listener = serve::bind(&config).await.unwrap();
    let address = listener.local_addr().unwrap();
    let emulator = Emulator::start(emulator::Config {
        api_key: API_KEY.to_owned(),
        webhook_url: Some(format!("http://{address}/api/webhooks/retell")),
        ..emulator::Config::default()
    })
    .await
    .unwrap();
    config.retell.base_url = emulator.url().parse().unwrap();
    let running = serve::start_on(listener, config).await.unwrap();
    (running, emulator)
}

/// The operator's command line, beside the server.
struct Operator<'a> {
    scratch: &'a Scratch,
    retell: String,
}

impl Operator<'_> {
    /// What a command printed, or what it complained of.
    async fn try_run(&self, arguments: &[&str]) -> Result<String, String> {
        let database = match &self.scratch.database {
            Database::Sqlite(file) => format!("sqlite://{}", file.display()),
            Database::Postgres(url) => url.expose().to_owned(),
        };
        let run = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(arguments)
            .current_dir(&self.scratch.directory)
            .env("SWITCHBOARD_DATABASE_URL", database)
            .env("RETELL_API_KEY", API_KEY)
            .env("RETELL_BASE_URL", &self.retell)
            .env("SWITCHBOARD_DATA_DIR", &self.scratch.directory)
            .stdin(Stdio::null())
            .output();
        let done = in_time(run).await.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
        match done.status.success() {
            true => Ok(text(done.stdout)),
            false => Err(text(done.stderr)),
        }
    }

    async fn run(&self, arguments: &[&str]) -> String {
        self.try_run(arguments).await.unwrap()
    }

    async fn new_tenant(&self, server: &Running, name: &str) -> Tenant {
        let create = [
            "tenant",
            "create",
            "--name",
            name,
            "--timezone",
            "Europe/Berlin",
        ];
        let id = self.run(&create).await;
        server.app().store.tenant(&id).await.unwrap().unwrap()
    }
}

/// Waits until the tenant's agents are these, whatever they are called.
async fn until_agents(
    server: &TestServer,
    tenant: &Tenant,
    check: impl Fn(&[(String, String)]) -> bool,
) {
    let known = async {
        loop {
            let agents = server.app().store.agents().list(tenant).await.unwrap();
            let agents: Vec<_> = agents.into_iter().map(|it| (it.id, it.name)).collect();
            if check(&agents) {
                return;
            }
            a_moment().await;
        }
    };
    in_time(known).await;
}

fn has(agents: &[(String, String)], id: &str) -> bool {
    agents.iter().any(|agent| agent.0 == id)
}

fn test_server(running: Running, tenant: Tenant, scratch: Scratch) -> TestServer {
    TestServer {
        running,
        tenant,
        http: http(),
        scratch,
    }
}

async fn program<'a>(server: &'a TestServer, tenant: &Tenant) -> Program<'a> {
    let made = make(server, tenant, ApiScope::ALL.as_slice()).await;
    Program {
        server,
        secret: made.secret,
    }
}

#[tokio::test]
async fn on_a_shared_account_an_agent_is_whose_the_operator_says() {
    for scratch in Scratch::each().await {
        let (running, emulator) = empty(&scratch).await;
        let (own, beside) = (scratch.beside(), emulator.url().to_owned());
        let operator = Operator {
            scratch: &own,
            retell: beside,
        };
        let one = operator.new_tenant(&running, "One").await;
        let server = test_server(running, one.clone(), scratch);
        // What it was given while it was alone here, it keeps until it is taken
        // back.
        until_agents(&server, &one, |agents| has(agents, LUCIA)).await;
        let two = operator.new_tenant(&server.running, "Two").await;
        for agent in [EMMA, LUCIA, "agent_demo_de", "agent_demo_reminder"] {
            let release = ["agent", "release", "--tenant", one.id(), agent];
            operator.run(&release).await;
        }
        let (erp, theirs) = (program(&server, &one).await, program(&server, &two).await);
        let web_call = json!({"agent_id": LUCIA});
        let refused = theirs.send("POST", "/api/v1/web-calls", &web_call).await;
        problem(refused, 422, slug::AGENT_UNKNOWN).await;

        let assign = |tenant: &str, agent: &str| {
            let arguments = ["agent", "assign", "--tenant", tenant, agent].map(str::to_owned);
            let operator = &operator;
            async move {
                let arguments = arguments.each_ref().map(String::as_str);
                operator.try_run(&arguments).await
            }
        };
        assert_eq!(
            assign(one.id(), EMMA).await.unwrap(),
            format!("{EMMAS_NAME} ({EMMA}) is One's.")
        );
        assign(two.id(), LUCIA).await.unwrap();
        let unknown = assign(one.id(), "agent_nobody").await.unwrap_err();
        assert!(
            unknown.contains("There is no agent agent_nobody"),
            "{unknown}"
        );
        let list = operator.run(&["agent", "list"]).await;
        let line = format!("{EMMA}  {}  {EMMAS_NAME}", one.id());
        assert!(list.lines().any(|it| it == line), "{list}");

        // Web calls: with one's own agent, and no other's.
        let with = |agent: &str| json!({"agent_id": agent});
        let made = erp.send("POST", "/api/v1/web-calls", &with(EMMA)).await;
        assert!(made.status().is_success(), "{:?}", made.text().await);
        let refused = erp.send("POST", "/api/v1/web-calls", &with(LUCIA)).await;
        problem(refused, 422, slug::AGENT_UNKNOWN).await;

        // The default agent.
        let set = json!({"default_agent_id": EMMA});
        let set = erp.send("PATCH", "/api/v1/tenant", &set).await;
        assert_eq!(set.json::<Value>().await.unwrap()["default_agent_id"], EMMA);
        let other = json!({"default_agent_id": LUCIA});
        let refused = erp.send("PATCH", "/api/v1/tenant", &other).await;
        problem(refused, 422, slug::AGENT_UNKNOWN).await;
        let made = erp.send("POST", "/api/v1/web-calls", &json!({})).await;
        assert!(made.status().is_success());

        // Public keys and routing rules.
        let desk = Desk::sign_in_to(&server, &one, Role::Admin).await;
        let key = |agent: &str| json!({"name": "Site", "agents": [agent], "origins": ["https://www.example.com"]});
        let made: PublicKeyView = desk.post("/api/desk/public-keys", &key(EMMA)).await;
        let refused = desk
            .send("POST", "/api/desk/public-keys", Some(&key(LUCIA)))
            .await;
        assert_eq!(refused.status(), 422, "{:?}", refused.text().await);
        let address = format!("/api/desk/public-keys/{}", made.id);
        let refused = desk.send("PUT", &address, Some(&key(LUCIA))).await;
        assert_eq!(refused.status(), 422);
        let rule = |agent: &str| json!({"name": "All", "enabled": true, "action": {"do": "agent", "agent_id": agent}});
        desk.post::<Value>("/api/desk/routing-rules", &rule(EMMA))
            .await;
        let refused = desk
            .send("POST", "/api/desk/routing-rules", Some(&rule(LUCIA)))
            .await;
        problem(refused, 422, slug::AGENT_UNKNOWN).await;

        // A call on the shared account that says nothing but its agent.
        for (call_id, agent) in [("call_emma", EMMA), ("call_lucia", LUCIA)] {
            let call = json!({"call_id": call_id, "agent_id": agent, "call_type": "web_call"});
            server
                .webhook(&json!({"event": "call_started", "call": call}))
                .await;
        }
        server.settled().await;
        let store = &server.app().store;
        let found = store
            .calls()
            .find(&one, "call_emma")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.summary.agent_name.as_deref(), Some(EMMAS_NAME));
        assert!(
            store
                .calls()
                .find(&two, "call_lucia")
                .await
                .unwrap()
                .is_some()
        );

        // The numbers that one's agents answer.
        let imported: NumbersImported = desk.post("/api/desk/numbers/import", &json!({})).await;
        assert_eq!(imported.numbers, 1);
        let numbers = store.numbers().list(&one).await.unwrap();
        assert_eq!(numbers[0].number, EMMAS_NUMBER);

        // Taken back, nothing goes on with it, whatever still names it.
        operator
            .run(&["agent", "release", "--tenant", one.id(), EMMA])
            .await;
        let refused = erp.send("POST", "/api/v1/web-calls", &with(EMMA)).await;
        problem(refused, 422, slug::AGENT_UNKNOWN).await;
        let refused = server.mint(&json!({"key": made.id})).await;
        problem(refused, 422, slug::AGENT_UNKNOWN).await;
        emulator.shutdown().await;
        server.stop().await;
        own.remove().await;
    }
}

#[tokio::test]
async fn a_key_an_operator_makes_brings_the_agent_that_is_nobodys() {
    let scratch = Scratch::sqlite();
    let (running, emulator) = empty(&scratch).await;
    let own = scratch.beside();
    let operator = Operator {
        scratch: &own,
        retell: emulator.url().to_owned(),
    };
    let one = operator.new_tenant(&running, "One").await;
    let server = test_server(running, one.clone(), scratch);
    until_agents(&server, &one, |agents| has(agents, LUCIA)).await;
    let two = operator.new_tenant(&server.running, "Two").await;
    operator
        .run(&["agent", "release", "--tenant", one.id(), LUCIA])
        .await;
    let make = |tenant: &str| {
        let tenant = tenant.to_owned();
        let operator = &operator;
        async move {
            operator
                .try_run(&[
                    "key",
                    "create-public",
                    "--tenant",
                    &tenant,
                    "--name",
                    "Site",
                    "--agent",
                    LUCIA,
                    "--origin",
                    "https://www.example.com",
                ])
                .await
        }
    };
    make(two.id()).await.unwrap();
    // Its name comes from Retell.
    until_agents(&server, &two, |agents| {
        agents.iter().any(|(id, name)| id == LUCIA && name != LUCIA)
    })
    .await;
    let refused = make(one.id()).await.unwrap_err();
    assert!(
        refused.contains("none of this business's agents"),
        "{refused}"
    );
    emulator.shutdown().await;
    server.stop().await;
    own.remove().await;
}

#[tokio::test]
async fn the_only_business_of_a_server_has_the_agents_of_its_account() {
    for scratch in Scratch::each().await {
        let (running, emulator) = empty(&scratch).await;
        let own = scratch.beside();
        let operator = Operator {
            scratch: &own,
            retell: emulator.url().to_owned(),
        };
        let one = operator.new_tenant(&running, "One").await;
        let server = test_server(running, one.clone(), scratch);
        until_agents(&server, &one, |agents| {
            has(agents, EMMA) && has(agents, LUCIA)
        })
        .await;
        let numbers = async {
            while server
                .app()
                .store
                .numbers()
                .list(&one)
                .await
                .unwrap()
                .is_empty()
            {
                a_moment().await;
            }
        };
        in_time(numbers).await;
        emulator.shutdown().await;
        server.stop().await;
        own.remove().await;
    }
}

#[tokio::test]
async fn an_account_of_ones_own_is_kept_in_step() {
    for scratch in Scratch::each().await {
        let (running, emulator) = empty(&scratch).await;
        let store = running.app().store.clone();
        let (author, languages) = (Author::operator(), ["en".to_owned()]);
        let mut tenants = Vec::new();
        for name in ["One", "Two"] {
            let made = store
                .tenants()
                .create(name, "Europe/Berlin", &languages, &author, 0);
            tenants.push(made.await.unwrap());
        }
        let [one, two]: [Tenant; 2] = tenants.try_into().unwrap();
        let server = test_server(running, two.clone(), scratch);
        let desk = Desk::sign_in_to(&server, &two, Role::Admin).await;
        // The key: what is in its account is there at once.
        let account = json!({"retell_key": API_KEY});
        let put = desk.send("PUT", "/api/desk/account", Some(&account)).await;
        assert_eq!(put.status(), 200);
        until_agents(&server, &two, |agents| {
            has(agents, EMMA) && has(agents, LUCIA)
        })
        .await;
        assert_eq!(
            store.agents().whose(&two, "agent_new").await.unwrap(),
            Whose::OursIfAny
        );

        // An agent made in Retell's dashboard, of which a call tells.
        let client = server::accounts::client(&server.app().config, &Secret::new(API_KEY));
        let client = client.unwrap();
        let fields: Map<String, Value> = serde_json::from_value(json!({
            "agent_name": "Nora", "voice_id": "retell-Cimo",
            "response_engine": {"type": "retell-llm", "llm_id": "llm_test-short"},
        }))
        .unwrap();
        let nora = client.create_agent(&fields).await.unwrap().agent_id;
        let call = json!({"call_id": "call_nora", "agent_id": nora, "call_type": "web_call"});
        let body = json!({"event": "call_started", "call": call}).to_string();
        let now = u64::try_from(server.app().clock.now_ms()).unwrap();
        let posted = server
            .http
            .post(server.url(&format!("/api/webhooks/retell/{}", two.id())))
            .header(
                "x-retell-signature",
                signature::sign(body.as_bytes(), API_KEY, now),
            )
            .body(body)
            .send()
            .await
            .unwrap();
        assert!(posted.status().is_success());
        until_agents(&server, &two, |agents| {
            agents.contains(&(nora.clone(), "Nora".to_owned()))
        })
        .await;
        // The agent is looked up on the way to it.
        let call = in_time(async {
            loop {
                match store.calls().find(&two, "call_nora").await.unwrap() {
                    Some(call) => break call,
                    None => a_moment().await,
                }
            }
        });
        let call = call.await;
        assert_eq!(call.summary.agent_name.as_deref(), Some("Nora"));

        // Renamed and deleted at Retell: known when it is looked at again.
        let voice = async |id: &str| {
            let page: Value = desk.get("/api/desk/functions/use").await;
            let agents = page["agents"].as_array().unwrap().clone();
            let agent = agents.into_iter().find(|it| it["id"] == id);
            agent.unwrap()["voice"].take()
        };
        assert_eq!(voice(EMMA).await["name"], "Cimo");
        let changes = json!({"agent_name": "Eleonora", "voice_id": "openai-Alloy"});
        let renamed = serde_json::from_value(changes).unwrap();
        client.update_agent(&nora, &renamed).await.unwrap();
        client.delete_agent(LUCIA).await.unwrap();
        for list_voices in [200, 404] {
            // Without the names of voices everything else is known all the same.
            if list_voices != 200 {
                let fault =
                    json!({"match": {"path_prefix": "/list-voices"}, "status": list_voices});
                let faults = server
                    .http
                    .post(format!("{}/_emulator/faults", emulator.url()));
                let told = faults.body(fault.to_string());
                let told = told.header("content-type", "application/json").send();
                assert!(told.await.unwrap().status().is_success());
            }
            mirror::sync(&server.app().accounts, &two).await.unwrap();
            let agents = store.agents().list(&two).await.unwrap();
            assert!(
                agents
                    .iter()
                    .any(|it| it.id == nora && it.name == "Eleonora")
            );
            assert!(!agents.iter().any(|it| it.id == LUCIA));
        }
        assert_eq!(
            voice(&nora).await,
            json!({"id": "openai-Alloy", "name": "Alloy", "provider": "openai"})
        );
        // None of them became the other business's.
        assert_eq!(
            store.agents().whose(&one, &nora).await.unwrap(),
            Whose::NotOurs
        );

        // What is made, renamed and deleted through us is known without anybody asking.
        let program = program(&server, &two).await;
        let made = program
            .send("POST", "/api/retell/agents", &json!(fields))
            .await;
        assert_eq!(made.status(), 201);
        let made: Value = made.json().await.unwrap();
        let made = made["agent_id"].as_str().unwrap();
        let is = |name: &str| (made.to_owned(), name.to_owned());
        until_agents(&server, &two, |agents| agents.contains(&is("Nora"))).await;
        let path = format!("/api/retell/agents/{made}");
        let renamed = program
            .send("PUT", &path, &json!({"agent_name": "Noor"}))
            .await;
        assert_eq!(renamed.status(), 200);
        until_agents(&server, &two, |agents| agents.contains(&is("Noor"))).await;
        let deleted = program.send("DELETE", &path, &json!({})).await;
        assert!(deleted.status().is_success());
        until_agents(&server, &two, |agents| !has(agents, made)).await;

        // Back on the server's account, it has none of those it had.
        let put = desk
            .send("PUT", "/api/desk/account", Some(&json!({})))
            .await;
        assert_eq!(put.status(), 200);
        assert_eq!(store.agents().list(&two).await.unwrap(), []);
        assert_eq!(
            store.agents().whose(&two, &nora).await.unwrap(),
            Whose::NotOurs
        );
        emulator.shutdown().await;
        server.stop().await;
    }
}

#[tokio::test]
async fn a_retell_that_fails_changes_nothing() {
    // It knows no such address.
    let server = TestServer::start(&MockServer::start().await).await;
    mirror::sync(&server.app().accounts, &server.tenant)
        .await
        .unwrap_err();
    let agents = server
        .app()
        .store
        .agents()
        .list(&server.tenant)
        .await
        .unwrap();
    assert_eq!(agents.len(), 1, "{agents:?}");
    server.stop().await;
}
