//! What is typed of the settings, and what is wrong with it. Where an address leads the server says.

use std::collections::BTreeMap;

use api::sms::{
    QuietHours, SaveSmsSettings, SmsConnection, SmsInbound, SmsProvider, SmsReceipt, SmsSettings,
    SmsWords, is_language_tag,
};
use leptos::prelude::*;
use serde_json::Value;

use crate::kit::{method_name, method_named, named_lines};

/// How many messages a day may be allowed at most.
const PER_DAY_MAX: u32 = 100_000;

/// What is wrong with something that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    Account,
    Sender,
    Token,
    /// Something Vonage needs is missing.
    Vonage,
    Address,
    Headers,
    /// The body is no JSON: where.
    Body {
        line: usize,
        column: usize,
    },
    Secrets,
    PerDay,
    Quiet,
    Words,
}

/// What is typed. A handle of signals: copy it freely.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed {
    /// As on the wire; nothing where nobody sends messages.
    pub(super) kind: RwSignal<String>,
    pub(super) account: RwSignal<String>,
    pub(super) from: RwSignal<String>,
    pub(super) service: RwSignal<String>,
    pub(super) base_url: RwSignal<String>,
    pub(super) token: RwSignal<String>,
    pub(super) signature: RwSignal<String>,
    pub(super) method: RwSignal<String>,
    pub(super) url: RwSignal<String>,
    pub(super) headers: RwSignal<String>,
    pub(super) body: RwSignal<String>,
    pub(super) form: RwSignal<bool>,
    pub(super) once_by_id: RwSignal<bool>,
    pub(super) id: RwSignal<String>,
    pub(super) receipt: Receipt,
    pub(super) number: RwSignal<String>,
    pub(super) text: RwSignal<String>,
    pub(super) secrets: RwSignal<String>,
    pub(super) per_day: RwSignal<String>,
    pub(super) quiet: RwSignal<bool>,
    pub(super) quiet_from: RwSignal<String>,
    pub(super) quiet_to: RwSignal<String>,
    pub(super) words: Words,
}

/// The business's own words, each language's on a line of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub(super) stop: RwSignal<String>,
    pub(super) start: RwSignal<String>,
    pub(super) stopped: RwSignal<String>,
    pub(super) started: RwSignal<String>,
}

/// How a gateway tells what became of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Receipt {
    pub(super) state: RwSignal<String>,
    pub(super) id: RwSignal<String>,
    pub(super) delivered: RwSignal<String>,
    pub(super) failed: RwSignal<String>,
    pub(super) error: RwSignal<String>,
}

fn text(typed: RwSignal<String>) -> String {
    typed.get().trim().to_owned()
}

fn some(typed: RwSignal<String>) -> Option<String> {
    Some(text(typed)).filter(|text| !text.is_empty())
}

fn listed(typed: RwSignal<String>) -> Vec<String> {
    split(&text(typed))
}

fn split(all: &str) -> Vec<String> {
    let all = all.split(',').map(str::trim).filter(|it| !it.is_empty());
    all.map(str::to_owned).collect()
}

impl Receipt {
    fn of(receipt: SmsReceipt) -> Self {
        Self {
            state: RwSignal::new(receipt.state),
            id: RwSignal::new(receipt.id.unwrap_or_default()),
            delivered: RwSignal::new(receipt.delivered.join(", ")),
            failed: RwSignal::new(receipt.failed.join(", ")),
            error: RwSignal::new(receipt.error.unwrap_or_default()),
        }
    }

    fn read(self) -> SmsReceipt {
        SmsReceipt {
            state: text(self.state),
            id: some(self.id),
            delivered: listed(self.delivered),
            failed: listed(self.failed),
            error: some(self.error),
        }
    }
}

/// Puts a line where it belongs.
type Put = fn(&mut SmsWords, String);

impl Words {
    fn of(words: &BTreeMap<String, SmsWords>) -> Self {
        let lines = |said: fn(&SmsWords) -> String| {
            let all = words.iter().map(|(tag, it)| (tag, said(it)));
            let all = all.filter(|(_, said)| !said.is_empty());
            let all: Vec<_> = all.map(|(tag, said)| format!("{tag}: {said}")).collect();
            RwSignal::new(all.join("\n"))
        };
        Self {
            stop: lines(|it| it.stop.join(", ")),
            start: lines(|it| it.start.join(", ")),
            stopped: lines(|it| it.stopped.clone()),
            started: lines(|it| it.started.clone()),
        }
    }

