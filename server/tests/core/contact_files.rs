//! Files of contacts: looked at, taken in, given out, on both databases; and whoever dies in the
//! middle of it.

use api::contact_files::{
    Column, ContactImport, Fate, ImportPlan, ImportPreview, ImportState, Refusal, RefusedPage,
};
use api::contacts::{Contact, ContactDetails, ContactPage};
use api::problem::slug;
use serde_json::{Value, json};
use server::people::Role;
use server::person::Person;

use crate::privacy::copy_of;
use crate::support::{Desk, Scratch, TestServer, a_moment, in_time, problem};

const IMPORTS: &str = "/api/desk/contacts/imports";

async fn prepare(desk: &Desk<'_>, bytes: &[u8]) -> ContactImport {
    let path = format!("{IMPORTS}?name=people.csv");
    serde_json::from_value(desk.upload(&path, bytes).await).unwrap()
}

async fn preview(desk: &Desk<'_>, import: &ContactImport, plan: &ImportPlan) -> ImportPreview {
    let path = format!("{IMPORTS}/{}/preview", import.id);
    desk.post(&path, &json!(plan)).await
}

async fn start(desk: &Desk<'_>, import: &ContactImport, plan: &ImportPlan) -> ContactImport {
    let path = format!("{IMPORTS}/{}/start", import.id);
    desk.post(&path, &json!(plan)).await
}

async fn find(desk: &Desk<'_>, import: &ContactImport) -> ContactImport {
    desk.get(&format!("{IMPORTS}/{}", import.id)).await
}

/// Waits until it is over.
async fn over(desk: &Desk<'_>, import: &ContactImport) -> ContactImport {
    in_time(async {
        loop {
            let now = find(desk, import).await;
            if now.state != ImportState::Running {
                return now;
            }
            a_moment().await;
        }
    })
    .await
}

/// Takes a file in as it is guessed.
async fn take_in(desk: &Desk<'_>, bytes: &[u8]) -> ContactImport {
    let import = prepare(desk, bytes).await;
    start(desk, &import, &import.plan).await;
    over(desk, &import).await
}

/// Every contact, the newest first.
async fn all(desk: &Desk<'_>) -> Vec<Contact> {
    let mut all = Vec::new();
    let mut address = "/api/desk/contacts?limit=200".to_owned();
    loop {
        let page: ContactPage = desk.get(&address).await;
        all.extend(page.items);
        let Some(next) = page.next_cursor else {
            return all;
        };
        address = format!("/api/desk/contacts?limit=200&cursor={next}");
    }
}

#[tokio::test]
async fn a_file_becomes_contacts_as_it_was_shown_before() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Supervisor).await;
        let ana = json!({"name": "Ana", "phone": "+34911230100", "tags": ["gold"], "notes": "x"});
        let ana: Contact = desk.post("/api/desk/contacts", &ana).await;
        let file = "Nombre;Apellidos;Tel\u{e9}fono;M\u{f3}vil;Correo;Etiquetas;Plan\r\n\
             Ana;Garc\u{ed}a;911 23 01 00;612 345 678;ana@example.com;key;Oro\r\n\
             \u{c9}lodie;;+33 1 40 20 50 50;;;\"a; b\";\r\n\
             Ben;;not a number;;;;\r\n\
             ;;;;;gold;\r\n\
             Cleo;\"two\r\nlines\";;;cleo@example.com;;=1+1\r\n";
        // As Windows writes it.
        let file: Vec<u8> = file
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect();
        let import = prepare(&desk, &file).await;
        assert_eq!((import.state, import.total), (ImportState::Prepared, 5));
        assert_eq!(import.file, "people.csv");
        let plan = ImportPlan {
            country: Some("es".to_owned()),
            ..import.plan.clone()
        };
        assert_eq!(plan.columns[6], Column::Field("Plan".to_owned()));
        let shown = preview(&desk, &import, &plan).await;
        assert_eq!(
            (shown.new, shown.changed, shown.same, shown.refused),
            (2, 1, 0, 2)
        );
        assert_eq!(shown.samples[2], "911 23 01 00");
        assert_eq!(
            (shown.first[0].line, shown.first[0].fate),
            (2, Fate::Changed)
        );
        let after = &shown.first[0].details;
        assert_eq!(after.name, "Ana Garc\u{ed}a");
        assert_eq!(after.more_phones, ["+34612345678"]);
        assert_eq!(after.tags, ["gold", "key"]);
        assert_eq!(after.notes, "x");
        // Nothing was done so far; and a number at home is none without a country.
        assert_eq!(all(&desk).await.len(), 1);
        let abroad = preview(&desk, &import, &import.plan).await;
        assert_eq!(abroad.refused, 3);

        let started = start(&desk, &import, &plan).await;
        assert_eq!(started.state, ImportState::Running);
        let done = over(&desk, &import).await;
        assert_eq!(done.state, ImportState::Done);
        assert_eq!(
            (done.done, done.created, done.changed, done.refused),
            (5, 2, 1, 2)
        );
        let kept: Contact = desk.get(&format!("/api/desk/contacts/{}", ana.id)).await;
        assert_eq!(kept.details, *after);
        assert_eq!(kept.details.fields["Plan"], "Oro");
        let names: Vec<_> = all(&desk)
            .await
            .into_iter()
            .map(|it| it.details.name)
            .collect();
        assert!(names.contains(&"Cleo two\r\nlines".to_owned()), "{names:?}");
        let refused = format!("{IMPORTS}/{}/refused?limit=1", import.id);
        let first: RefusedPage = desk.get(&refused).await;
        assert_eq!(
            (first.items[0].line, first.items[0].reason),
            (4, Refusal::Phone)
        );
        assert_eq!(first.items[0].cells[2], "not a number");
        let next = format!("{refused}&cursor={}", first.next_cursor.unwrap());
        let next: RefusedPage = desk.get(&next).await;
        assert_eq!(
            (next.items[0].line, next.items[0].reason),
            (5, Refusal::Nobody)
        );
        assert_eq!(next.next_cursor, None);
        // It is over: it cannot be started or stopped once more.
        for what in ["start", "cancel"] {
            let path = format!("{IMPORTS}/{}/{what}", import.id);
            let answer = desk.send("POST", &path, Some(&json!(plan))).await;
            problem(answer, 404, slug::NOT_FOUND).await;
        }
        // The same file once more says nothing new.
        let again = prepare(&desk, &file).await;
        let shown = preview(&desk, &again, &plan).await;
        assert_eq!((shown.new, shown.changed, shown.same), (0, 0, 3));
        let admin = Desk::sign_in(&server, Role::Admin).await;
        let deeds: Value = admin.get("/api/desk/audit").await;
        let deeds = deeds["items"].as_array().unwrap();
        let deed = deeds.iter().find(|it| it["action"] == "contacts.imported");
        assert_eq!(deed.unwrap()["details"], json!({"lines": 5}));
        server.stop().await;
    }
}

