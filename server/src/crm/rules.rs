//! What a connection may be, and whether a record is somebody's. Pure, but for looking at
//! where an address leads.

use std::collections::BTreeMap;

use api::crm::{CrmCreate, CrmFind, CrmGeneric, CrmList, CrmProvider, CrmRequest};
use outbound::{BadAddress, Rules};
use reqwest::header::HeaderName;
use url::Url;

use crate::invalid::Invalid;
use crate::phone::E164;
use crate::template;

const HEADERS_MAX: usize = 10;
const PATH_MAX_CHARS: usize = 200;
const PHONES_MAX: usize = 10;
const JSON_MAX_BYTES: usize = 16 * 1024;

/// A connection as it is kept.
pub(super) async fn checked(
    rules: &Rules,
    provider: CrmProvider,
    secrets: &BTreeMap<String, String>,
) -> Result<CrmProvider, Invalid> {
    // Their own address is known; who has an app has its secret, who has none a key.
    let own = |base_url: Option<String>, client_id: Option<String>, key| {
        let base_url = base_url.as_deref().map(origin).transpose()?;
        let client_id = client_id.as_deref().map(app).transpose()?;
        let secret = client_id.as_ref().map_or(key, |_| "client_secret");
        let addresses = base_url.iter().cloned().collect();
        Ok::<_, Invalid>((base_url, client_id, Some(secret), addresses))
    };
    let (provider, secret, addresses) = match provider {
        CrmProvider::Hubspot {
            base_url,
            client_id,
        } => {
            let (base_url, client_id, secret, addresses) = own(base_url, client_id, "service_key")?;
            let provider = CrmProvider::Hubspot {
                base_url,
                client_id,
            };
            (provider, secret, addresses)
        }
        CrmProvider::Pipedrive {
            base_url,
            client_id,
        } => {
            let (base_url, client_id, secret, addresses) = own(base_url, client_id, "api_token")?;
            let provider = CrmProvider::Pipedrive {
                base_url,
                client_id,
            };
            (provider, secret, addresses)
        }
        CrmProvider::Salesforce {
            base_url,
            client_id,
            consent,
        } => {
            let base_url = origin(&base_url)?;
            let addresses = vec![base_url.clone()];
            let provider = CrmProvider::Salesforce {
                base_url,
                client_id: app(&client_id)?,
                consent,
            };
            (provider, Some("client_secret"), addresses)
        }
        CrmProvider::Generic(generic) => {
            let addresses = described(&generic)?;
            (CrmProvider::Generic(generic), None, addresses)
        }
    };
    if let Some(secret) = secret.filter(|name| !secrets.contains_key(*name)) {
        return Err(Invalid::because(format!("The secret {secret} is needed.")));
    }
    for address in addresses {
        let bad = |bad: BadAddress| Invalid::of("url", format!("url: {bad}"));
        let url = rules.parse(&address).map_err(bad)?;
        rules.look_ahead(&url).await.map_err(bad)?;
    }
    Ok(provider)
}

/// The id of an app.
fn app(client_id: &str) -> Result<String, Invalid> {
    let client_id = client_id.trim();
    let fits = (1..=PATH_MAX_CHARS).contains(&client_id.chars().count());
    fits.then(|| client_id.to_owned())
        .ok_or_else(|| Invalid::of("client_id", "client_id is the app's, as the CRM shows it."))
}

/// The scheme, host and port of an address: requests name the rest.
fn origin(address: &str) -> Result<String, Invalid> {
    let url = Url::parse(address.trim()).ok().filter(Url::has_host);
    let url = url.ok_or_else(|| {
        Invalid::of(
            "base_url",
            "base_url is an address such as https://example.my.salesforce.com.",
        )
    })?;
    Ok(url.origin().ascii_serialization())
}

