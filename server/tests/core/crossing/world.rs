//! Two businesses on one server: the first has one of everything, the second
//! tries to get at it.

use std::collections::BTreeMap;

use api::keys::ApiScope;
use receiver::Receiver;
use reqwest::Response;
use serde_json::{Value, json};
use server::config::Database;
use server::jobs::NewJob;
use server::people::Role;
use server::store::Tenant;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use crate::support::{
    Desk, Scratch, TestServer, a_moment, in_time, life_of_a_call, raw_connection,
};
use crate::v1::{Program, make};

pub(crate) const PHONE: &str = "+34911230100";
/// Nobody has this number.
const NO_PHONE: &str = "+34911230199";

/// Whose things are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// The first business's.
    Theirs,
    /// Nobody's.
    Nobody,
    /// What can be the name of nothing, and no database takes.
    Unnameable,
}

pub(crate) struct World {
    pub(crate) server: TestServer,
    pub(crate) other: Tenant,
    /// What words in capitals stand for.
    names: BTreeMap<&'static str, String>,
    _receiver: Receiver,
}

/// What an answer says: the status and, of a problem, all but its request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) problem: Option<Value>,
}

impl World {
    pub(crate) async fn on(scratch: Scratch, retell_url: &str) -> Self {
        let server = TestServer::start_with(scratch, retell_url, |config| {
            config.outbound.allow_private = vec!["127.0.0.1".parse().unwrap()];
            config.limits.api_requests_per_minute = 100_000;
        })
        .await;
        let receiver = Receiver::start().await;
        let mut names = BTreeMap::from([
            ("AGENT", "agent_1".to_owned()),
            ("ALERT", "incident_1".to_owned()),
            ("CALL", "call_1".to_owned()),
            ("LISTENER", "listener_1".to_owned()),
            ("PHONE", PHONE.to_owned()),
            ("PUBLIC_KEY", "pk_open".to_owned()),
        ]);
        for webhook in life_of_a_call() {
            assert_eq!(server.webhook(&webhook).await.status(), 204);
        }
        let alert = json!({"event": "alert_triggered", "alert": {
            "alert_incident_id": "incident_1", "name": "Costs", "metric_type": "total_call_cost",
            "current_value": 900, "threshold_value": 500, "triggered_timestamp": 1000,
        }});
        assert_eq!(server.webhook(&alert).await.status(), 204);
        server.settled().await;

        let desk = Desk::sign_in(&server, Role::Admin).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let contact = json!({"name": "Ana Crossing", "phone": PHONE});
        for (name, path, body, id) in [
            ("CONTACT", "/api/desk/contacts", contact, "/id"),
            (
                "NOTE",
                "/api/desk/calls/call_1/notes",
                json!({"text": "Crossing"}),
                "/id",
            ),
            (
                "OTHER_CONTACT",
                "/api/desk/contacts",
                json!({"name": "Ben Crossing"}),
                "/id",
            ),
            (
                "SERVICE",
                "/api/desk/calendar/services",
                json!({"name": "Crossing", "minutes": 30}),
                "/id",
            ),
            (
                "STAFF",
                "/api/desk/calendar/staff",
                json!({"name": "Ada Crossing"}),
                "/id",
            ),
            (
                "LINK",
                "/api/desk/calendar/links",
                json!({"address": "https://cal.example.com", "user": "crossing", "password": "p"}),
                "/id",
            ),
            (
                "DESTINATION",
                "/api/desk/transfer-destinations",
                json!({"name": "Ada Crossing", "to": "+4930901820"}),
                "/id",
            ),
            (
                "FUNCTION",
                "/api/desk/own-functions",
                json!({
                    "name": "find_crossing", "description": "Crossing.", "url": receiver.url,
                    "parameters": {"type": "object", "properties": {}},
                }),
                "/function/id",
            ),
            (
                "SMS_TEMPLATE",
                "/api/desk/sms-templates",
                json!({"name": "Crossing", "texts": {"en": "Crossing"}}),
                "/id",
            ),
            (
                "API_KEY",
                "/api/desk/api-keys",
                json!({"name": "CRM", "scopes": ["calls:read"]}),
                "/key/id",
            ),
            (
                "ENDPOINT",
                "/api/desk/webhook-endpoints",
                json!({"url": receiver.url, "events": ["call.ended"]}),
                "/endpoint/id",
            ),
            (
                "OTHER_ENDPOINT",
                "/api/desk/webhook-endpoints",
                json!({"url": receiver.url, "events": ["call.ended"]}),
                "/endpoint/id",
            ),
            (
                "CALL_VIEW",
                "/api/desk/call-views",
                json!({"name": "Crossing", "query": "status=ended", "shared": true}),
                "/id",
            ),
            (
                "WARNING_RULE",
                "/api/desk/warning-rules",
                json!({"name": "Crossing", "when": "agent_silent", "seconds": 60}),
                "/id",
            ),
            (
                "RULE",
                "/api/desk/routing-rules",
                json!({"name": "Rule", "enabled": true, "action": {"do": "reject"}}),
                "/id",
            ),
        ] {
            let made: Value = desk.post(path, &body).await;
            names.insert(name, text(made.pointer(id).unwrap()));
        }
        let file = desk.upload("/api/desk/contacts/imports", b"Name\nCarla Crossing\n");
        names.insert("IMPORT", text(&file.await["id"]));
        let slots = format!("/api/desk/calendar/slots?service_id={}", names["SERVICE"]);
        let slots: Value = desk.get(&slots).await;
        let slot = json!({
            "service_id": names["SERVICE"], "starts_at": slots["items"][0]["starts_at"],
            "name": "Ana Crossing", "phone": PHONE,
        });
        let booking: Value = desk.post("/api/desk/calendar/bookings", &slot).await;
        names.insert("BOOKING", text(&booking["id"]));
        // Signed in once more, so that there is a session to end.
        Desk::sign_in(&server, Role::Admin).await;
        let sessions: Value = desk.get("/api/desk/me/sessions").await;
        let sessions = sessions["items"].as_array().unwrap();
        let elsewhere = sessions.iter().find(|it| it["this_one"] == false);
        names.insert("SESSION", text(&elsewhere.unwrap()["id"]));
        let invite = json!({"email": "eve@example.com", "name": "Eve", "role": "supervisor"});
        let _: Value = desk.post("/api/desk/people", &invite).await;
        let people: Value = desk.get("/api/desk/people").await;
        let people = people["items"].as_array().unwrap();
        let eve = people.iter().find(|it| it["name"] == "Eve").unwrap();
        names.insert("PERSON", text(&eve["id"]));
        let whom = json!({"person": PHONE});
        let search: Value = desk.post("/api/desk/privacy/person", &whom).await;
        names.insert("SEARCH", text(&search["id"]));
        let search = format!("/api/desk/privacy/searches/{}", names["SEARCH"]);
        let found = async {
            while desk.get::<Value>(&search).await["found"].is_null() {
                a_moment().await;
            }
        };
        in_time(found).await;
        let nobody = json!({"person": NO_PHONE, "confirm": NO_PHONE});
        let erasure: Value = desk.post("/api/desk/privacy/erase", &nobody).await;
        names.insert("ERASURE", text(&erasure["id"]));
        let entries: Value = desk.get("/api/desk/inbox?event=call_ended").await;
        names.insert("ENTRY", text(&entries["items"][0]["id"]));
        let endpoint = format!("/api/desk/webhook-endpoints/{}", names["ENDPOINT"]);
        let sent: Value = desk.post(&format!("{endpoint}/test"), &json!({})).await;
        names.insert("SENT", text(&sent["notification_id"]));
        let arrived = async {
            loop {
                let log: Value = desk.get(&format!("{endpoint}/notifications")).await;
                if log["items"][0]["state"] == "delivered" {
                    break;
                }
                a_moment().await;
            }
        };
        in_time(arrived).await;
        let entered = async {
            let said = "/api/desk/calls?text=hello";
            while desk.get::<Value>(said).await["items"] == json!([]) {
                a_moment().await;
            }
        };
        in_time(entered).await;
        for (name, job) in park_two_jobs(&server).await {
            names.insert(name, job);
        }
        names.extend(add_rows(&server).await);
        let store = &server.app().store;
        let other = store
            .tenants()
            .upsert("tenant_2", "Aurora", "Europe/Madrid", 1)
            .await
            .unwrap();
        Self {
            server,
            other,
            names,
            _receiver: receiver,
        }
    }

