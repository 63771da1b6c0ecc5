//! Phone numbers: bought, brought along, and who answers them (retell-protocol
//! H4).

use serde_json::{Value, json};

use super::Outcome;
use super::asked::Asked;
use super::calls::is_e164;
use crate::error::ApiError;
use crate::resources::kinds::PHONE_NUMBER;
use crate::resources::{Fields, Store};

/// "Buys" a number: the one that is asked for, or one made up of the area code
/// and a count.
pub(super) fn create(asked: &Asked) -> Outcome {
    let mut fields = asked.body.clone();
    let area = fields
        .get("area_code")
        .and_then(Value::as_u64)
        .unwrap_or(415);
    if !(200..=999).contains(&area) {
        return Err(ApiError::bad_request("area_code is not valid".to_owned()));
    }
    let mut store = asked.workspace.store();
    let number = match asked.string("phone_number") {
        Some(number) if is_e164(&number) => number,
        Some(number) => return Err(ApiError::bad_request(format!("{number} is not E.164"))),
        // 555-01xx belongs to nobody.
        None => (100..200)
            .map(|line| format!("+1{area}5550{line}"))
            .find(|number| !store.has(&PHONE_NUMBER, number))
            .ok_or_else(|| ApiError::bad_request("no number is left".to_owned()))?,
    };
    let telnyx = asked.text("number_provider") == Some("telnyx");
    let kind = if telnyx {
        "retell-telnyx"
    } else {
        "retell-twilio"
    };
    fields.insert("phone_number_type".to_owned(), kind.into());
    fields.insert("area_code".to_owned(), area.into());
    add(asked, &mut store, number, fields)
}

/// Brings along a number that is somebody else's.
pub(super) fn import(asked: &Asked) -> Outcome {
    let mut fields = asked.body.clone();
    let number = asked.string("phone_number").unwrap_or_default();
    let strict = asked.body.get("ignore_e164_validation") == Some(&Value::Bool(false));
    if strict && !is_e164(&number) {
        return Err(ApiError::bad_request(format!("{number} is not E.164")));
    }
    let trunk = json!({
        "termination_uri": fields.remove("termination_uri"),
        "auth_username": fields.remove("sip_trunk_auth_username"),
        "transport": fields.remove("transport").unwrap_or_else(|| "TCP".into()),
        "codecs": fields.remove("codecs"),
    });
    fields.remove("sip_trunk_auth_password");
    fields.insert("sip_outbound_trunk_config".to_owned(), trunk);
    fields.insert("phone_number_type".to_owned(), "custom".into());
    add(asked, &mut asked.workspace.store(), number, fields)
}

fn add(asked: &Asked, store: &mut Store, number: String, mut fields: Fields) -> Outcome {
    if store.has(&PHONE_NUMBER, &number) {
        let message = format!("{number} is in this workspace already");
        asked.refuse(ApiError::bad_request(message))?;
    }
    check(asked, store, &number, &fields)?;
    fields.insert("phone_number_pretty".to_owned(), number.as_str().into());
    let made = store.create_as(&PHONE_NUMBER, number, fields, asked.now_ms())?;
    Ok(Value::Object(made))
}

pub(super) fn update(asked: &Asked) -> Outcome {
    let mut changes = asked.body.clone();
    changes.remove("auth_password");
    let trunk = ["termination_uri", "auth_username", "transport", "codecs"];
    let trunk: Vec<(String, Value)> = trunk
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), changes.remove(name)?)))
        .collect();
    let mut store = asked.workspace.store();
    check(asked, &store, asked.id(), &changes)?;
    let number = store.get(&PHONE_NUMBER, asked.id(), None)?;
    if !trunk.is_empty() {
        let config = number.get("sip_outbound_trunk_config").cloned();
        let mut config = config.unwrap_or_else(|| json!({}));
        if let Value::Object(config) = &mut config {
            config.extend(trunk);
        }
        changes.insert("sip_outbound_trunk_config".to_owned(), config);
    }
    let changed = store.update(
        &PHONE_NUMBER,
        asked.id(),
        None,
        None,
        changes,
        asked.now_ms(),
    )?;
    Ok(Value::Object(changed))
}

/// What no shape tells: versions are there, weights come to 1, and falling back
/// comes to an end.
fn check(asked: &Asked, store: &Store, number: &str, fields: &Fields) -> Result<(), ApiError> {
    let versions = store.check_versions(&PHONE_NUMBER, fields);
    versions.or_else(|error| asked.refuse(error))?;
    for name in [
        "inbound_agents",
        "outbound_agents",
        "inbound_sms_agents",
        "outbound_sms_agents",
    ] {
        let agents = fields.get(name).and_then(Value::as_array);
        let Some(agents) = agents.filter(|agents| !agents.is_empty()) else {
            continue;
        };
        let sum: f64 = agents
            .iter()
            .filter_map(|agent| agent["weight"].as_f64())
            .sum();
        if (sum - 1.0).abs() > 1e-6 {
            let message = format!("{name}: weights must sum to 1");
            asked.refuse(ApiError::bad_request(message))?;
        }
    }
    let fallback = fields.get("fallback_number").and_then(Value::as_str);
    if let Some(fallback) = fallback {
        let has_one = store.get(&PHONE_NUMBER, fallback, None);
        let has_one =
            has_one.is_ok_and(|it| it.get("fallback_number").is_some_and(Value::is_string));
        if fallback == number || has_one {
            let message = "fallback_number: must be another number, without a fallback".to_owned();
            return Err(ApiError::bad_request(message));
        }
    }
    Ok(())
}
