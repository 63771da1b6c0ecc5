//! Languages and countries by the names the reader knows them by.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::words::Lang;
use browser::ui::{json, web};

/// What agents can speak, and what of it differs from country to country.
const LANGUAGES: &str = "af ar az bg bs ca cs cy da de de-AT de-CH el en en-AU en-GB en-IN en-NZ \
    en-US es es-419 es-ES es-MX fa fi fil fr fr-CA fr-CH gl he hi hr hu hy id is it ja kk kn ko lt \
    lv mk mr ms ne nl nl-BE no pl pt pt-BR pt-PT ro ru sk sl sr sv sw ta th tr uk ur vi yue zh";

/// Where there are telephones (ISO 3166-1, and Kosovo).
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL \
    BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK \
    DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU \
    GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ \
    LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX \
    MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS \
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TK TL TM TN \
    TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// What has a code and a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// By BCP 47 tags.
    Languages,
    /// By the two letters of ISO 3166-1.
    Countries,
}

impl Known {
    /// All that is offered: the code and the name of each, by their names.
    pub(crate) fn all(self, lang: Lang) -> Vec<(String, String)> {
        let codes = match self {
            Self::Languages => LANGUAGES,
            Self::Countries => COUNTRIES,
        };
        let names = Names::of(self, lang);
        let named = |code: &str| (code.to_owned(), names.name(code));
        let mut all: Vec<_> = codes.split_whitespace().map(named).collect();
        all.sort_by_cached_key(|(_, name)| name.to_lowercase());
        all
    }

    /// The same to choose one from, and what is chosen already though it is not among them.
    pub(crate) fn with(self, chosen: &str, lang: Lang) -> Vec<(String, String)> {
        let mut all = self.all(lang);
        if !chosen.is_empty() && all.iter().all(|(code, _)| code != chosen) {
            all.push((chosen.to_owned(), Names::of(self, lang).name(chosen)));
        }
        all
    }

    /// What codes are called.
    pub(super) fn names(self, codes: &[String], lang: Lang) -> Vec<String> {
        let names = Names::of(self, lang);
        codes.iter().map(|code| names.name(code)).collect()
    }
}

/// The browser's names for codes; none in an old browser.
struct Names(Option<JsValue>);

impl Names {
    fn of(known: Known, lang: Lang) -> Self {
        let kind = match known {
            Known::Languages => "language",
            Known::Countries => "region",
        };
        let class = json::get(&json::get(&web::window(), "Intl"), "DisplayNames");
        let options = json::object(&[("type", JsValue::from_str(kind))]);
        let locale = JsValue::from_str(lang.tag());
        let made = class
            .dyn_into::<Function>()
            .and_then(|class| Reflect::construct(&class, &Array::of2(&locale, &options)));
        Self(made.ok())
    }

    /// The name; the code itself where the browser knows none.
    fn name(&self, code: &str) -> String {
        let named = self.0.as_ref().and_then(|names| {
            // What is no code is an exception.
            let name = web::call(names, "of", &JsValue::from_str(code)).ok()?;
            name.as_string()
        });
        named.unwrap_or_else(|| code.to_owned())
    }
}
