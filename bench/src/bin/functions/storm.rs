//! More callers at once than there are times, and each who got one says yes several times at
//! once, as it happens when an answer is late: how many hold a time, and what becomes of it.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bench::program::Program;
use bench::report::line;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::caller::{Business, Caller};

/// So many businesses have a storm.
pub(super) const BUSINESSES: usize = 25;
/// The times of each.
const TIMES: usize = 8;
/// Who wants each of them.
const WANT: usize = 4;
/// How often each who got one says yes: with who wants one, and who is asked to try once more, no
/// more than a business may ask for in a minute.
const YES: usize = 3;
/// After so long an agent asks again.
const AGAIN: Duration = Duration::from_secs(1);

/// Has all of it happen at once.
///
/// # Errors
/// When a time is booked twice, or what was held is not booked.
pub(super) async fn run(server: &Program, businesses: &[Business]) -> Result<()> {
    let (mut times, mut desks) = (Vec::new(), Vec::new());
    for business in businesses {
        let mut desk = business.desk(server).await?;
        let service = json!({"name": "Check-up", "minutes": 30});
        desk.send("POST", "/api/desk/calendar/services", &service)
            .await?;
        desks.push(desk);
        times.push(free(server, business).await?);
    }
    let begun = Instant::now();
    let mut wishes = JoinSet::new();
    for (of, business) in businesses.iter().enumerate() {
        for nth in 0..TIMES * WANT {
            let call = business.call(nth + 1);
            let slot = times[of][nth % TIMES].clone();
            let address = server.address;
            wishes.spawn(async move {
                let mut caller = Caller::of(address, call).await?;
                let held = told(&mut caller, "start_booking", &json!({"slot": slot})).await?;
                let hold = held["hold"].as_str().map(str::to_owned);
                let Some(hold) = hold else {
                    ensure!(held["reason"] == "taken", "{held}");
                    return Ok(None);
                };
                let mut yes = JoinSet::new();
                for _ in 0..YES {
                    let (call, hold) = (caller.call.clone(), hold.clone());
                    yes.spawn(async move {
                        let mut caller = Caller::of(address, call).await?;
                        let asked = json!({"hold": hold, "name": "Ana García"});
                        told(&mut caller, "confirm_booking", &asked).await
                    });
                }
                let mut said = HashSet::new();
                for answer in yes
                    .join_all()
                    .await
                    .into_iter()
                    .collect::<Result<Vec<_>>>()?
                {
                    let reference = answer["booking"]["reference"].as_str();
                    said.insert(reference.with_context(|| answer.to_string())?.to_owned());
                }
                ensure!(said.len() == 1, "one hold became {said:?}");
                Ok(Some(()))
            });
        }
    }
    let wishes = wishes.join_all().await;
    let took = begun.elapsed();
    let mut held = 0;
    for wish in wishes {
        held += usize::from(wish?.is_some());
    }
    let (mut booked, mut twice) = (0, 0);
    for desk in &mut desks {
        let page = desk
            .send("GET", "/api/desk/calendar/bookings?limit=100", &Value::Null)
            .await?;
        let all = page["items"].as_array().context("no bookings")?;
        let begin: HashSet<_> = all.iter().map(|it| it["starts_at"].as_i64()).collect();
        booked += all.len();
        twice += all.len() - begin.len();
    }
    line(&format!(
        "A storm of {} callers for {} times, and {} confirmations, in {} ms: {held} held, {booked} \
         booked, {twice} booked twice, {} lost.",
        businesses.len() * TIMES * WANT,
        businesses.len() * TIMES,
        held * YES,
        took.as_millis(),
        held - booked.min(held),
    ));
    ensure!(twice == 0, "times are booked twice");
    ensure!(
        held == booked && held == businesses.len() * TIMES,
        "{held} held, {booked} booked"
    );
    Ok(())
}

/// What a function answers in the end: one that takes too long, or is asked for too often, says
/// so and is asked for once more, as agents do.
async fn told(caller: &mut Caller, name: &str, args: &Value) -> Result<Value> {
    loop {
        let (answer, _) = caller.ask(name, args).await?;
        if answer["reason"] != "late" && answer["reason"] != "too_often" {
            return Ok(answer);
        }
        sleep(AGAIN).await;
    }
}

/// Times that are free, apart from each other.
async fn free(server: &Program, business: &Business) -> Result<Vec<Value>> {
    let mut caller = Caller::of(server.address, business.call(0)).await?;
    let mut times = Vec::new();
    for in_days in [2, 3] {
        let (found, _) = caller
            .ask("check_availability", &json!({"in_days": in_days}))
            .await?;
        let slots = found["slots"].as_array();
        let slots = slots.with_context(|| found.to_string())?;
        times.extend(slots.iter().map(|it| it["slot"].clone()));
    }
    ensure!(times.len() >= TIMES, "only {} times are free", times.len());
    times.truncate(TIMES);
    Ok(times)
}