    /// By language; nothing where a line is of none, or says nothing.
    fn read(self) -> Option<BTreeMap<String, SmsWords>> {
        let mut words = BTreeMap::<String, SmsWords>::new();
        let put: [(RwSignal<String>, Put); 4] = [
            (self.stop, |it, said| it.stop = split(&said)),
            (self.start, |it, said| it.start = split(&said)),
            (self.stopped, |it, said| it.stopped = said),
            (self.started, |it, said| it.started = said),
        ];
        for (typed, put) in put {
            for (tag, said) in named_lines(&typed.get(), ':') {
                if !is_language_tag(&tag) || said.is_empty() {
                    return None;
                }
                put(words.entry(tag).or_default(), said);
            }
        }
        Some(words)
    }
}

impl Typed {
    /// The settings as they are.
    pub(super) fn of(connection: &SmsConnection) -> Self {
        let SmsSettings {
            provider,
            per_day,
            quiet,
            words,
        } = connection.settings.clone();
        let (mut account, mut from, mut service, mut base_url) = Default::default();
        let (mut url, mut headers, mut body, mut form, mut id) = Default::default();
        let (mut method, mut once, mut receipt, mut inbound) = Default::default();
        let kind = match provider {
            None => "",
            Some(SmsProvider::LogOnly) => "log_only",
            Some(SmsProvider::Twilio {
                account_sid,
                from: number,
                messaging_service_sid,
                base_url: base,
            }) => {
                account = account_sid;
                from = number.unwrap_or_default();
                service = messaging_service_sid.unwrap_or_default();
                base_url = base.unwrap_or_default();
                "twilio"
            }
            Some(SmsProvider::Vonage {
                api_key,
                from: sender,
                base_url: base,
            }) => {
                (account, from) = (api_key, sender);
                base_url = base.unwrap_or_default();
                "vonage"
            }
            Some(SmsProvider::Gateway {
                method: by,
                url: address,
                headers: named,
                body: sent,
                form: as_form,
                id: at,
                once_by_id,
                receipt: told,
                inbound: came,
            }) => {
                let lines = named.iter().map(|(name, value)| format!("{name}: {value}"));
                headers = lines.collect::<Vec<_>>().join("\n");
                let sent = sent.map(|it| serde_json::to_string_pretty(&it).unwrap_or_default());
                (url, body, form) = (address, sent.unwrap_or_default(), as_form);
                (method, once, receipt, inbound) = (by, once_by_id, told, came);
                id = at.unwrap_or_default();
                "gateway"
            }
        };
        let SmsInbound { number, text } = inbound;
        let night = quiet.is_some();
        let quiet = quiet.unwrap_or_else(|| QuietHours {
            from: "21:00".to_owned(),
            to: "08:00".to_owned(),
        });
        Self {
            kind: RwSignal::new(kind.to_owned()),
            account: RwSignal::new(account),
            from: RwSignal::new(from),
            service: RwSignal::new(service),
            base_url: RwSignal::new(base_url),
            token: RwSignal::new(String::new()),
            signature: RwSignal::new(String::new()),
            method: RwSignal::new(method_name(method).to_owned()),
            url: RwSignal::new(url),
            headers: RwSignal::new(headers),
            body: RwSignal::new(body),
            form: RwSignal::new(form),
            once_by_id: RwSignal::new(once),
            id: RwSignal::new(id),
            receipt: Receipt::of(receipt),
            number: RwSignal::new(number),
            text: RwSignal::new(text),
            secrets: RwSignal::new(String::new()),
            per_day: RwSignal::new(per_day.to_string()),
            quiet: RwSignal::new(night),
            quiet_from: RwSignal::new(quiet.from),
            quiet_to: RwSignal::new(quiet.to),
            words: Words::of(&words),
        }
    }

