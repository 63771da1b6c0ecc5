//! Every function in every language: what is spoken is of the call's language, whether it is done
//! or refused.

use super::*;

/// Words by which a language is told from the others.
const WORDS: [(&str, &str); 3] = [
    (
        "en",
        "the you that is are for there what your have can cannot not nothing which goodbye this \
         how called i such find only to me nobody one we open booked with",
    ),
    (
        "es",
        "que el la su para hay queda puede está es cita una las le gracias eso aún ahora qué nadie \
         desde no encuentro con de en lo ya solo aquí mis puedo del se por",
    ),
    (
        "de",
        "das ist sie wir für nicht und um der die den ich haben kann frei niemand uhr hier wie dank \
         wird keinen finde solchen nur ihnen von im gerade auf leider noch bitte mir können \
         welche geht gibt niemanden",
    ),
];

/// Whether what is to be said is of this language.
pub(crate) fn is_spoken(language: &str, answer: &Value) -> bool {
    let message = answer["message"].as_str().unwrap().to_lowercase();
    let said: Vec<_> = message.split(|it: char| !it.is_alphabetic()).collect();
    let count = |words: &str| {
        let is_one = |said: &&&str| words.split_whitespace().any(|word| word == **said);
        said.iter().filter(is_one).count()
    };
    let found = WORDS.map(|(of, words)| (count(words), of));
    let (most, of) = found.into_iter().max().unwrap();
    let is_alone = found.iter().filter(|it| it.0 == most).count() == 1;
    is_alone && of == language
}

#[tokio::test]
async fn every_function_speaks_the_language_of_the_call() {
    let server = server(Scratch::sqlite()).await;
    let told = general_tools(&server.app().config, &[]);
    let ours = |it: &&Value| it["type"] != "transfer_call";
    let all = told.as_array().unwrap().iter().filter(ours);
    let all: BTreeSet<_> = all.map(|it| it["name"].as_str().unwrap()).collect();
    for (nth, (language, _)) in WORDS.iter().enumerate() {
        let mut of = call(&format!("call_{language}"), language);
        of["from_number"] = format!("+3461234567{nth}").into();
        let tomorrow = json!({"relative_day": "tomorrow"});
        let found = ask(&server, "check_availability", &tomorrow, &of).await;
        let slot = |at: usize| found["slots"][at]["slot"].clone();
        let gone = json!({"reference": "000000"});
        let table = [
            ("initialize_call", json!({}), None),
            ("get_available_services", json!({}), None),
            ("get_business_hours", json!({}), None),
            ("check_customer", json!({}), None),
            ("check_availability", tomorrow.clone(), None),
            (
                "check_availability",
                json!({"service": "Surgery"}),
                Some("which_service"),
            ),
            (
                "check_availability",
                json!({"staff": "Zoe"}),
                Some("unknown_staff"),
            ),
            ("get_alternatives", json!({"slot": slot(0)}), None),
            ("book_appointment", json!({"slot": slot(0)}), Some("name")),
            (
                "start_booking",
                json!({"slot": slot(0), "name": "Ana"}),
                None,
            ),
            (
                "confirm_booking",
                json!({"hold": "none"}),
                Some("hold_gone"),
            ),
            ("confirm_booking", json!({}), None),
            (
                "check_availability",
                json!({"slot": slot(0)}),
                Some("taken"),
            ),
            ("reschedule_appointment", json!({"slot": slot(1)}), None),
            ("list_appointments", json!({}), None),
            ("cancel_appointment", gone, Some("no_appointment")),
            ("cancel_appointment", json!({}), None),
            (
                "book_appointment",
                json!({"slot": slot(2), "name": "Ana"}),
                None,
            ),
            ("collect_customer_info", json!({"name": "Ana"}), None),
            ("update_customer", json!({"email": "ana@example.com"}), None),
            ("add_note", json!({"note": "Tea."}), None),
            ("check_customer", json!({}), None),
            ("send_sms", json!({"body": "Tea."}), Some("no_messages")),
            (
                "send_sms",
                json!({"to": "+4930901820"}),
                Some("own_number_only"),
            ),
            ("request_callback", json!({"phone": "12"}), Some("phone")),
            ("transfer_call", json!({}), Some("")),
            ("make_coffee", json!({}), Some("unknown_function")),
            ("end_call", json!({}), None),
        ];
        let mut tried: BTreeSet<_> = table.iter().map(|it| it.0).collect();
        tried.remove("make_coffee");
        assert_eq!(tried, all, "every function is in the table");
        let mut others = Vec::new();
        for (name, args, refused) in &table {
            let answer = ask(&server, name, args, &of).await;
            match refused {
                None => assert_eq!(answer["ok"], true, "{name}: {answer}"),
                // Whichever of its reasons.
                Some("") => assert_eq!(answer["ok"], false, "{name}: {answer}"),
                Some(reason) => assert_eq!(answer["reason"], *reason, "{name}: {answer}"),
            }
            if !is_spoken(language, &answer) {
                others.push(answer);
            }
        }
        assert_eq!(others, Vec::<Value>::new(), "{language}");
    }
    server.stop().await;
}
