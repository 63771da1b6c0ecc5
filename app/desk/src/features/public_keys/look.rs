//! How a key's panel looks: the part of the form that makes its `appearance`.

use leptos::prelude::*;
use serde_json::{Map, Value};
use wasm_bindgen::JsValue;

use super::{hint, label};
use crate::data::Desk;
use crate::kit::icon::{Icon, icon};
use crate::kit::{ColorField, SelectField, TextField};
use crate::words::public_keys::Texts;
use browser::ui::{json, web};

/// The theme of the visitor's browser; a key that says nothing has it too.
const AUTO: &str = "auto";

/// What is offered for a property: its value in CSS, and what it is called.
type Offered = &'static [(&'static str, fn(Texts) -> &'static str)];

/// How round corners may be.
const RADII: Offered = &[
    ("", Texts::as_usual),
    ("0px", Texts::radius_none),
    ("4px", Texts::radius_small),
    ("12px", Texts::radius_middle),
    ("24px", Texts::radius_large),
];

/// Fonts that visitors' systems have.
const FONTS: Offered = &[
    ("", Texts::as_usual),
    ("Georgia, serif", Texts::font_serif),
    ("Verdana, sans-serif", Texts::font_wide),
    ("ui-rounded, Quicksand, sans-serif", Texts::font_round),
    ("ui-monospace, monospace", Texts::font_mono),
];

/// What can be chosen; what a program set besides stays and is shown as it is.
fn offered(desk: Desk, chosen: RwSignal<String>, all: Offered) -> Signal<Vec<(String, String)>> {
    Signal::derive(move || {
        let texts = Texts::of(desk.lang.get());
        let name = |(value, name): &(&str, fn(Texts) -> &'static str)| {
            ((*value).to_owned(), name(texts).to_owned())
        };
        let mut options: Vec<_> = all.iter().map(name).collect();
        let chosen = chosen.get();
        if options.iter().all(|(value, _)| *value != chosen) {
            options.push((chosen.clone(), chosen));
        }
        options
    })
}

/// What was typed.
#[derive(Clone, Copy)]
pub(super) struct Look {
    accent: RwSignal<String>,
    theme: RwSignal<String>,
    radius: RwSignal<String>,
    font: RwSignal<String>,
    logo: RwSignal<String>,
}

impl Look {
    /// What a key says so far.
    pub(super) fn from(appearance: &Map<String, Value>) -> Self {
        let said = |name: &str| appearance.get(name).and_then(Value::as_str);
        let text = |name| RwSignal::new(said(name).unwrap_or_default().to_owned());
        Self {
            accent: text("accent"),
            theme: RwSignal::new(said("theme").unwrap_or(AUTO).to_owned()),
            radius: text("radius"),
            font: text("font"),
            logo: text("logo"),
        }
    }

    /// What the key says now; what is not asked about stays as it was.
    pub(super) fn read(self, before: &Map<String, Value>) -> Map<String, Value> {
        let mut appearance = before.clone();
        for (name, typed) in [
            ("accent", self.accent),
            ("theme", self.theme),
            ("radius", self.radius),
            ("font", self.font),
            ("logo", self.logo),
        ] {
            let typed = typed.get_untracked();
            match typed.trim() {
                "" | AUTO => appearance.remove(name),
                said => appearance.insert(name.to_owned(), Value::from(said)),
            };
        }
        appearance
    }
}

/// The button and the beginning of a call, as they look with what is typed.
#[component]
fn Preview(desk: Desk, look: Look) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    // What the browser does not know changes nothing, as on a page.
    let known = move |typed: RwSignal<String>, property: &str| {
        let value = typed.get();
        is_known(property, &value).then_some(value)
    };
    view! {
        <div
            class="sb-look"
            role="img"
            aria-label=move || texts().preview()
            data-theme=move || look.theme.get()
            style=("--look-accent", move || known(look.accent, "color"))
            style=("--look-radius", move || known(look.radius, "border-radius"))
            style=("--look-font", move || known(look.font, "font-family"))
        >
            <p class="sb-look-words">{move || texts().preview_words()}</p>
            <span class="sb-look-call">{icon(Icon::Phone)} {move || texts().preview_button()}</span>
        </div>
    }
}

/// Whether the browser takes this for a value of a property of CSS.
fn is_known(property: &str, value: &str) -> bool {
    let css = json::get(&web::window(), "CSS");
    let condition = JsValue::from_str(&format!("({property}: {value})"));
    web::call(&css, "supports", &condition).is_ok_and(|it| it.is_truthy())
}

/// The fields.
#[component]
pub(super) fn LookFields(desk: Desk, look: Look) -> impl IntoView {
    let label = move |read| label(desk, read);
    let hint = move |read| hint(desk, read);
    let themes = move || {
        let texts = Texts::of(desk.lang.get());
        [
            (AUTO, texts.theme_auto()),
            ("light", texts.theme_light()),
            ("dark", texts.theme_dark()),
        ]
        .map(|(value, name)| (value.to_owned(), name.to_owned()))
        .to_vec()
    };
    view! {
        <fieldset>
            <legend>{label(Texts::look)}</legend>
            <p class="sb-hint">{label(Texts::look_hint)}</p>
            <Preview desk look />
            <ColorField
                id="key-accent"
                label=label(Texts::accent)
                value=look.accent
                hint=hint(Texts::accent_hint)
            />
            <SelectField
                id="key-theme"
                label=label(Texts::theme)
                value=look.theme
                options=Signal::derive(themes)
            />
            <SelectField
                id="key-radius"
                label=label(Texts::radius)
                value=look.radius
                options=offered(desk, look.radius, RADII)
            />
            <SelectField
                id="key-font"
                label=label(Texts::font)
                value=look.font
                options=offered(desk, look.font, FONTS)
            />
            <TextField
                id="key-logo"
                label=label(Texts::logo)
                value=look.logo
                kind="url"
                hint=hint(Texts::logo_hint)
            />
        </fieldset>
    }
}
