//! What is tried: every route that names something of a business, and every
//! write of the desk. The tests compare these tables with the router, so a route
//! that is missing here fails them.

use server::people::Role::{self, Admin, Agent, Supervisor};

/// A route of the desk: who may, and with what it is tried. In `ids` and `body`
/// words in capitals stand for something of a business, see
/// [`World::names`](super::world::World::names).
pub(crate) struct DeskRoute {
    pub(crate) verb: &'static str,
    pub(crate) path: &'static str,
    /// The lowest role that may.
    pub(crate) role: Role,
    /// What stands in the path's braces, in their order.
    pub(crate) ids: &'static [&'static str],
    pub(crate) body: &'static str,
}

/// A route of the API that names something.
pub(crate) struct ApiRoute {
    pub(crate) verb: &'static str,
    pub(crate) path: &'static str,
    pub(crate) ids: &'static [&'static str],
    pub(crate) body: &'static str,
}

const fn desk(
    verb: &'static str,
    path: &'static str,
    role: Role,
    ids: &'static [&'static str],
    body: &'static str,
) -> DeskRoute {
    DeskRoute {
        verb,
        path,
        role,
        ids,
        body,
    }
}

const fn api(
    verb: &'static str,
    path: &'static str,
    ids: &'static [&'static str],
    body: &'static str,
) -> ApiRoute {
    ApiRoute {
        verb,
        path,
        ids,
        body,
    }
}

const DIAL_BODY: &str = r#"{"to_number": "+34911223344", "agent_id": "AGENT"}"#;
const PERSON_BODY: &str = r#"{"person": "PHONE"}"#;
const KEY: &str = r#"{"name": "Site", "agents": ["agent_1"], "origins": ["https://e.test"]}"#;
const ENDPOINT_BODY: &str = r#"{"url": "https://hook.test/", "events": ["call.ended"]}"#;
const RULE_BODY: &str = r#"{"name": "Rule", "enabled": true, "action": {"do": "reject"}}"#;
const SERVICE_BODY: &str = r#"{"name": "Cut", "minutes": 30}"#;
const BOOKING_BODY: &str = r#"{"service_id": "SERVICE", "starts_at": 0}"#;
const FUNCTION_BODY: &str = r#"{"name": "find_car", "description": "Finds a car.", "parameters": {"type": "object", "properties": {}}, "url": "https://hook.test/"}"#;
const TEMPLATE_BODY: &str = r#"{"name": "Hi", "texts": {"en": "Hi"}}"#;
const CRM_BODY: &str = r#"{"provider": {"kind": "hubspot"}}"#;
const LINK_BODY: &str =
    r#"{"address": "https://cal.example.com", "user": "ana", "password": "secret of a link"}"#;
const DESTINATION_BODY: &str = r#"{"name": "Ada", "to": "+4930901820"}"#;
const TAKE_OVER_BODY: &str = r#"{"listener": "LISTENER"}"#;
const WARNING_BODY: &str = r#"{"name": "Long silence", "when": "agent_silent", "seconds": 60}"#;
const TELL_BODY: &str = r#"{"note": "The caller is a regular."}"#;
const HAND_OVER_BODY: &str = r#"{"destination": "DESTINATION"}"#;
const CLAIM_BODY: &str = r#"{"user_id": "PERSON"}"#;
const VARIABLES_BODY: &str = r#"{"variables": {"mood": "calm"}}"#;
const NOTE_BODY: &str = r#"{"text": "Somebody else's"}"#;
const WRAP_UP_BODY: &str = r#"{"note": "Somebody else's"}"#;
const CONTACT_BODY: &str = r#"{"name": "Somebody else"}"#;
const MERGE_BODY: &str = r#"{"other": "OTHER_CONTACT", "details": {"name": "Both"}}"#;
// Of no file: it is looked at whose it is before that is said.
const PLAN_BODY: &str = r#"{"columns": []}"#;