/// Looks at every request of a description. Returns where they lead.
fn described(generic: &CrmGeneric) -> Result<Vec<String>, Invalid> {
    let can_be = |name: &String| HeaderName::try_from(name).is_ok();
    if generic.headers.len() > HEADERS_MAX || !generic.headers.keys().all(can_be) {
        return Err(Invalid::of("headers", "headers are up to 10."));
    }
    let mut addresses = vec![request("test", &generic.test)?];
    let finds = [
        ("find_by_phone", Some(&generic.find_by_phone)),
        ("find_by_email", generic.find_by_email.as_ref()),
    ];
    for (what, find) in finds
        .into_iter()
        .filter_map(|(what, find)| Some((what, find?)))
    {
        let CrmFind {
            request: asked,
            records,
            id,
            name,
            email,
            phones,
        } = find;
        addresses.push(request(what, asked)?);
        let optional = [Some(records), name.as_ref(), email.as_ref()];
        paths(what, optional.into_iter().flatten().chain(phones))?;
        needed(what, id)?;
        if phones.len() > PHONES_MAX {
            return Err(Invalid::of(what, format!("{what}: phones are up to 10.")));
        }
    }
    if generic.find_by_phone.phones.is_empty() {
        return Err(Invalid::of(
            "find_by_phone",
            "find_by_phone: phones says where a record's numbers are.",
        ));
    }
    for (what, made) in [
        ("create", &generic.create),
        ("add_activity", &generic.add_activity),
    ] {
        let CrmCreate { request: asked, id } = made;
        addresses.push(request(what, asked)?);
        needed(what, id)?;
    }
    for (what, update) in [
        ("update", &generic.update),
        ("update_activity", &generic.update_activity),
    ] {
        if let Some(update) = update {
            addresses.push(request(what, update)?);
        }
    }
    if let Some(CrmList {
        request: asked,
        items,
        id,
        text,
    }) = &generic.activities
    {
        addresses.push(request("activities", asked)?);
        paths("activities", [items].into_iter())?;
        needed("activities", id)?;
        needed("activities", text)?;
    }
    if let Some(url) = &generic.record_url {
        addresses.push(address("record_url", url)?);
    }
    Ok(addresses)
}

fn request(what: &str, request: &CrmRequest) -> Result<String, Invalid> {
    let long = request.body.as_ref().map(|body| body.to_string().len());
    if long > Some(JSON_MAX_BYTES) {
        return Err(Invalid::of(
            what,
            format!("{what}: body is longer than 16 KiB."),
        ));
    }
    address(what, &request.url)
}

/// The address with something in its places, of which the host has none.
fn address(what: &str, url: &str) -> Result<String, Invalid> {
    let host = url.split_once("://").map(|(_, rest)| rest);
    let host = host.and_then(|rest| rest.split(['/', '?', '#']).next());
    let filled = template::fill(url, |_| Some("x".to_owned()));
    filled
        .filter(|_| host.is_some_and(|host| !host.contains("{{")))
        .ok_or_else(|| {
            Invalid::of(
                what,
                format!("{what}: the host of url has no places to fill in."),
            )
        })
}

fn needed(what: &str, path: &str) -> Result<(), Invalid> {
    if path.trim().is_empty() {
        return Err(Invalid::of(
            what,
            format!("{what}: a path such as data.id is missing."),
        ));
    }
    paths(what, [path].into_iter())
}

fn paths(what: &str, mut paths: impl Iterator<Item = impl AsRef<str>>) -> Result<(), Invalid> {
    match paths.any(|path| path.as_ref().chars().count() > PATH_MAX_CHARS) {
        true => Err(Invalid::of(what, format!("{what}: a path is too long."))),
        false => Ok(()),
    }
}

/// Whether one of these numbers, as people typed them, is that number.
pub(super) fn is_among<'a>(phone: &E164, typed: impl IntoIterator<Item = &'a String>) -> bool {
    let country = phone.country().unwrap_or_default();
    let mut typed = typed.into_iter();
    typed.any(|text| {
        let read = E164::parse(text).or_else(|_| E164::parse_in(text, &country));
        read.is_ok_and(|number| number == *phone)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_recognised_however_it_was_typed() {
        let phone = E164::parse("+49 30 901820").unwrap();
        for typed in [
            "+4930901820",
            "(030) 90 18 20",
            "0049 30/901820",
            "030-901820",
        ] {
            assert!(is_among(&phone, [&typed.to_owned()]), "{typed}");
        }
        for other in ["+34 30 901820", "030 901821", "", "901820x"] {
            assert!(!is_among(&phone, [&other.to_owned()]), "{other}");
        }
    }

    #[test]
    fn of_an_address_the_origin_is_kept() {
        assert_eq!(
            origin(" https://a.example/x?y ").unwrap(),
            "https://a.example"
        );
        assert!(origin("a.example").is_err());
    }
}