#[tokio::test]
async fn what_is_no_table_is_refused_and_agents_bring_no_files() {
    let scratch = Scratch::sqlite();
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
    let desk = Desk::sign_in(&server, Role::Supervisor).await;
    let nothing = desk.send("POST", IMPORTS, Some(&json!("Name"))).await;
    problem(nothing, 422, slug::FILE_INVALID).await;
    let import = prepare(&desk, b"Name\nAna\n").await;
    for plan in [
        json!({"columns": []}),
        json!({"columns": [{"to": "field", "name": ""}]}),
        json!({"columns": [{"to": "name"}], "country": "Spain"}),
    ] {
        let path = format!("{IMPORTS}/{}/preview", import.id);
        let refused = desk.send("POST", &path, Some(&plan)).await;
        problem(refused, 400, slug::BODY_INVALID).await;
    }
    let agent = Desk::sign_in(&server, Role::Agent).await;
    for (method, path) in [("POST", IMPORTS), ("GET", "/api/desk/contacts/export")] {
        problem(
            agent.send(method, path, None).await,
            403,
            slug::ROLE_TOO_LOW,
        )
        .await;
    }
    server.stop().await;
}

/// So many lines, each with a number of its own.
pub(crate) fn lines(count: usize) -> Vec<u8> {
    let lines = (0..count).map(|nth| format!("Person {nth},+1415555{nth:04}\n"));
    let lines: String = lines.collect();
    format!("Name,Phone\n{lines}").into_bytes()
}

#[tokio::test]
async fn whoever_dies_in_the_middle_of_a_file_loses_nothing_and_does_nothing_twice() {
    const LINES: usize = 3_000;
    for scratch in Scratch::each().await {
        let mut server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Supervisor).await;
        let import = prepare(&desk, &lines(LINES)).await;
        start(&desk, &import, &import.plan).await;
        let mut stops = 0;
        loop {
            let desk = Desk::sign_in(&server, Role::Supervisor).await;
            let now = in_time(async {
                let before = find(&desk, &import).await.done;
                loop {
                    let now = find(&desk, &import).await;
                    if now.state != ImportState::Running || now.done > before {
                        return now;
                    }
                    a_moment().await;
                }
            })
            .await;
            if now.state != ImportState::Running {
                assert_eq!(now.state, ImportState::Done);
                assert_eq!((now.done, now.created), (LINES as u32, LINES as u32));
                break;
            }
            if stops < 3 {
                stops += 1;
                let scratch = server.stop_for_now().await;
                server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
            }
        }
        let desk = Desk::sign_in(&server, Role::Supervisor).await;
        let all = all(&desk).await;
        assert_eq!(all.len(), LINES);
        assert!(stops > 0, "it was over before anybody died");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_file_that_is_stopped_keeps_what_was_taken_in() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Supervisor).await;
        let import = prepare(&desk, &lines(6_000)).await;
        start(&desk, &import, &import.plan).await;
        in_time(async {
            while find(&desk, &import).await.done == 0 {
                a_moment().await;
            }
        })
        .await;
        let path = format!("{IMPORTS}/{}/cancel", import.id);
        let stopped: ContactImport = desk.post(&path, &json!({})).await;
        assert_eq!(stopped.state, ImportState::Cancelled);
        assert!(stopped.done < 6_000);
        // Another file is taken in after it, by which time nothing more came of the first.
        let next = take_in(&desk, b"Name\nAna\n").await;
        assert_eq!(next.created, 1);
        assert_eq!(find(&desk, &import).await, stopped);
        assert_eq!(all(&desk).await.len(), stopped.created as usize + 1);
        server.stop().await;
    }
}

