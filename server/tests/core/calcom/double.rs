//! A Cal.com of the test's own making, as strict as the documentation of its API: what is asked in
//! another way is refused and remembered.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::crm::double::{header, query};

/// Half an hour.
pub(crate) const EVENT_TYPE: u64 = 7;
pub(crate) const KEY: &str = "cal_live_key_of_the_tests";
const HALF_HOUR: i64 = 30 * 60_000;

/// What stands there.
#[derive(Clone)]
pub(crate) struct Booked {
    pub(crate) uid: String,
    pub(crate) status: &'static str,
    pub(crate) starts_at: i64,
    pub(crate) attendee: Value,
    pub(crate) metadata: Value,
    pub(crate) notes: Value,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Default)]
struct State {
    booked: Vec<Booked>,
    /// The uid and the beginning of each.
    reserved: Vec<(String, i64)>,
    made: usize,
    fault: Option<Fault>,
    /// Everything is answered so instead.
    instead: Option<u16>,
    asked_for_slots: usize,
    /// Whoever is booked has to agree.
    asks_the_host: bool,
    /// The webhooks: each its id, and as it was asked for.
    hooks: Vec<(u64, Value)>,
    /// How long reading takes, and changing something.
    pace: (Duration, Duration),
    refused: Vec<String>,
}

/// What goes wrong with the next booking, move or cancellation.
pub(crate) enum Fault {
    /// It is not done, and answered with this status.
    Instead(u16),
    /// It is done, and answered with this status.
    After(u16),
    /// It is done, and answered after so long.
    Late(Duration),
}

pub(crate) struct Double {
    server: MockServer,
    state: Arc<Mutex<State>>,
}

impl Double {
    pub(crate) async fn start() -> Self {
        Self::start_at_pace(Duration::ZERO, Duration::ZERO).await
    }