    /// What is sent, or all that is wrong. `kept` are the names of the secrets there are.
    pub(super) fn read(self, kept: &[String]) -> Result<SaveSmsSettings, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let (provider, secrets) = match self.kind.get().as_str() {
            "twilio" => self.twilio(kept, &mut wrong),
            "vonage" => self.vonage(kept, &mut wrong),
            "gateway" => self.gateway(&mut wrong),
            "log_only" => (Some(SmsProvider::LogOnly), None),
            _ => (None, None),
        };
        let per_day = text(self.per_day).parse().unwrap_or_default();
        if !(1..=PER_DAY_MAX).contains(&per_day) {
            wrong.push(Wrong::PerDay);
        }
        let quiet = self.quiet.get().then(|| QuietHours {
            from: text(self.quiet_from),
            to: text(self.quiet_to),
        });
        let can_be = |it: &QuietHours| !it.from.is_empty() && !it.to.is_empty() && it.from != it.to;
        if quiet.as_ref().is_some_and(|it| !can_be(it)) {
            wrong.push(Wrong::Quiet);
        }
        let words = self.words.read();
        if words.is_none() {
            wrong.push(Wrong::Words);
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let settings = SmsSettings {
            provider,
            per_day,
            quiet,
            words: words.unwrap_or_default(),
        };
        // What is not entered stays as it is.
        Ok(SaveSmsSettings { settings, secrets })
    }

    fn twilio(
        self,
        kept: &[String],
        wrong: &mut Vec<Wrong>,
    ) -> (Option<SmsProvider>, Option<BTreeMap<String, String>>) {
        let account_sid = text(self.account);
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if account_sid.is_empty() || !plain(&account_sid) {
            wrong.push(Wrong::Account);
        }
        let (from, service) = (some(self.from), some(self.service));
        if from.is_some() == service.is_some() || !service.as_deref().is_none_or(plain) {
            wrong.push(Wrong::Sender);
        }
        let token = some(self.token);
        if token.is_none() && !kept.iter().any(|name| name == "auth_token") {
            wrong.push(Wrong::Token);
        }
        let provider = SmsProvider::Twilio {
            account_sid,
            from,
            messaging_service_sid: service,
            base_url: some(self.base_url),
        };
        let secrets = token.map(|token| BTreeMap::from([("auth_token".to_owned(), token)]));
        (Some(provider), secrets)
    }

    fn vonage(
        self,
        kept: &[String],
        wrong: &mut Vec<Wrong>,
    ) -> (Option<SmsProvider>, Option<BTreeMap<String, String>>) {
        let (api_key, from) = (text(self.account), text(self.from));
        let (secret, signature) = (some(self.token), some(self.signature));
        let has = |name: &str| kept.iter().any(|it| it == name);
        let stays = has("api_secret") && has("signature_secret");
        // What is entered replaces what there is: both of them, then.
        let secrets = match (secret, signature) {
            (Some(secret), Some(signature)) => Some(BTreeMap::from([
                ("api_secret".to_owned(), secret),
                ("signature_secret".to_owned(), signature),
            ])),
            _ => None,
        };
        let nothing = text(self.token).is_empty() && text(self.signature).is_empty();
        if api_key.is_empty() || from.is_empty() || (secrets.is_none() && !(stays && nothing)) {
            wrong.push(Wrong::Vonage);
        }
        let provider = SmsProvider::Vonage {
            api_key,
            from,
            base_url: some(self.base_url),
        };
        (Some(provider), secrets)
    }

