//! Any CRM that has a REST API, as its business describes it.

use std::collections::BTreeMap;

use api::crm::{CrmFind, CrmGeneric, CrmList, CrmRequest};
use futures_util::FutureExt as _;
use serde_json::{Value, json};

use super::{Account, Api, Asked, Found, Listed, MOST, Person, Provider, Refusal, Who, id};
use crate::crm::activity::Activity;
use crate::phone::E164;
use crate::template;

/// A CRM that is described.
pub(super) struct Generic {
    pub(super) api: Api,
    pub(super) described: CrmGeneric,
    pub(super) secrets: BTreeMap<String, String>,
}

impl Generic {
    async fn ask(&self, request: &CrmRequest, mut scope: Value) -> Result<Value, Refusal> {
        scope["secrets"] = json!(self.secrets);
        let request = template::Request {
            method: request.method,
            url: &request.url,
            headers: &self.described.headers,
            body: request.body.as_ref(),
            form: request.form,
            sparse: true,
        };
        let request = request.filled(&scope);
        let sent = self
            .api
            .send(request.method, &request.url, request.headers, request.body);
        self.api.success(sent.await?, |_| None)
    }
}

/// The list at a path; `None` where there is something else.
fn list<'a>(answer: &'a Value, path: &str) -> Option<&'a Vec<Value>> {
    template::at(answer, path)?.as_array()
}

fn found(record: &Value, find: &CrmFind) -> Option<Found> {
    let at = |path: &String| template::at(record, path);
    let text = |path: &String| at(path).and_then(super::text);
    let mut phones = Vec::new();
    for value in find.phones.iter().filter_map(at) {
        match value {
            Value::Array(several) => phones.extend(several.iter().map(template::plain)),
            one => phones.push(template::plain(one)),
        }
    }
    Some(Found {
        id: at(&find.id).and_then(id)?,
        name: find.name.as_ref().and_then(text),
        email: find.email.as_ref().and_then(text),
        phones,
    })
}

/// What is filled in of somebody; of what did not change, nothing.
fn scope(person: &Person) -> Value {
    let (first, last) = person.names().unzip();
    let first = first.filter(|first| !first.is_empty());
    let mut scope = json!({
        "name": person.name, "first_name": first, "last_name": last, "email": person.email,
        "language": person.language,
    });
    put_phone(&mut scope, person.phone.as_ref());
    scope
}

fn put_phone(scope: &mut Value, phone: Option<&E164>) {
    scope["phone"] = json!(phone.map(E164::as_str));
    scope["digits"] = json!(phone.map(|it| it.as_str().trim_start_matches('+')));
    scope["national"] = json!(phone.map(E164::national));
}

impl Provider for Generic {
    fn account(&self) -> Asked<'_, Account> {
        async {
            self.ask(&self.described.test, json!({})).await?;
            Ok(Account::default())
        }
        .boxed()
    }

    fn find<'a>(&'a self, who: &'a Who) -> Asked<'a, Vec<Found>> {
        async move {
            let mut scope = json!({});
            let find = match who {
                Who::Phone(phone) => {
                    put_phone(&mut scope, Some(phone));
                    &self.described.find_by_phone
                }
                Who::Email(email) => {
                    scope["email"] = email.as_str().into();
                    match &self.described.find_by_email {
                        Some(find) => find,
                        None => return Ok(Vec::new()),
                    }
                }
            };
            let answer = self.ask(&find.request, scope).await?;
            let records = list(&answer, &find.records).ok_or_else(|| self.api.odd())?;
            let records = records.iter().take(MOST);
            Ok(records.filter_map(|record| found(record, find)).collect())
        }
        .boxed()
    }

    fn create<'a>(&'a self, person: &'a Person) -> Asked<'a, String> {
        async move {
            let create = &self.described.create;
            let mut scope = scope(person);
            if person.name.is_none() {
                scope["name"] = person.called().into();
                scope["last_name"] = person.called().into();
            }
            let answer = self.ask(&create.request, scope).await?;
            let made = template::at(&answer, &create.id).and_then(id);
            made.ok_or_else(|| self.api.odd())
        }
        .boxed()
    }

    fn update<'a>(&'a self, record: &'a str, person: &'a Person) -> Asked<'a, ()> {
        async move {
            let Some(update) = &self.described.update else {
                return Ok(());
            };
            let mut scope = scope(person);
            scope["record"] = record.into();
            self.ask(update, scope).await?;
            Ok(())
        }
        .boxed()
    }

    fn add_activity<'a>(&'a self, record: &'a str, activity: &'a Activity) -> Asked<'a, String> {
        async move {
            let add = &self.described.add_activity;
            let scope = json!({"record": record, "activity": activity.scope()});
            let answer = self.ask(&add.request, scope).await?;
            let made = template::at(&answer, &add.id).and_then(id);
            made.ok_or_else(|| self.api.odd())
        }
        .boxed()
    }

    fn change_activity<'a>(
        &'a self,
        record: &'a str,
        id: &'a str,
        activity: &'a Activity,
    ) -> Asked<'a, ()> {
        async move {
            let Some(change) = &self.described.update_activity else {
                return Ok(());
            };
            let mut scope = json!({"record": record, "activity": activity.scope()});
            scope["activity"]["id"] = id.into();
            self.ask(change, scope).await?;
            Ok(())
        }
        .boxed()
    }

    fn activities<'a>(&'a self, record: &'a str) -> Asked<'a, Vec<Listed>> {
        async move {
            let Some(described) = &self.described.activities else {
                return Ok(Vec::new());
            };
            let CrmList {
                request,
                items,
                id: at_id,
                text,
            } = described;
            let answer = self.ask(request, json!({"record": record})).await?;
            let all = list(&answer, items).ok_or_else(|| self.api.odd())?;
            let listed = all.iter().filter_map(|one| {
                Some(Listed {
                    id: template::at(one, at_id).and_then(id)?,
                    text: template::at(one, text)
                        .map(template::plain)
                        .unwrap_or_default(),
                })
            });
            Ok(listed.collect())
        }
        .boxed()
    }

    fn link(&self, record: &str) -> Option<String> {
        let url = self.described.record_url.as_deref()?;
        Some(template::text(
            url,
            &json!({"record": record}),
            template::in_address,
        ))
    }
}
