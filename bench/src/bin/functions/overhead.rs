//! What it costs to ask for a function: each of ours, and one of a business's own whose target
//! answers at once, through the server's own route, signed, one after the other as in a call.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::routing::get;
use bench::client::Connection;
use bench::program::Program;
use bench::report::{line, ms, quantile, table};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::caller::{Business, Caller, Desk};

/// How often each is asked for: with what has to be there before, no more than a business may
/// ask for in a minute.
const ASKED: usize = 45;
/// How often before that, so that what is read once is there.
const WARM: usize = 5;
/// What the design allows for each at most (p99).
const BUDGET: Duration = Duration::from_millis(5);
/// The function of a business's own.
const OWN: &str = "find_order";

/// A function, and what it is asked the nth time.
pub(super) struct Asking {
    name: &'static str,
    arguments: fn(usize) -> Value,
    /// What has to be asked for before, in the same call.
    before: Option<&'static str>,
}

const fn plain(name: &'static str, arguments: fn(usize) -> Value) -> Asking {
    Asking {
        name,
        arguments,
        before: None,
    }
}

const fn after(before: &'static str, name: &'static str, arguments: fn(usize) -> Value) -> Asking {
    Asking {
        name,
        arguments,
        before: Some(before),
    }
}

/// All but `request_callback`: on an account that businesses share, nobody is called back.
pub(super) const ALL: [Asking; 19] = [
    plain("initialize_call", nothing),
    plain("get_available_services", nothing),
    plain("get_business_hours", nothing),
    plain("check_availability", slot),
    plain("get_alternatives", slot),
    plain("start_booking", slot),
    after("start_booking", "confirm_booking", customer),
    plain("book_appointment", slot),
    after("book_appointment", "list_appointments", nothing),
    after("book_appointment", "reschedule_appointment", later),
    after("book_appointment", "cancel_appointment", nothing),
    plain("check_customer", nothing),
    plain("collect_customer_info", customer),
    after("collect_customer_info", "update_customer", renamed),
    plain(
        "add_note",
        |nth| json!({"note": format!("Rang the bell {nth} times.")}),
    ),
    plain("transfer_call", |_| json!({"destination": "reception"})),
    plain(
        "send_sms",
        |nth| json!({"body": format!("Your number is {nth}.")}),
    ),
    plain("end_call", nothing),
    plain(OWN, |nth| json!({"order": nth.to_string()})),
];

fn nothing(_: usize) -> Value {
    json!({})
}

fn customer(_: usize) -> Value {
    json!({"name": "Ana García"})
}

fn renamed(nth: usize) -> Value {
    json!({"name": format!("Ana García {nth}")})
}

/// A time nobody else has.
fn slot(nth: usize) -> Value {
    let (hour, minute) = (8 + nth % 16 / 2, nth % 2 * 30);
    json!({
        "service": "Check-up", "in_days": 2 + nth / 16, "time": format!("{hour:02}:{minute:02}"),
        "name": "Ana García",
    })
}

/// Another one.
fn later(nth: usize) -> Value {
    slot(nth + 16 * 7)
}

/// Asks for each in a business of its own, and tells what it took.
///
/// # Errors
/// When the server does not answer as it should.
pub(super) async fn run(server: &Program, businesses: &[Business]) -> Result<()> {
    let target = target().await?;
    let mut rows = Vec::new();
    let mut over = Vec::new();
    for (asking, business) in ALL.iter().zip(businesses) {
        furnish(&mut business.desk(server).await?, &target).await?;
        let (done, times) = measure(server, business, asking).await?;
        // What its target takes is not ours.
        let theirs = match asking.name {
            OWN => answered(&target).await?,
            _ => Duration::ZERO,
        };
        let p99 = quantile(&times, 0.99).saturating_sub(theirs);
        if p99 > BUDGET {
            over.push(asking.name);
        }
        rows.push(vec![
            asking.name.to_owned(),
            format!("{done} of {ASKED}"),
            ms(quantile(&times, 0.5).saturating_sub(theirs)),
            ms(p99),
        ]);
    }
    table(&["function", "done", "p50 ms", "p99 ms"], &rows);
    line(&match over.as_slice() {
        [] => format!("Each is within {} ms at p99.", BUDGET.as_millis()),
        over => format!(
            "Over {} ms at p99: {}.",
            BUDGET.as_millis(),
            over.join(", ")
        ),
    });
    Ok(())
}

/// Something of the business's own that answers at once; gives its address.
async fn target() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let answer = || async { r#"{"message": "It is on its way."}"# };
    let router = Router::new().route("/", get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address.to_string())
}

/// The median of how long the target takes by itself.
async fn answered(target: &str) -> Result<Duration> {
    let mut connection = Connection::open(target.parse()?).await?;
    let mut times = Vec::with_capacity(ASKED);
    for _ in 0..ASKED {
        let asked = Instant::now();
        connection.get("/", "").await?;
        times.push(asked.elapsed());
    }
    times.sort_unstable();
    Ok(quantile(&times, 0.5))
}

/// What the functions need: a service, somebody calls are handed to, somebody who sends
/// messages, and a function of its own.
async fn furnish(desk: &mut Desk, target: &str) -> Result<()> {
    let own = json!({
        "name": OWN, "description": "Looks up an order.", "method": "GET",
        "url": format!("http://{target}/?order={{{{args.order}}}}"),
        "parameters": {"type": "object", "properties": {"order": {"type": "string"}}},
    });
    let gateway = format!("http://{target}/?to={{{{digits}}}}&text={{{{text}}}}");
    let gateway = json!({"kind": "gateway", "method": "GET", "url": gateway});
    let messages = json!({"provider": gateway, "per_day": 1000});
    let service = json!({"name": "Check-up", "minutes": 30});
    let reception = json!({"name": "Reception", "to": "+4930901820"});
    for (method, path, body) in [
        ("POST", "/api/desk/calendar/services", service),
        ("POST", "/api/desk/transfer-destinations", reception),
        ("PUT", "/api/desk/sms-settings", messages),
        ("POST", "/api/desk/own-functions", own),
    ] {
        desk.send(method, path, &body).await?;
    }
    Ok(())
}

/// How often it did what it was asked, and how long it took each time, sorted.
async fn measure(
    server: &Program,
    business: &Business,
    asking: &Asking,
) -> Result<(usize, Vec<Duration>)> {
    let mut times = Vec::with_capacity(ASKED);
    let mut done = 0;
    for nth in 0..WARM + ASKED {
        // Each time another caller: who has booked something is not offered it again.
        let mut caller = Caller::of(server.address, business.call(nth)).await?;
        if let Some(before) = asking.before {
            let named = ALL.iter().find(|it| it.name == before);
            let named = named.context("a function that has to be asked for before")?;
            caller.ask(named.name, &(named.arguments)(nth)).await?;
        }
        let (answer, took) = caller.ask(asking.name, &(asking.arguments)(nth)).await?;
        if nth >= WARM {
            times.push(took);
            done += usize::from(answer["ok"] == true);
        }
    }
    times.sort_unstable();
    Ok((done, times))
}