    fn gateway(
        self,
        wrong: &mut Vec<Wrong>,
    ) -> (Option<SmsProvider>, Option<BTreeMap<String, String>>) {
        let url = text(self.url);
        let rest = url.split_once("://").map(|(_, rest)| rest);
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
        if host.is_none_or(|host| host.is_empty() || host.contains("{{")) {
            wrong.push(Wrong::Address);
        }
        let lines = |typed: RwSignal<String>| named_lines(&typed.get(), ':');
        let lacks = |(name, value): (&String, &String)| name.is_empty() || value.is_empty();
        let headers = lines(self.headers);
        if headers.iter().any(lacks) {
            wrong.push(Wrong::Headers);
        }
        let body = match text(self.body).as_str() {
            "" => None,
            text => match serde_json::from_str::<Value>(text) {
                Ok(body) => Some(body),
                Err(error) => {
                    let (line, column) = (error.line(), error.column());
                    wrong.push(Wrong::Body { line, column });
                    None
                }
            },
        };
        let secrets = lines(self.secrets);
        let plain = |name: &String| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            name.bytes().all(plain)
        };
        if secrets.iter().any(lacks) || !secrets.keys().all(plain) {
            wrong.push(Wrong::Secrets);
        }
        let provider = SmsProvider::Gateway {
            method: self.method.with(|name| method_named(name)),
            url,
            headers,
            body,
            form: self.form.get(),
            id: some(self.id),
            once_by_id: self.once_by_id.get(),
            receipt: self.receipt.read(),
            inbound: SmsInbound {
                number: text(self.number),
                text: text(self.text),
            },
        };
        (Some(provider), Some(secrets).filter(|it| !it.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn connection(settings: &Value) -> SmsConnection {
        let mut whole = json!({"per_day": 200, "secret_names": []});
        let settings = settings.as_object().cloned().unwrap_or_default();
        whole.as_object_mut().unwrap().extend(settings);
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn settings_read_back_as_they_are_kept() {
        let _owner = Owner::new();
        for (provider, secrets) in [
            (json!(null), vec![]),
            (json!({"kind": "log_only"}), vec![]),
            (
                json!({"kind": "twilio", "account_sid": "AC1", "from": "+14155550123"}),
                vec!["auth_token".to_owned()],
            ),
            (
                json!({"kind": "vonage", "api_key": "abcd1234", "from": "Clinic"}),
                vec!["api_secret".to_owned(), "signature_secret".to_owned()],
            ),
            (
                json!({
                    "kind": "gateway", "method": "GET", "url": "https://sms.test/send?to={{digits}}",
                    "headers": {"x-key": "{{secrets.key}}"}, "body": {"text": "{{text}}"},
                    "form": true, "id": "data.id", "once_by_id": true,
                    "receipt": {"state": "query.d", "delivered": ["1"], "failed": ["2", "16"]},
                    "inbound": {"number": "query.p", "text": "body"},
                }),
                vec![],
            ),
        ] {
            let kept = connection(&json!({
                "provider": provider, "quiet": {"from": "21:00", "to": "08:00"},
                "words": {
                    "de": {"stop": [], "start": [], "stopped": "Gut: wir schweigen.", "started": ""},
                    "fr": {"stop": ["arrêt", "plus rien"], "start": ["oui"], "stopped": "", "started": ""},
                },
            }));
            let save = Typed::of(&kept).read(&secrets).unwrap();
            assert_eq!(save.settings, kept.settings);
            assert_eq!(save.secrets, None);
        }
    }

    #[test]
    fn what_is_wrong_is_said_of_each_field() {
        let _owner = Owner::new();
        let typed = Typed::of(&connection(&json!({})));
        typed.kind.set("twilio".to_owned());
        typed.account.set("AC 1".to_owned());
        typed.per_day.set("0".to_owned());
        typed.quiet.set(true);
        typed.quiet_to.set("21:00".to_owned());
        let expected = [
            Wrong::Account,
            Wrong::Sender,
            Wrong::Token,
            Wrong::PerDay,
            Wrong::Quiet,
        ];
        assert_eq!(typed.read(&[]).unwrap_err(), expected);
        typed.account.set("AC1".to_owned());
        typed.service.set("MG1".to_owned());
        typed.token.set("secret".to_owned());
        typed.per_day.set("50".to_owned());
        typed.quiet.set(false);
        let save = typed.read(&[]).unwrap();
        assert_eq!(save.secrets.unwrap()["auth_token"], "secret");

        typed.kind.set("vonage".to_owned());
        typed.words.stop.set("arrêt".to_owned());
        assert_eq!(typed.read(&[]).unwrap_err(), [Wrong::Vonage, Wrong::Words]);
        typed.words.stop.set(String::new());
        typed.from.set("Clinic".to_owned());
        let kept = ["api_secret".to_owned(), "signature_secret".to_owned()];
        // One of the two would be lost.
        assert_eq!(typed.read(&kept).unwrap_err(), [Wrong::Vonage]);
        typed.signature.set("signing".to_owned());
        let save = typed.read(&[]).unwrap();
        assert_eq!(save.secrets.unwrap().len(), 2);

        typed.kind.set("gateway".to_owned());
        typed.url.set("https://{{to}}.test/".to_owned());
        typed.headers.set("nonsense".to_owned());
        typed.body.set("{".to_owned());
        typed.secrets.set("api key: 1".to_owned());
        let body = Wrong::Body { line: 1, column: 1 };
        let expected = [Wrong::Address, Wrong::Headers, body, Wrong::Secrets];
        assert_eq!(typed.read(&[]).unwrap_err(), expected);
    }
}