#[tokio::test]
async fn what_is_given_out_is_read_back_as_it_was() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Supervisor).await;
        for contact in [
            json!({
                "name": "=SUM(A1)", "phone": "+34911230100", "more_phones": ["+34612345678"],
                "email": "ana@example.com", "language": "pt-BR", "vip": true, "blocked": true,
                "do_not_call": true,
                "tags": ["gold", "a, b; \"c\""], "notes": "-one\r\n\"two\", three\n",
                "fields": {
                    "plan": "gold", "visits": 3, "pets": ["Rex"], "none": null, "empty": "",
                    "code": "007", "number": "7", "quoted": "'=x", "json:odd": "x", " spaced ": " y ",
                },
            }),
            json!({"name": "Twin", "notes": "tall"}),
            json!({"name": "Twin", "notes": "small"}),
            json!({"name": "One", "email": "us@example.com"}),
            json!({"name": "Two", "email": "us@example.com"}),
            json!({"email": "only@example.com", "fields": {"plan": 7}}),
            json!({"phone": "+33140205050", "name": "\u{c9}lodie"}),
        ] {
            let _: Contact = desk.post("/api/desk/contacts", &contact).await;
        }
        let file = desk.send("GET", "/api/desk/contacts/export", None).await;
        let kind = file.headers()["content-type"].to_str().unwrap();
        assert_eq!(kind, "text/csv; charset=utf-8");
        let file = file.bytes().await.unwrap();
        let text = String::from_utf8(file.to_vec()).unwrap();
        assert!(text.starts_with("\u{feff}name,phone,"), "{text}");
        assert!(text.contains("'=SUM(A1)") && text.contains("'+34911230100"));

        let tenants = server.app().store.tenants();
        let other = tenants.upsert("tenant_2", "Aurora", "Europe/Madrid", 1);
        let other = other.await.unwrap();
        let there = Desk::sign_in_to(&server, &other, Role::Supervisor).await;
        let import = take_in(&there, &file).await;
        assert_eq!((import.created, import.refused), (7, 0));
        let known = async |desk: &Desk<'_>| -> Vec<ContactDetails> {
            let mut known: Vec<_> = all(desk).await.into_iter().map(|it| it.details).collect();
            known.sort_by_key(|it| format!("{it:?}"));
            known
        };
        assert_eq!(known(&there).await, known(&desk).await);
        // Only those that are wanted.
        let some = desk
            .send("GET", "/api/desk/contacts/export?q=twin", None)
            .await;
        assert_eq!(some.text().await.unwrap().lines().count(), 3);
        server.stop().await;
    }
}

#[tokio::test]
async fn somebody_who_is_erased_is_in_no_file_either() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let file = b"Name,Phone,Email\nAna,+34 911 23 01 00,\nBen,+34911230100,ben@\nCleo,,cleo@\n";
        let waiting = prepare(&desk, file).await;
        let refused = take_in(&desk, file).await;
        assert_eq!((refused.created, refused.refused), (1, 2));
        let person = Person::parse("+34911230100").unwrap();
        let (store, tenant) = (&server.app().store, &server.tenant);
        let copy = copy_of(store, tenant, &person).await;
        let contacts = copy["contacts"].as_array().unwrap();
        // Herself, her line that was refused, and two that wait.
        assert_eq!(contacts.len(), 4, "{contacts:?}");
        let order = json!({
            "person": "+34911230100", "confirm": "+34911230100", "at_retell": false,
        });
        let erasure: Value = desk.post("/api/desk/privacy/erase", &order).await;
        let path = format!(
            "/api/desk/privacy/erasures/{}",
            erasure["id"].as_str().unwrap()
        );
        in_time(async {
            while desk.get::<Value>(&path).await["state"] != "done" {
                a_moment().await;
            }
        })
        .await;
        let copy = copy_of(store, tenant, &person).await;
        assert_eq!(copy["contacts"], json!([]));
        start(&desk, &waiting, &waiting.plan).await;
        let done = over(&desk, &waiting).await;
        assert_eq!((done.created, done.refused), (0, 1));
        server.stop().await;
    }
}
