//! What Retell is answered for a decision.

use serde_json::json;

use super::*;
use crate::tenants::BusinessHours;

fn situation() -> Situation {
    Situation {
        from: None,
        country: None,
        to: "+4930901820".to_owned(),
        business: "Sunrise".to_owned(),
        contact: Contact::Unknown,
        history: History::default(),
        open: true,
        language: "en".to_owned(),
        live_calls: 0,
    }
}

fn route(decision: Decision) -> Route {
    Route {
        decision,
        situation: situation(),
        default_agent: Some("agent_default".to_owned()),
        routing: Routing {
            rules: Vec::new(),
            languages: Vec::new(),
            business_hours: BusinessHours::default(),
            default_agent: None,
            number_agent: None,
            agents: vec![AgentName {
                id: "agent_default".to_owned(),
                name: "Emma".to_owned(),
                voice: None,
            }],
        },
    }
}

fn to_agent(version: &str) -> Decision {
    Decision::Agent {
        rule_id: "rule_1".to_owned(),
        rule: "All".to_owned(),
        agent_id: Some("agent_2".to_owned()),
        agent_version: Some(version.to_owned()),
        variables: [("name".to_owned(), "Ada".to_owned())].into(),
        agent_override: None,
        passed: Vec::new(),
    }
}

#[test]
fn an_agent_is_named_with_its_version_and_variables() {
    for (version, told) in [("7", json!(7)), ("production", json!("production"))] {
        assert_eq!(
            route(to_agent(version)).inner("tenant_1", true),
            json!({
                "override_agent_id": "agent_2",
                "override_agent_version": told,
                "dynamic_variables": {"name": "Ada"},
                "metadata": {"switchboard_tenant": "tenant_1", "switchboard_rule": "rule_1"},
            })
        );
    }
}

#[test]
fn a_rejection_stands_alone() {
    let reject = Decision::Reject {
        rule: Some("No".to_owned()),
        passed: Vec::new(),
    };
    assert_eq!(
        route(reject).inner("tenant_1", true),
        json!({"reject": true})
    );
}

#[test]
fn what_is_known_of_the_caller_is_told_whatever_the_rules_say() {
    let mut known = route(Decision::NoRule { passed: Vec::new() });
    known.situation.contact = Contact::Known(KnownCaller {
        name: "Ada Lovelace".to_owned(),
        language: Some("de".to_owned()),
        ..KnownCaller::default()
    });
    known.situation.language = "de".to_owned();
    known.situation.history.next_appointment = Some("Haarschnitt, morgen um 9 Uhr".to_owned());
    let variables = json!({
        "caller_name": "Ada Lovelace", "caller_language": "de",
        "next_appointment": "Haarschnitt, morgen um 9 Uhr",
    });
    assert_eq!(
        known.inner("tenant_1", true),
        json!({"dynamic_variables": variables})
    );
    // What a rule says of the same name counts.
    known.decision = to_agent("7");
    if let Decision::Agent { variables, .. } = &mut known.decision {
        *variables = [("caller_name".to_owned(), "Countess".to_owned())].into();
    }
    let told = known.inner("tenant_1", true);
    assert_eq!(told["dynamic_variables"]["caller_name"], "Countess");
    assert_eq!(told["dynamic_variables"]["caller_language"], "de");
}

#[test]
fn without_a_rule_the_number_s_own_agent_answers_or_the_business_s() {
    let none = Decision::NoRule { passed: Vec::new() };
    assert_eq!(route(none.clone()).inner("tenant_1", true), json!({}));
    assert_eq!(
        route(none.clone()).inner("tenant_1", false),
        json!({"override_agent_id": "agent_default"})
    );
    assert_eq!(route(none).explain().agent.unwrap().name, "Emma");
}