    /// The words that stand for something of the first business, and what they
    /// stand for.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.names
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }

    /// The name of one thing, or of one that does not exist.
    pub(crate) fn name(&self, what: &str, named: Named) -> String {
        match (named, what) {
            // Every business has the same functions.
            (_, "end_call") => what.to_owned(),
            (Named::Theirs, _) => self.names[what].clone(),
            (Named::Nobody, "PHONE") => NO_PHONE.to_owned(),
            (Named::Nobody, _) => format!("no_{}", what.to_lowercase()),
            (Named::Unnameable, _) => "%00".to_owned(),
        }
    }

    /// The path with something in its braces.
    pub(crate) fn path(&self, path: &str, ids: &[&str], named: Named) -> String {
        let mut ids = ids.iter();
        let segments = path.split('/').map(|segment| {
            if segment.starts_with('{') {
                self.name(ids.next().unwrap(), named)
            } else {
                segment.to_owned()
            }
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// The body with the names in it.
    pub(crate) fn body(&self, body: &str, named: Named) -> Option<Value> {
        let mut body = body.to_owned();
        for what in self.names.keys() {
            let quoted = format!("\"{what}\"");
            body = body.replace(&quoted, &format!("\"{}\"", self.name(what, named)));
        }
        serde_json::from_str(&body).ok()
    }

    /// A person of the second business.
    pub(crate) async fn stranger(&self) -> Desk<'_> {
        Desk::sign_in_to(&self.server, &self.other, Role::Admin).await
    }

    /// A program of the second business that may do everything.
    pub(crate) async fn strange_program(&self) -> Program<'_> {
        let made = make(&self.server, &self.other, &ApiScope::ALL).await;
        Program {
            server: &self.server,
            secret: made.secret,
        }
    }

    /// Every row of the first business.
    pub(crate) async fn rows(&self) -> BTreeMap<String, Vec<String>> {
        let mut connection = raw_connection(&self.server.scratch.database).await;
        let rows = match &self.server.scratch.database {
            Database::Sqlite(_) => rows_on_sqlite(&mut connection).await,
            Database::Postgres(_) => rows_on_postgres(&mut connection).await,
        };
        connection.close().await.unwrap();
        assert!(rows.values().filter(|rows| !rows.is_empty()).count() > 10);
        rows
    }
}