/// Every route of the desk that writes, or names something. What is deleted
/// stands after everything else that is tried on it.
#[rustfmt::skip]
pub(crate) const DESK: &[DeskRoute] = &[
    // Calls.
    desk("GET", "/api/desk/calls", Agent, &[], ""),
    desk("GET", "/api/desk/calls/{id}", Agent, &["CALL"], ""),
    desk("GET", "/api/desk/calls/{id}/events", Agent, &["CALL"], ""),
    desk("GET", "/api/desk/calls/{id}/attending", Agent, &["CALL"], ""),
    desk("POST", "/api/desk/calls/{id}/listeners", Agent, &["CALL"], ""),
    desk("PUT", "/api/desk/calls/{id}/listeners/{listener}", Agent, &["CALL", "LISTENER"], ""),
    desk("DELETE", "/api/desk/calls/{id}/listeners/{listener}", Agent, &["CALL", "LISTENER"], ""),
    desk("POST", "/api/desk/calls/{id}/take-over", Supervisor, &["CALL"], TAKE_OVER_BODY),
    desk("POST", "/api/desk/calls/{id}/tell", Supervisor, &["CALL"], TELL_BODY),
    desk("PATCH", "/api/desk/calls/{id}/variables", Supervisor, &["CALL"], VARIABLES_BODY),
    desk("POST", "/api/desk/calls/{id}/hand-over", Supervisor, &["CALL"], HAND_OVER_BODY),
    desk("POST", "/api/desk/calls/{id}/end", Supervisor, &["CALL"], ""),
    desk("PUT", "/api/desk/calls/{id}/claim", Agent, &["CALL"], "{}"),
    desk("DELETE", "/api/desk/calls/{id}/claim", Agent, &["CALL"], ""),
    desk("PUT", "/api/desk/calls/{id}/claim/seen", Agent, &["CALL"], ""),
    desk("PUT", "/api/desk/calls/{id}/flag", Agent, &["CALL"], "{}"),
    desk("DELETE", "/api/desk/calls/{id}/flag", Agent, &["CALL"], ""),
    desk("GET", "/api/desk/calls/{id}/functions", Agent, &["CALL"], ""),
    desk("GET", "/api/desk/calls/{id}/recording", Agent, &["CALL"], ""),
    desk("GET", "/api/desk/calls/{id}/notes", Agent, &["CALL"], ""),
    desk("POST", "/api/desk/calls/{id}/notes", Agent, &["CALL"], NOTE_BODY),
    desk("PUT", "/api/desk/calls/{id}/notes/{note}", Agent, &["CALL", "NOTE"], NOTE_BODY),
    desk("DELETE", "/api/desk/calls/{id}/notes/{note}", Agent, &["CALL", "NOTE"], ""),
    desk("GET", "/api/desk/calls/{id}/wrap-up", Agent, &["CALL"], ""),
    desk("PUT", "/api/desk/calls/{id}/wrap-up", Agent, &["CALL"], WRAP_UP_BODY),
    desk("GET", "/api/desk/calls/export", Supervisor, &[], ""),
    desk("POST", "/api/desk/web-calls", Agent, &[], r#"{"agent_id": "AGENT"}"#),
    desk("POST", "/api/desk/phone-calls", Agent, &[], DIAL_BODY),
    desk("POST", "/api/desk/call-views", Agent, &[], r#"{"name": "Mine", "query": ""}"#),
    desk("DELETE", "/api/desk/call-views/{id}", Supervisor, &["CALL_VIEW"], ""),
    desk("PUT", "/api/desk/whispers", Admin, &[], r#"{"items": ["Be brief."]}"#),
    desk("PUT", "/api/desk/dispositions", Admin, &[], r#"{"items": [{"name": "Sold"}]}"#),
    // Contacts.
    desk("POST", "/api/desk/contacts", Agent, &[], CONTACT_BODY),
    desk("GET", "/api/desk/contacts/{id}", Agent, &["CONTACT"], ""),
    desk("PUT", "/api/desk/contacts/{id}", Agent, &["CONTACT"], CONTACT_BODY),
    desk("GET", "/api/desk/contacts/{id}/moments", Agent, &["CONTACT"], ""),
    desk("POST", "/api/desk/contacts/{id}/merge", Agent, &["CONTACT"], MERGE_BODY),
    desk("DELETE", "/api/desk/contacts/{id}", Agent, &["CONTACT"], ""),
    desk("POST", "/api/desk/contacts/imports", Supervisor, &[], "{}"),
    desk("GET", "/api/desk/contacts/imports/{id}", Supervisor, &["IMPORT"], ""),
    desk("POST", "/api/desk/contacts/imports/{id}/preview", Supervisor, &["IMPORT"], PLAN_BODY),
    desk("POST", "/api/desk/contacts/imports/{id}/start", Supervisor, &["IMPORT"], PLAN_BODY),
    desk("GET", "/api/desk/contacts/imports/{id}/refused", Supervisor, &["IMPORT"], ""),
    desk("POST", "/api/desk/contacts/imports/{id}/cancel", Supervisor, &["IMPORT"], ""),
    // The calendar.
    desk("POST", "/api/desk/calendar/holds", Agent, &[], BOOKING_BODY),
    desk("POST", "/api/desk/calendar/holds/{id}/confirm", Agent, &["BOOKING"], "{}"),
    desk("POST", "/api/desk/calendar/bookings", Agent, &[], BOOKING_BODY),
    desk("GET", "/api/desk/calendar/bookings/{id}", Agent, &["BOOKING"], ""),
    desk("POST", "/api/desk/calendar/bookings/{id}/move", Agent, &["BOOKING"], r#"{"starts_at": 0}"#),
    desk("POST", "/api/desk/calendar/bookings/{id}/cancel", Agent, &["BOOKING"], ""),
    desk("POST", "/api/desk/calendar/bookings/{id}/restore", Agent, &["BOOKING"], ""),
    desk("PUT", "/api/desk/calendar/settings", Admin, &[], "{}"),
    desk("POST", "/api/desk/calendar/services", Admin, &[], SERVICE_BODY),
    desk("PUT", "/api/desk/calendar/services/{id}", Admin, &["SERVICE"], SERVICE_BODY),
    desk("DELETE", "/api/desk/calendar/services/{id}", Admin, &["SERVICE"], ""),
    desk("POST", "/api/desk/calendar/staff", Admin, &[], r#"{"name": "Ada"}"#),
    desk("PUT", "/api/desk/calendar/staff/{id}", Admin, &["STAFF"], r#"{"name": "Ada"}"#),
    desk("POST", "/api/desk/calendar/staff/{id}/feed", Admin, &["STAFF"], ""),
    desk("DELETE", "/api/desk/calendar/staff/{id}/feed", Admin, &["STAFF"], ""),
    desk("DELETE", "/api/desk/calendar/staff/{id}", Admin, &["STAFF"], ""),
    // Text messages.
    desk("GET", "/api/desk/sms-settings", Admin, &[], ""),
    desk("POST", "/api/desk/sms", Agent, &[], r#"{"to": "PHONE", "body": "Hi"}"#),
    desk("PUT", "/api/desk/sms-settings", Admin, &[], "{}"),
    desk("POST", "/api/desk/sms-templates", Admin, &[], TEMPLATE_BODY),
    desk("PUT", "/api/desk/sms-templates/{id}", Admin, &["SMS_TEMPLATE"], TEMPLATE_BODY),
    desk("DELETE", "/api/desk/sms-templates/{id}", Admin, &["SMS_TEMPLATE"], ""),
    // Linked calendars.
    desk("GET", "/api/desk/calendar/links", Admin, &[], ""),
    desk("POST", "/api/desk/calendar/links", Admin, &[], LINK_BODY),
    desk("PUT", "/api/desk/calendar/links/{id}", Admin, &["LINK"], LINK_BODY),
    desk("POST", "/api/desk/calendar/links/{id}/test", Admin, &["LINK"], ""),
    desk("DELETE", "/api/desk/calendar/links/{id}", Admin, &["LINK"], ""),
    desk("GET", "/api/desk/calendar/writes", Admin, &[], ""),
    desk("POST", "/api/desk/calendar/writes/{id}/replay", Admin, &["PARKED_BOOKING"], ""),
    desk("POST", "/api/desk/calendar/writes/replay", Admin, &[], ""),
    // Cal.com.
    desk("GET", "/api/desk/calendar/calcom", Admin, &[], ""),
    desk("PUT", "/api/desk/calendar/calcom", Admin, &[], "{}"),
    desk("POST", "/api/desk/calendar/calcom/test", Admin, &[], ""),
    desk("GET", "/api/desk/calendar/calcom/event-types", Admin, &[], ""),
    desk("DELETE", "/api/desk/calendar/calcom", Admin, &[], ""),
    // The CRM.
    desk("GET", "/api/desk/crm", Admin, &[], ""),
    desk("PUT", "/api/desk/crm", Admin, &[], CRM_BODY),
    desk("POST", "/api/desk/crm/test", Admin, &[], ""),
    desk("POST", "/api/desk/crm/consent", Admin, &[], ""),
    desk("GET", "/api/desk/crm/writes", Admin, &[], ""),
    desk("POST", "/api/desk/crm/writes/{id}/replay", Admin, &["CRM_WRITE"], ""),
    desk("POST", "/api/desk/crm/writes/replay", Admin, &[], ""),
    desk("DELETE", "/api/desk/crm", Admin, &[], ""),
    // The business's own functions.
    desk("GET", "/api/desk/own-functions", Admin, &[], ""),
    desk("POST", "/api/desk/own-functions", Admin, &[], FUNCTION_BODY),
    desk("GET", "/api/desk/own-functions/{id}", Admin, &["FUNCTION"], ""),
    desk("PUT", "/api/desk/own-functions/{id}", Admin, &["FUNCTION"], FUNCTION_BODY),
    desk("POST", "/api/desk/own-functions/{id}/rotate-secret", Admin, &["FUNCTION"], ""),
    desk("POST", "/api/desk/own-functions/{id}/try", Admin, &["FUNCTION"], "{}"),
    desk("DELETE", "/api/desk/own-functions/{id}", Admin, &["FUNCTION"], ""),
    // Where calls are transferred to.
    desk("POST", "/api/desk/transfer-destinations", Admin, &[], DESTINATION_BODY),
    desk("PUT", "/api/desk/transfer-destinations/{id}", Admin, &["DESTINATION"], DESTINATION_BODY),
    desk("DELETE", "/api/desk/transfer-destinations/{id}", Admin, &["DESTINATION"], ""),
    // Call-backs.
    desk("GET", "/api/desk/callbacks", Agent, &[], ""),
    desk("POST", "/api/desk/callbacks", Agent, &[], r#"{"phone": "+34911230100"}"#),
    desk("PATCH", "/api/desk/callbacks/{id}", Agent, &["CALLBACK"], "{}"),
    desk("PUT", "/api/desk/callbacks/{id}/claim", Agent, &["CALLBACK"], ""),
    desk("DELETE", "/api/desk/callbacks/{id}/claim", Agent, &["CALLBACK"], ""),
    desk("POST", "/api/desk/callbacks/{id}/call-now", Agent, &["CALLBACK"], ""),
    desk("POST", "/api/desk/callbacks/{id}/cancel", Agent, &["OTHER_CALLBACK"], ""),
    // One's own account.
    desk("GET", "/api/desk/me/identities", Agent, &[], ""),
    desk("POST", "/api/desk/me/identities", Agent, &[], ""),
    desk("DELETE", "/api/desk/me/identities/{id}", Agent, &["IDENTITY"], ""),
    desk("DELETE", "/api/desk/me/sessions/{id}", Agent, &["SESSION"], ""),
    desk("PATCH", "/api/desk/me", Agent, &[], r#"{"name": "Robin"}"#),
    desk("PUT", "/api/desk/me/availability", Agent, &[], r#"{"availability": "busy"}"#),
    desk("POST", "/api/desk/me/here", Agent, &[], ""),
    desk("PUT", "/api/desk/me/password", Agent, &[], r#"{"current": "", "new": "staple horse"}"#),
    desk("DELETE", "/api/desk/me/sessions", Agent, &[], ""),
    desk("DELETE", "/api/desk/session", Agent, &[], ""),
    // Alerts.
    desk("GET", "/api/desk/alerts", Supervisor, &[], ""),
    desk("POST", "/api/desk/alerts/{id}/dismiss", Supervisor, &["ALERT"], ""),
    // The business.
    desk("GET", "/api/desk/account", Admin, &[], ""),
    desk("PUT", "/api/desk/account", Admin, &[], "{}"),
    desk("GET", "/api/desk/audit", Admin, &[], ""),
    desk("GET", "/api/desk/business", Admin, &[], ""),
    desk("PUT", "/api/desk/business", Admin, &[], r#"{"name": "Mine", "timezone": "UTC", "languages": ["en"], "default_agent_id": "AGENT"}"#),
    // Functions.
    desk("GET", "/api/desk/functions/use", Admin, &[], ""),
    desk("GET", "/api/desk/agents/{id}/variables", Agent, &["AGENT"], ""),
    desk("GET", "/api/desk/agents/{id}/functions", Admin, &["AGENT"], ""),
    desk("PUT", "/api/desk/agents/{id}/functions", Admin, &["AGENT"], ""),
    desk("PUT", "/api/desk/agents/{id}/functions/{name}", Admin, &["AGENT", "end_call"], r#"{"on": false}"#),
    // Who takes calls.
    desk("GET", "/api/desk/availability", Agent, &[], ""),
    // People.
    desk("GET", "/api/desk/people", Admin, &[], ""),
    desk("POST", "/api/desk/people", Admin, &[], r#"{"email": "x@example.com", "name": "X", "role": "admin"}"#),
    desk("POST", "/api/desk/people/{id}/link", Admin, &["PERSON"], ""),
    desk("PATCH", "/api/desk/people/{id}", Admin, &["PERSON"], r#"{"name": "Eve", "role": "agent", "disabled": true}"#),
    // Keys.
    desk("GET", "/api/desk/public-keys", Admin, &[], ""),
    desk("POST", "/api/desk/public-keys", Admin, &[], KEY),
    desk("GET", "/api/desk/public-keys/{id}", Admin, &["PUBLIC_KEY"], ""),
    desk("PUT", "/api/desk/public-keys/{id}", Admin, &["PUBLIC_KEY"], KEY),
    desk("POST", "/api/desk/public-keys/{id}/rotate", Admin, &["PUBLIC_KEY"], "{}"),
    desk("DELETE", "/api/desk/public-keys/{id}", Admin, &["PUBLIC_KEY"], ""),
    desk("GET", "/api/desk/api-keys", Admin, &[], ""),
    desk("POST", "/api/desk/api-keys", Admin, &[], r#"{"name": "CRM", "scopes": ["calls:read"]}"#),
    desk("POST", "/api/desk/api-keys/{id}/rotate", Admin, &["API_KEY"], "{}"),
    desk("DELETE", "/api/desk/api-keys/{id}", Admin, &["API_KEY"], ""),
    // Webhooks that came.
    desk("GET", "/api/desk/inbox", Admin, &[], ""),
    desk("GET", "/api/desk/inbox/{id}", Admin, &["ENTRY"], ""),
    desk("POST", "/api/desk/inbox/replay", Admin, &[], r#"{"ids": ["ENTRY"]}"#),
    desk("GET", "/api/desk/imports", Admin, &[], ""),
    desk("POST", "/api/desk/imports", Admin, &[], r#"{"from": 2, "to": 1}"#),
    // Webhooks that go out.
    desk("GET", "/api/desk/webhook-endpoints", Admin, &[], ""),
    desk("POST", "/api/desk/webhook-endpoints", Admin, &[], ENDPOINT_BODY),
    desk("GET", "/api/desk/webhook-endpoints/{id}", Admin, &["ENDPOINT"], ""),
    desk("PUT", "/api/desk/webhook-endpoints/{id}", Admin, &["ENDPOINT"], ENDPOINT_BODY),
    desk("POST", "/api/desk/webhook-endpoints/{id}/rotate-secret", Admin, &["ENDPOINT"], ""),
    desk("POST", "/api/desk/webhook-endpoints/{id}/switch-off", Admin, &["ENDPOINT"], ""),
    desk("POST", "/api/desk/webhook-endpoints/{id}/switch-on", Admin, &["ENDPOINT"], ""),
    desk("POST", "/api/desk/webhook-endpoints/{id}/test", Admin, &["ENDPOINT"], ""),
    desk("POST", "/api/desk/webhook-endpoints/{id}/replay-failed", Admin, &["ENDPOINT"], r#"{"since": 0}"#),
    desk("GET", "/api/desk/webhook-endpoints/{id}/notifications", Admin, &["ENDPOINT"], ""),
    desk("GET", "/api/desk/webhook-endpoints/{id}/notifications/{notification}", Admin, &["ENDPOINT", "SENT"], ""),
    desk("POST", "/api/desk/webhook-endpoints/{id}/notifications/{notification}/replay", Admin, &["ENDPOINT", "SENT"], ""),
    desk("DELETE", "/api/desk/webhook-endpoints/{id}", Admin, &["ENDPOINT"], ""),
    // Jobs.
    desk("GET", "/api/desk/jobs", Admin, &[], ""),
    desk("GET", "/api/desk/jobs/parked", Admin, &[], ""),
    desk("POST", "/api/desk/jobs/{id}/retry", Admin, &["JOB"], ""),
    desk("DELETE", "/api/desk/jobs/{id}", Admin, &["OTHER_JOB"], ""),
    // Numbers and rules.
    desk("GET", "/api/desk/numbers", Admin, &[], ""),
    desk("POST", "/api/desk/numbers/import", Admin, &[], ""),
    desk("GET", "/api/desk/routing-rules", Admin, &[], ""),
    desk("POST", "/api/desk/routing-rules", Admin, &[], RULE_BODY),
    desk("PUT", "/api/desk/routing-rules/order", Admin, &[], r#"{"ids": ["RULE"]}"#),
    desk("POST", "/api/desk/routing-rules/test", Admin, &[], r#"{"from_number": "PHONE", "to_number": "+14155550100"}"#),
    desk("PUT", "/api/desk/routing-rules/{id}", Admin, &["RULE"], RULE_BODY),
    desk("DELETE", "/api/desk/routing-rules/{id}", Admin, &["RULE"], ""),
    // What people are warned of.
    desk("GET", "/api/desk/warning-rules", Admin, &[], ""),
    desk("POST", "/api/desk/warning-rules", Admin, &[], WARNING_BODY),
    desk("PUT", "/api/desk/warning-rules/{id}", Admin, &["WARNING_RULE"], WARNING_BODY),
    desk("DELETE", "/api/desk/warning-rules/{id}", Admin, &["WARNING_RULE"], ""),
    // What is kept about people.
    desk("GET", "/api/desk/privacy/retention", Admin, &[], ""),
    desk("PUT", "/api/desk/privacy/retention", Admin, &[], r#"{"calls_days": 3650}"#),
    desk("POST", "/api/desk/privacy/person", Admin, &[], PERSON_BODY),
    desk("GET", "/api/desk/privacy/searches/{id}", Admin, &["SEARCH"], ""),
    desk("GET", "/api/desk/privacy/searches/{id}/copy", Admin, &["SEARCH"], ""),
    desk("GET", "/api/desk/privacy/erasures/{id}", Admin, &["ERASURE"], ""),
    desk("POST", "/api/desk/privacy/erase", Admin, &[], r#"{"person": "PHONE", "confirm": "PHONE"}"#),
    // Last: nothing of the call is there after it.
    desk("POST", "/api/desk/calls/{id}/redact", Supervisor, &["CALL"], ""),
    desk("DELETE", "/api/desk/calls/{id}", Supervisor, &["CALL"], ""),
];

/// Routes of the API that name something, but for those of the Retell account.
#[rustfmt::skip]
pub(crate) const API: &[ApiRoute] = &[
    api("GET", "/api/v1/calls/{id}", &["CALL"], ""),
    api("GET", "/api/v1/calls/{id}/functions", &["CALL"], ""),
    api("GET", "/api/v1/calls/{id}/notes", &["CALL"], ""),
    api("POST", "/api/v1/calls/{id}/notes", &["CALL"], NOTE_BODY),
    api("PUT", "/api/v1/calls/{id}/notes/{note}", &["CALL", "NOTE"], NOTE_BODY),
    api("DELETE", "/api/v1/calls/{id}/notes/{note}", &["CALL", "NOTE"], ""),
    api("GET", "/api/v1/calls/{id}/wrap-up", &["CALL"], ""),
    api("PUT", "/api/v1/calls/{id}/wrap-up", &["CALL"], WRAP_UP_BODY),
    api("GET", "/api/v1/agents/{id}/functions", &["AGENT"], ""),
    api("PUT", "/api/v1/agents/{id}/functions", &["AGENT"], ""),
    api("PUT", "/api/v1/agents/{id}/functions/{name}", &["AGENT", "end_call"], r#"{"on": false}"#),
    api("POST", "/api/v1/calls/{id}/end", &["CALL"], ""),
    api("POST", "/api/v1/calls/{id}/hand-over", &["CALL"], HAND_OVER_BODY),
    api("PUT", "/api/v1/calls/{id}/claim", &["CALL"], CLAIM_BODY),
    api("DELETE", "/api/v1/calls/{id}/claim", &["CALL"], ""),
    api("PUT", "/api/v1/calls/{id}/flag", &["CALL"], "{}"),
    api("DELETE", "/api/v1/calls/{id}/flag", &["CALL"], ""),
    api("POST", "/api/v1/calls/{id}/tell", &["CALL"], TELL_BODY),
    api("PATCH", "/api/v1/calls/{id}/variables", &["CALL"], VARIABLES_BODY),
    api("GET", "/api/v1/contacts/{id}", &["CONTACT"], ""),
    api("PUT", "/api/v1/contacts/{id}", &["CONTACT"], CONTACT_BODY),
    api("GET", "/api/v1/contacts/{id}/moments", &["CONTACT"], ""),
    api("POST", "/api/v1/contacts/{id}/merge", &["CONTACT"], MERGE_BODY),
    api("DELETE", "/api/v1/contacts/{id}", &["CONTACT"], ""),
    api("POST", "/api/v1/calendar/holds/{id}/confirm", &["BOOKING"], "{}"),
    api("GET", "/api/v1/calendar/bookings/{id}", &["BOOKING"], ""),
    api("POST", "/api/v1/calendar/bookings", &[], BOOKING_BODY),
    api("POST", "/api/v1/calendar/bookings/{id}/move", &["BOOKING"], r#"{"starts_at": 0}"#),
    api("POST", "/api/v1/calendar/bookings/{id}/cancel", &["BOOKING"], ""),
    api("POST", "/api/v1/calendar/bookings/{id}/restore", &["BOOKING"], ""),
    api("PUT", "/api/v1/calendar/services/{id}", &["SERVICE"], SERVICE_BODY),
    api("DELETE", "/api/v1/calendar/services/{id}", &["SERVICE"], ""),
    api("PUT", "/api/v1/calendar/staff/{id}", &["STAFF"], r#"{"name": "Ada"}"#),
    api("POST", "/api/v1/calendar/staff/{id}/feed", &["STAFF"], ""),
    api("DELETE", "/api/v1/calendar/staff/{id}/feed", &["STAFF"], ""),
    api("DELETE", "/api/v1/calendar/staff/{id}", &["STAFF"], ""),
    api("PUT", "/api/v1/calendar/links/{id}", &["LINK"], LINK_BODY),
    api("POST", "/api/v1/calendar/links/{id}/test", &["LINK"], ""),
    api("DELETE", "/api/v1/calendar/links/{id}", &["LINK"], ""),
    api("POST", "/api/v1/calendar/writes/{id}/replay", &["PARKED_BOOKING"], ""),
    api("PUT", "/api/v1/sms-templates/{id}", &["SMS_TEMPLATE"], TEMPLATE_BODY),
    api("DELETE", "/api/v1/sms-templates/{id}", &["SMS_TEMPLATE"], ""),
    api("POST", "/api/v1/crm/writes/{id}/replay", &["CRM_WRITE"], ""),
    api("GET", "/api/v1/own-functions/{id}", &["FUNCTION"], ""),
    api("PUT", "/api/v1/own-functions/{id}", &["FUNCTION"], FUNCTION_BODY),
    api("POST", "/api/v1/own-functions/{id}/rotate-secret", &["FUNCTION"], ""),
    api("POST", "/api/v1/own-functions/{id}/try", &["FUNCTION"], "{}"),
    api("DELETE", "/api/v1/own-functions/{id}", &["FUNCTION"], ""),
    api("PUT", "/api/v1/transfer-destinations/{id}", &["DESTINATION"], DESTINATION_BODY),
    api("DELETE", "/api/v1/transfer-destinations/{id}", &["DESTINATION"], ""),
    api("PUT", "/api/v1/warning-rules/{id}", &["WARNING_RULE"], WARNING_BODY),
    api("DELETE", "/api/v1/warning-rules/{id}", &["WARNING_RULE"], ""),
    api("GET", "/api/v1/keys/{id}", &["PUBLIC_KEY"], ""),
    api("PUT", "/api/v1/keys/{id}", &["PUBLIC_KEY"], KEY),
    api("POST", "/api/v1/keys/{id}/rotate", &["PUBLIC_KEY"], "{}"),
    api("DELETE", "/api/v1/keys/{id}", &["PUBLIC_KEY"], ""),
    api("GET", "/api/v1/inbox/{id}", &["ENTRY"], ""),
    api("POST", "/api/v1/inbox/{id}/replay", &["ENTRY"], ""),
    api("POST", "/api/v1/inbox/replay", &[], r#"{"ids": ["ENTRY"]}"#),
    api("GET", "/api/v1/deliveries/{id}", &["ENTRY"], ""),
    api("POST", "/api/v1/deliveries/{id}/replay", &["ENTRY"], ""),
    api("POST", "/api/v1/deliveries/replay", &[], r#"{"ids": ["ENTRY"]}"#),
    api("GET", "/api/v1/webhook-endpoints/{id}", &["ENDPOINT"], ""),
    api("PUT", "/api/v1/webhook-endpoints/{id}", &["ENDPOINT"], ENDPOINT_BODY),
    api("POST", "/api/v1/webhook-endpoints/{id}/rotate-secret", &["ENDPOINT"], ""),
    api("POST", "/api/v1/webhook-endpoints/{id}/switch-off", &["ENDPOINT"], ""),
    api("POST", "/api/v1/webhook-endpoints/{id}/switch-on", &["ENDPOINT"], ""),
    api("POST", "/api/v1/webhook-endpoints/{id}/test", &["ENDPOINT"], ""),
    api("POST", "/api/v1/webhook-endpoints/{id}/replay-failed", &["ENDPOINT"], r#"{"since": 0}"#),
    api("GET", "/api/v1/webhook-endpoints/{id}/notifications", &["ENDPOINT"], ""),
    api("GET", "/api/v1/webhook-endpoints/{id}/notifications/{notification}", &["ENDPOINT", "SENT"], ""),
    api("POST", "/api/v1/webhook-endpoints/{id}/notifications/{notification}/replay", &["ENDPOINT", "SENT"], ""),
    api("GET", "/api/v1/webhook-endpoints/{id}/deliveries", &["ENDPOINT"], ""),
    api("GET", "/api/v1/webhook-endpoints/{id}/deliveries/{notification}", &["ENDPOINT", "SENT"], ""),
    api("DELETE", "/api/v1/hooks/{id}", &["OTHER_ENDPOINT"], ""),
    api("DELETE", "/api/v1/webhook-endpoints/{id}", &["ENDPOINT"], ""),
    // Last: nothing of the call is there after it.
    api("POST", "/api/v1/calls/{id}/redact", &["CALL"], ""),
    api("DELETE", "/api/v1/calls/{id}", &["CALL"], ""),
];

/// Routes of the API whose braces hold nothing of a business's own, and why.
pub(crate) const API_OF_EVERYBODY: &[(&str, &str)] = &[
    (
        "/api/v1/actions/{name}",
        "an action of the catalogue; tried with its arguments",
    ),
    ("/api/v1/events/{type}/sample", "an event type"),
];

/// Routes that concern a whole Retell account: closed to who shares it.
pub(crate) const OF_THE_ACCOUNT: [&str; 2] = ["/api/retell/agents", "/api/retell/agents/{id}"];

/// What a visitor's ticket opens: verb, path, body.
pub(crate) const VISITOR: &[(&str, &str, &str)] = &[
    ("GET", "/api/public/web-calls/{id}", ""),
    ("POST", "/api/public/web-calls/{id}/end", ""),
    ("GET", "/api/public/web-calls/{id}/events", ""),
    (
        "POST",
        "/api/public/web-calls/{id}/messages",
        r#"{"text": "Hello"}"#,
    ),
    (
        "POST",
        "/api/public/web-calls/{id}/rating",
        r#"{"stars": 1}"#,
    ),
];

/// Routes of the desk for who is not signed in yet; a link is its own key.
pub(crate) const BEFORE_SIGN_IN: &[(&str, &str)] = &[
    ("GET", "/api/desk/sign-in"),
    ("POST", "/api/desk/session"),
    ("GET", "/api/desk/invitations/{token}"),
    ("POST", "/api/desk/invitations/{token}"),
    ("GET", "/api/desk/setup/{token}"),
    ("POST", "/api/desk/setup/{token}"),
];

/// Other routes with braces, and why nothing is crossed there.
pub(crate) const ELSEWHERE: &[(&str, &str)] = &[
    (
        "/api/v1/crm/people/{id}/activities",
        "a record in the asker's own CRM, where they have one",
    ),
    (
        "/api/v1/webhook-endpoints/{id}/deliveries/{notification}/replay",
        "the handler of …/notifications/{notification}/replay, after which nothing is left to send",
    ),
    (
        "/api/public/places/{id}",
        "who has the id holds the place, with a key of its business; see mint/line.rs",
    ),
    (
        "/api/functions/{name}",
        "takes what a business's key signed; see functions.rs",
    ),
    (
        "/api/desk/functions/{name}/runs",
        "every business has the same functions; see functions/page.rs",
    ),
    ("/api/desk/functions/{name}/try", "the same"),
    ("/api/v1/functions/{name}/runs", "the same"),
    ("/api/v1/functions/{name}/try", "the same"),
    (
        "/api/webhooks/retell/{tenant_id}",
        "takes what the business's key signed; see inbox.rs",
    ),
    (
        "/api/webhooks/sms/{tenant}/{secret}/{what}",
        "takes who knows the business's secret; see sms.rs",
    ),
    (
        "/api/calcom/webhook/{tenant}",
        "takes what the business's secret signed; see calcom.rs",
    ),
    (
        "/api/calendar/feeds/{file}",
        "the address is its own key; see calendar.rs",
    ),
    ("/desk/sign-in/{token}", "a link is its own key"),
    ("/setup/{token}", "a page; the link is its own key"),
    ("/desk/{*path}", "a page without content"),
    ("/assets/{*path}", "files for everybody"),
];