    /// One that takes so long to tell something, and to change something.
    pub(crate) async fn start_at_pace(reading: Duration, changing: Duration) -> Self {
        let server = MockServer::start().await;
        let state = Arc::new(Mutex::new(State {
            pace: (reading, changing),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        Mock::given(any())
            .respond_with(move |request: &Request| shared.lock().unwrap().respond(request))
            .mount(&server)
            .await;
        Self { server, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/v2", self.server.uri())
    }

    pub(crate) fn booked(&self) -> Vec<Booked> {
        self.state().booked.clone()
    }

    /// Those that take their time.
    pub(crate) fn standing(&self) -> Vec<Booked> {
        let mut all = self.booked();
        all.retain(|it| it.stands());
        all
    }

    pub(crate) fn reserved(&self) -> usize {
        self.state().reserved.len()
    }

    pub(crate) fn asked_for_slots(&self) -> usize {
        self.state().asked_for_slots
    }

    pub(crate) fn refused(&self) -> Vec<String> {
        self.state().refused.clone()
    }

    /// Where webhooks go, and with which secret.
    pub(crate) fn hooks(&self) -> Vec<(String, String)> {
        let text = |hook: &Value, name: &str| hook[name].as_str().unwrap().to_owned();
        let state = self.state();
        let hooks = state.hooks.iter();
        hooks
            .map(|(_, it)| (text(it, "subscriberUrl"), text(it, "secret")))
            .collect()
    }

    pub(crate) fn fails(&self, fault: Fault) {
        self.state().fault = Some(fault);
    }

    /// Everything is answered with this status from now on, or again as it should be.
    pub(crate) fn answers(&self, status: Option<u16>) {
        self.state().instead = status;
    }

    pub(crate) fn asks_the_host(&self) {
        self.state().asks_the_host = true;
    }

    /// Somebody books on the business's page there; the uid.
    pub(crate) fn book_elsewhere(&self, starts_at: i64) -> String {
        let attendee = json!({"name": "Eve", "phoneNumber": "+4930123456", "timeZone": "UTC"});
        self.state()
            .add(starts_at, attendee, json!({}), Value::Null, None)
    }

    /// Somebody moves a booking there; the new uid.
    pub(crate) fn move_elsewhere(&self, uid: &str, starts_at: i64) -> String {
        self.state().moved(uid, starts_at)
    }

    pub(crate) fn cancel_elsewhere(&self, uid: &str) {
        self.state().find(uid).unwrap().status = "cancelled";
    }
}

impl Booked {
    fn stands(&self) -> bool {
        ["accepted", "pending"].contains(&self.status)
    }

    fn shown(&self) -> Value {
        let mut shown = json!({
            "id": 1, "uid": self.uid, "title": "Cut", "status": self.status,
            "hosts": [{"id": 1, "name": "Ada", "email": "ada@example.com", "timeZone": "UTC"}],
            "start": iso(self.starts_at), "end": iso(self.starts_at + HALF_HOUR), "duration": 30,
            "eventType": {"id": EVENT_TYPE, "slug": "cut"}, "eventTypeId": EVENT_TYPE,
            "attendees": [self.attendee], "metadata": self.metadata, "absentHost": false,
            "bookingFieldsResponses": {"notes": self.notes},
        });
        for (name, uid) in [
            ("rescheduledFromUid", &self.from),
            ("rescheduledToUid", &self.to),
        ] {
            if let Some(uid) = uid {
                shown[name] = uid.as_str().into();
            }
        }
        shown
    }
}

fn iso(ms: i64) -> String {
    let at = Timestamp::from_millisecond(ms).unwrap();
    at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

fn ms(text: &Value) -> Option<i64> {
    let at: Timestamp = text.as_str()?.parse().ok()?;
    Some(at.as_millisecond())
}

fn success(status: u16, data: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"status": "success", "data": data}))
}

fn error(status: u16, code: &str, message: &str) -> ResponseTemplate {
    let template = ResponseTemplate::new(status).set_body_json(json!({
        "status": "error", "timestamp": "2026-01-01T00:00:00.000Z", "path": "/v2",
        "error": {"code": code, "message": message, "details": {}},
    }));
    match status {
        429 => template
            .insert_header("x-ratelimit-limit-default", "120")
            .insert_header("x-ratelimit-remaining-default", "0")
            .insert_header("x-ratelimit-reset-default", "60"),
        _ => template,
    }
}

impl State {
    fn respond(&mut self, request: &Request) -> ResponseTemplate {
        let path = request.url.path();
        if path.starts_with("/v2/slots") && request.method == "GET" {
            self.asked_for_slots += 1;
        }
        if let Some(status) = self.instead {
            return error(status, "Whatever", "Not now.");
        }
        if header(request, "authorization") != format!("Bearer {KEY}") {
            return error(401, "UnauthorizedException", "Invalid API Key");
        }
        let parts: Vec<_> = path.split('/').skip(2).collect();
        let version = match parts.first() {
            Some(&"slots") => "2024-09-04",
            Some(&"bookings") => "2024-08-13",
            Some(&"event-types") => "2024-06-14",
            Some(&"teams") if parts.len() > 1 => "2024-06-14",
            _ => "",
        };
        if header(request, "cal-api-version") != version {
            // The real one answers in the shape of its oldest version.
            return self.refuse(&format!("the version of {path}"));
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let verb = request.method.as_str();
        let writes = verb == "POST" && parts.first() == Some(&"bookings");
        let fault = self.fault.take_if(|_| writes);
        if let Some(Fault::Instead(status)) = fault {
            return error(
                status,
                "InternalServerErrorException",
                "Internal server error",
            );
        }
        let answer = match (verb, parts.as_slice()) {
            ("GET", ["me"]) => {
                let me = json!({"id": 1, "username": "sunrise", "email": "ada@example.com", "name": "Ada"});
                success(200, &me)
            }
            ("GET", ["event-types"]) if query(request, "username") == "sunrise" => {
                let field =
                    json!({"type": "text", "slug": "plate", "required": true, "isDefault": false});
                success(
                    200,
                    &json!([
                        {"id": EVENT_TYPE, "slug": "cut", "title": "Cut", "lengthInMinutes": 30, "bookingFields": []},
                        {"id": 8, "slug": "tyres", "title": "Tyres", "lengthInMinutes": 60, "bookingFields": [field]},
                    ]),
                )
            }
            ("GET", ["teams"]) => success(200, &json!([{"id": 3, "name": "Front desk"}])),
            ("GET", ["teams", "3", "event-types"]) => success(
                200,
                &json!([
                    {"id": 9, "slug": "any", "title": "Anybody", "lengthInMinutes": 20, "bookingFields": [],
                     "schedulingType": "roundRobin"},
                    {"id": 10, "slug": "own", "title": "Own", "lengthInMinutes": 20, "bookingFields": [],
                     "schedulingType": "managed"},
                ]),
            ),
            ("GET", ["webhooks"]) => {
                let shown = self.hooks.iter().map(|(id, it)| {
                    json!({"id": id.to_string(), "subscriberUrl": it["subscriberUrl"], "active": true})
                });
                success(200, &shown.collect())
            }
            ("POST", ["webhooks"]) => self.add_hook(&body),
            ("PATCH", ["webhooks", id]) => self.change_hook(id, &body),
            ("DELETE", ["webhooks", id]) => {
                self.hooks.retain(|(it, _)| it.to_string() != *id);
                success(200, &json!({"id": id}))
            }
            ("GET", ["slots"]) => self.slots(request),
            ("POST", ["slots", "reservations"]) => self.reserve(&body),
            ("DELETE", ["slots", "reservations", uid]) => {
                self.reserved.retain(|(it, _)| it != uid);
                ResponseTemplate::new(200).set_body_json(json!({"status": "success"}))
            }
            ("GET", ["bookings"]) => self.list(request),
            ("POST", ["bookings"]) => self.book(&body),
            ("GET", ["bookings", uid]) => match self.find(uid) {
                Some(it) => success(200, &it.shown()),
                None => error(404, "NotFoundException", "Booking not found"),
            },
            ("POST", ["bookings", uid, "cancel"]) => match self.find(uid) {
                Some(it) if it.stands() => {
                    it.status = "cancelled";
                    success(200, &it.shown())
                }
                _ => error(400, "BadRequestException", "Booking is cancelled already"),
            },
            ("POST", ["bookings", uid, "reschedule"]) => self.reschedule(uid, &body),
            _ => self.refuse(&format!("{verb} {path}")),
        };
        let answer = answer.set_delay(match verb {
            "GET" => self.pace.0,
            _ => self.pace.1,
        });
        match fault {
            Some(Fault::After(status)) => error(status, "GatewayTimeout", "Gateway timeout"),
            Some(Fault::Late(time)) => answer.set_delay(time),
            _ => answer,
        }
    }

    fn refuse(&mut self, what: &str) -> ResponseTemplate {
        self.refused.push(what.to_owned());
        error(400, "BadRequestException", what)
    }

    fn find(&mut self, uid: &str) -> Option<&mut Booked> {
        self.booked.iter_mut().find(|it| it.uid == uid)
    }

    /// From eight to four, at half hours.
    fn is_offered(starts_at: i64) -> bool {
        let of_day = starts_at.rem_euclid(86_400_000);
        starts_at % HALF_HOUR == 0 && (8..16).contains(&(of_day / 3_600_000))
    }

    fn has(&self, starts_at: i64) -> bool {
        self.booked
            .iter()
            .any(|it| it.stands() && it.starts_at == starts_at)
    }

    fn slots(&mut self, request: &Request) -> ResponseTemplate {
        let asked = ["eventTypeId", "start", "end", "timeZone", "format"];
        let known = request
            .url
            .query_pairs()
            .all(|(name, _)| asked.contains(&&*name));
        let (from, to) = (
            ms(&query(request, "start").into()),
            ms(&query(request, "end").into()),
        );
        let (Some(from), Some(to), true) = (from, to, known) else {
            return self.refuse("the query of slots");
        };
        if query(request, "eventTypeId") != EVENT_TYPE.to_string() {
            return error(404, "NotFoundException", "Event type not found");
        }
        let first = from.div_euclid(HALF_HOUR) * HALF_HOUR;
        let all = (0..)
            .map(|it| first + it * HALF_HOUR)
            .take_while(|it| *it <= to);
        let is_reserved = |at: i64| self.reserved.iter().any(|it| it.1 == at);
        let free = all.filter(|it| *it >= from && Self::is_offered(*it));
        let mut days = Map::new();
        for at in free.filter(|it| !self.has(*it) && !is_reserved(*it)) {
            let day = days.entry(iso(at)[..10].to_owned()).or_insert(json!([]));
            let slot = json!({"start": iso(at), "end": iso(at + HALF_HOUR)});
            day.as_array_mut().unwrap().push(slot);
        }
        success(200, &days.into())
    }

    fn add_hook(&mut self, body: &Value) -> ResponseTemplate {
        let known = [
            "subscriberUrl",
            "triggers",
            "active",
            "secret",
            "payloadTemplate",
            "version",
        ];
        if !has_only(body, &known, &known[..3]) || !body["triggers"].is_array() {
            return self.refuse("the body of a webhook");
        }
        self.made += 1;
        let id = self.made as u64;
        self.hooks.push((id, body.clone()));
        success(
            201,
            &json!({"id": id.to_string(), "subscriberUrl": body["subscriberUrl"]}),
        )
    }

    fn change_hook(&mut self, id: &str, body: &Value) -> ResponseTemplate {
        let found = self.hooks.iter_mut().find(|(it, _)| it.to_string() == id);
        let Some((_, hook)) = found else {
            return error(404, "NotFoundException", "Webhook not found");
        };
        let fields = hook.as_object_mut().unwrap();
        fields.extend(body.as_object().unwrap().clone());
        success(200, &json!({"id": id}))
    }

    fn reserve(&mut self, body: &Value) -> ResponseTemplate {
        let known = ["eventTypeId", "slotStart", "reservationDuration"];
        if !has_only(body, &known, &known) || body["eventTypeId"] != EVENT_TYPE {
            return self.refuse("the body of a reservation");
        }
        let Some(at) = ms(&body["slotStart"]) else {
            return self.refuse("the beginning of a reservation");
        };
        // Whether it is a slot at all is not asked.
        if self.has(at) || self.reserved.iter().any(|it| it.1 == at) {
            let words = "Can't reserve a slot if the event is already booked.";
            return error(422, "UnprocessableEntityException", words);
        }
        self.made += 1;
        let uid = format!("reservation_{}", self.made);
        self.reserved.push((uid.clone(), at));
        let minutes = body["reservationDuration"].as_i64().unwrap();
        let until = Timestamp::now().as_millisecond() + minutes * 60_000;
        success(
            201,
            &json!({
                "eventTypeId": EVENT_TYPE, "slotStart": iso(at), "slotEnd": iso(at + HALF_HOUR),
                "slotDuration": 30, "reservationUid": uid, "reservationDuration": minutes,
                "reservationUntil": iso(until),
            }),
        )
    }

    fn list(&mut self, request: &Request) -> ResponseTemplate {
        let asked = ["eventTypeId", "afterStart", "beforeEnd", "take"];
        if !request
            .url
            .query_pairs()
            .all(|(name, _)| asked.contains(&&*name))
        {
            return self.refuse("the query of bookings");
        }
        let (from, to) = (
            ms(&query(request, "afterStart").into()).unwrap(),
            ms(&query(request, "beforeEnd").into()).unwrap(),
        );
        let inside = |it: &&Booked| it.starts_at >= from && it.starts_at + HALF_HOUR <= to;
        let all: Vec<_> = self
            .booked
            .iter()
            .filter(inside)
            .map(Booked::shown)
            .collect();
        let mut answer = json!({"status": "success", "data": all});
        answer["pagination"] = json!({"totalItems": all.len(), "hasNextPage": false});
        ResponseTemplate::new(200).set_body_json(answer)
    }

    fn book(&mut self, body: &Value) -> ResponseTemplate {
        let known = [
            "start",
            "eventTypeId",
            "attendee",
            "metadata",
            "bookingFieldsResponses",
        ];
        let (whom, named) = (&body["attendee"], ["name", "timeZone"]);
        let of_whom = ["name", "timeZone", "language", "phoneNumber", "email"];
        let is_reached = whom["phoneNumber"].is_string() || whom["email"].is_string();
        let language = whom["language"].as_str().unwrap_or("en");
        let fits = has_only(body, &known, &known[..3])
            && has_only(whom, &of_whom, &named)
            && is_reached
            && ["en", "es", "de"].contains(&language)
            && body["start"].as_str().is_some_and(|it| it.ends_with('Z'));
        if !fits {
            return self.refuse(&format!("the body of a booking: {body}"));
        }
        let Some(at) = ms(&body["start"]) else {
            return self.refuse("the beginning of a booking");
        };
        if !Self::is_offered(at) || self.has(at) {
            let words = "User either already has booking at this time or is not available";
            return error(400, "BadRequestException", words);
        }
        let (metadata, notes) = (
            body["metadata"].clone(),
            body["bookingFieldsResponses"]["notes"].clone(),
        );
        let uid = self.add(at, whom.clone(), metadata, notes, None);
        let made = self.find(&uid).unwrap().shown();
        success(201, &made)
    }

    fn add(
        &mut self,
        starts_at: i64,
        attendee: Value,
        metadata: Value,
        notes: Value,
        from: Option<String>,
    ) -> String {
        self.made += 1;
        let uid = format!("booking_{}", self.made);
        self.booked.push(Booked {
            uid: uid.clone(),
            status: if self.asks_the_host {
                "pending"
            } else {
                "accepted"
            },
            starts_at,
            attendee,
            metadata,
            notes,
            from,
            to: None,
        });
        uid
    }

    fn reschedule(&mut self, uid: &str, body: &Value) -> ResponseTemplate {
        let Some(at) = ms(&body["start"]) else {
            return self.refuse("the beginning of a move");
        };
        if !self.find(uid).is_some_and(|it| it.stands()) {
            return error(
                400,
                "BadRequestException",
                "Can't reschedule a cancelled booking",
            );
        }
        if !Self::is_offered(at) || self.has(at) {
            return error(409, "ConflictException", "booking_conflict");
        }
        let uid = self.moved(uid, at);
        let made = self.find(&uid).unwrap().shown();
        success(201, &made)
    }

    fn moved(&mut self, uid: &str, starts_at: i64) -> String {
        let before = self.find(uid).unwrap().clone();
        let from = Some(uid.to_owned());
        let new = self.add(
            starts_at,
            before.attendee,
            before.metadata,
            before.notes,
            from,
        );
        let before = self.find(uid).unwrap();
        before.status = "cancelled";
        before.to = Some(new.clone());
        new
    }
}

/// Whether an object has no other fields than these, and has all of those.
fn has_only(object: &Value, known: &[&str], needed: &[&str]) -> bool {
    let Some(object) = object.as_object() else {
        return false;
    };
    object.keys().all(|it| known.contains(&it.as_str()))
        && needed.iter().all(|it| object.contains_key(*it))
}