/// What an answer says.
pub(crate) async fn said(answer: Response) -> (Said, String) {
    let status = answer.status().as_u16();
    // A stream that was let in does not end.
    if answer
        .headers()
        .get("content-type")
        .is_some_and(|kind| kind == "text/event-stream")
    {
        let said = Said {
            status,
            problem: None,
        };
        return (said, String::new());
    }
    let text = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
    let problem = (status >= 400).then(|| {
        let mut problem: Value = serde_json::from_str(&text).unwrap();
        problem.as_object_mut().unwrap().remove("request_id");
        problem
    });
    (Said { status, problem }, text)
}

/// What visitors and a provider of accounts bring: two call-backs that wait, and
/// the admin's account elsewhere.
async fn add_rows(server: &TestServer) -> Vec<(&'static str, String)> {
    let mut connection = raw_connection(&server.scratch.database).await;
    let mut names = Vec::new();
    for (name, phone) in [
        ("CALLBACK", "+34911230101"),
        ("OTHER_CALLBACK", "+34911230102"),
    ] {
        let id = format!("cb_{}", name.to_lowercase());
        sqlx::query(
            "INSERT INTO callbacks (id, tenant_id, public_key_id, form_hash, state, section, \
                 name, phone, agent_id, variables, metadata, consent, due_at, round, created_at, \
                 updated_at) \
             VALUES ($1, 'tenant_1', 'pk_open', $1, 'scheduled', 0, 'Ana Crossing', $2, \
                 'agent_1', '{}', '{}', '{}', 4000000000000, 1, 1, 1)",
        )
        .bind(&id)
        .bind(phone)
        .execute(&mut connection)
        .await
        .unwrap();
        names.push((name, id));
    }
    sqlx::query(
        "INSERT INTO identities (id, tenant_id, user_id, issuer, subject, email, linked_at) \
         VALUES ('identity_1', 'tenant_1', 'user_admin_1', 'https://id.test', 'ana', NULL, 1)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO calendar_writes (booking_id, tenant_id, copy, state, attempts, updated_at) \
         SELECT id, tenant_id, 0, 'parked', 1, 1 FROM bookings WHERE tenant_id = 'tenant_1'",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    let booking: (String,) = sqlx::query_as("SELECT booking_id FROM calendar_writes")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO crm_writes (id, tenant_id, call_id, state, attempts, created_at, updated_at) \
         VALUES ('crm_write_1', 'tenant_1', 'call_1', 'parked', 1, 1, 1)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    names.push(("PARKED_BOOKING", booking.0));
    names.push(("IDENTITY", "identity_1".to_owned()));
    names.push(("CRM_WRITE", "crm_write_1".to_owned()));
    names
}

/// Two jobs that nobody runs, left to a person.
async fn park_two_jobs(server: &TestServer) -> Vec<(&'static str, String)> {
    let store = &server.app().store;
    for number in 0..2 {
        let job = NewJob {
            group: None,
            kind: "test.crossing",
            dedupe_key: None,
            payload: json!({"number": number}),
            run_at: 0,
            max_attempts: 1,
        };
        store.jobs().add(&server.tenant, &job, 1).await.unwrap();
    }
    let mut connection = raw_connection(&server.scratch.database).await;
    sqlx::query("UPDATE jobs SET state = 'parked', due_at = NULL WHERE kind = 'test.crossing'")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let parked = store.jobs().parked(&server.tenant, None, 9).await.unwrap();
    ["JOB", "OTHER_JOB"]
        .into_iter()
        .zip(parked.into_iter().map(|job| job.id))
        .collect()
}

async fn rows_on_postgres(connection: &mut AnyConnection) -> BTreeMap<String, Vec<String>> {
    let tables = sqlx::query(
        "SELECT table_name::text AS name FROM information_schema.columns \
         WHERE table_schema = 'public' AND column_name = 'tenant_id'",
    );
    let tables = tables.fetch_all(&mut *connection).await.unwrap();
    let mut all = BTreeMap::new();
    for table in tables {
        let table: String = table.get("name");
        let sql = format!("SELECT CAST(it AS TEXT) AS line FROM {table} it WHERE tenant_id = $1");
        all.insert(table, lines(connection, sql).await);
    }
    let own = "SELECT CAST(it AS TEXT) AS line FROM tenants it WHERE id = $1";
    all.insert(
        "tenants".to_owned(),
        lines(connection, own.to_owned()).await,
    );
    all
}

async fn rows_on_sqlite(connection: &mut AnyConnection) -> BTreeMap<String, Vec<String>> {
    let columns = sqlx::query(
        "SELECT m.name AS name, \
             group_concat('quote(' || c.name || ')', ' || '','' || ') AS columns, \
             max(c.name = 'tenant_id') AS of_a_tenant \
         FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' GROUP BY m.name",
    );
    let tables = columns.fetch_all(&mut *connection).await.unwrap();
    let mut all = BTreeMap::new();
    for row in tables {
        let table: String = row.get("name");
        let columns: String = row.get("columns");
        let owner = match (row.get::<i64, _>("of_a_tenant"), table.as_str()) {
            (1, _) => "tenant_id",
            (_, "tenants") => "id",
            _ => continue,
        };
        let sql = format!("SELECT {columns} AS line FROM {table} WHERE {owner} = $1");
        all.insert(table, lines(connection, sql).await);
    }
    all
}

async fn lines(connection: &mut AnyConnection, sql: String) -> Vec<String> {
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind("tenant_1")
        .fetch_all(connection)
        .await
        .unwrap();
    let mut lines: Vec<String> = rows.iter().map(|row| row.get("line")).collect();
    lines.sort();
    lines
}
