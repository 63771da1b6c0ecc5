//! The panel: what a visitor sees from the first click to "call again".

mod draw;

use std::cell::{Cell, OnceCell, RefCell};

use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue};

use super::config::Config;
use super::host::{Asker, Host};
use super::page;
use super::tabs::{Tabs, Word};
use super::texts::Texts;
use super::user_agent::Browser;
use browser::call::devices::Devices;
use browser::call::events::CallEvent;
use browser::call::meter::Levels;
use browser::call::mint::Access;
use browser::call::session::Phase;
use browser::call::shell::{Call, State, Viewer};
use browser::transcript::board::Board;
use browser::transcript::model::Audience;
use browser::ui::json;
use browser::ui::web::{Listener, spawn, window};

/// How long after the call is live our later scripts are fetched, in ms: the
/// agent's first words have the line to themselves.
const EXTRAS_AFTER_MS: i32 = 1_200;

/// Asks our scripts for what nobody needs before the call.
const LATER: &str = "later";

/// The options whose words are written with the language's.
const WRITTEN: [&str; 4] = ["texts", "title", "bot-name", "inline"];

/// The parts of an object of options that go along when a call is minted, and
/// what they are called there ([`api::public::NewWebCall`]).
const MINTED_WITH: [(&str, &str); 2] =
    [("variables", "dynamic_variables"), ("metadata", "metadata")];

/// The panel's parts. There is one panel in a page and it lives as long.
struct Panel {
    config: Config,
    texts: Texts,
    /// Set right after the panel that watches it.
    call: OnceCell<Call>,
    host: Host,
    words: Board,
    browser: Browser,
    /// What the host page wants: an object, by attribute name.
    options: RefCell<JsValue>,
    /// Whether something has to be asked of the visitor before a call.
    gated: Cell<bool>,
    /// What our later scripts are to do as soon as they are here.
    wanted: Cell<Option<&'static str>>,
    /// Whether our later scripts were asked for.
    asked_scripts: Cell<bool>,
    /// How often they did not come.
    missed: Cell<u32>,
    /// Whether they are here.
    scripts: Cell<bool>,
    /// Whether the words that come later were fetched: no call needs them to begin.
    later_words: Cell<bool>,
    /// Whether the visitor has the transcript read to them by a screen reader.
    reads: Cell<bool>,
    /// The other panels of this website.
    tabs: Tabs,
}

/// Brings the page's markup to life.
pub(super) async fn open(config: Config) {
    let texts = Texts::default();
    let language = config.address("language").unwrap_or_default();
    if let Some(address) = config.texts("texts", &language) {
        texts.fetch(&address).await;
    }
    let gated = json::boolean(&config.all, "gated") == Some(true);
    let panel: &'static Panel = Box::leak(Box::new(Panel {
        texts,
        call: OnceCell::new(),
        host: Host::find(),
        words: Board::new(Audience::Visitor),
        browser: Browser::here(),
        options: RefCell::default(),
        gated: Cell::new(gated),
        wanted: Cell::new(None),
        asked_scripts: Cell::new(false),
        missed: Cell::new(0),
        scripts: Cell::new(false),
        later_words: Cell::new(false),
        reads: Cell::new(false),
        tabs: Tabs::join(),
        config,
    }));
    panel
        .call
        .get_or_init(|| Call::new(panel.config.page.clone(), panel));
    panel.label();
    panel.obey_buttons();
    panel.draw(panel.call().state());
    panel
        .host
        .listen(move |asker, kind, data| panel.asked(asker, kind, data));
    panel.tabs.listen(move |word| panel.heard_of(word));
    // The key has something to say about the look; most have not.
    if gated || json::get(&panel.config.all, "appearance").is_object() {
        panel.load_scripts();
    }
    panel.host.say("ready", &[]);
}

impl Viewer for &'static Panel {
    fn state_changed(&self, state: State) {
        self.draw(state);
    }

    fn levels_changed(&self, levels: Levels) {
        self.draw_levels(levels);
    }

    fn devices_changed(&self, devices: &Devices) {
        self.draw_devices(devices);
    }

    fn minted(&self, access: &Access) {
        let id = ("callId", JsValue::from_str(&access.gateway.call_id));
        // What opens the call is for our own scripts only.
        json::set(
            &self.config.all,
            "call",
            &json::object(&[id.clone(), ("ticket", JsValue::from_str(&access.ticket))]),
        );
        self.host.say("call-started", &[id]);
    }

    fn refused(&self, problem: &JsValue) {
        // Our later scripts look after the visitor's place in line.
        json::set(&self.config.all, "waiting", &json::get(problem, "waiting"));
    }

    fn heard(&self, event: CallEvent, data: &JsValue) {
        self.host
            .say("heard", &[("items", json::get(data, "items"))]);
        match event {
            CallEvent::Snapshot(items) => self.words.snapshot(items),
            CallEvent::Items(items) => self.words.apply(items),
            CallEvent::Ended(_) => self.words.end(),
            CallEvent::Available | CallEvent::Unavailable => {}
        }
        // The last words may come after the end, when there were none before.
        if !self.phase().is_active() {
            self.draw(self.call().state());
        }
    }
}

impl Panel {
    fn call(&self) -> &Call {
        // Set by `open` before anything can ask for it.
        self.call.get().expect("a call")
    }

    /// What the host page or one of our own scripts wants.
    fn asked(&'static self, asker: Asker, kind: &str, data: &JsValue) {
        match kind {
            // Our later scripts are here.
            "hello" if asker == Asker::Ourselves => {
                let (texts, options) = (self.texts.all(), self.options.borrow().clone());
                let config = self.config.all.clone();
                let state = JsValue::from_str(self.phase().name());
                self.host.whisper(
                    "welcome",
                    &[
                        ("texts", texts),
                        ("options", options),
                        ("config", config),
                        ("state", state),
                    ],
                );
                self.scripts.set(true);
                if let Some(wanted) = self.wanted.take() {
                    self.host.whisper(wanted, &[]);
                }
            }
            "setup" => self.set_up(json::get(data, "options")),
            "open" => {
                if json::boolean(data, "start") == Some(true) {
                    self.start();
                }
                // After the start, because it has the panel laid out first.
                if json::boolean(data, "focus") == Some(true) {
                    page::focus("sbw");
                }
            }
            "close" => self.closed(),
            // Our own scripts start what they have asked the visitor about.
            "start" if asker == Asker::Ourselves => self.start_with(&json::get(data, "more")),
            "start" => self.start(),
            // The visitor has decided about the call that goes on elsewhere.
            "elsewhere" if asker == Asker::Ourselves => {
                match json::string(data, "what").as_deref() {
                    Some("end") => {
                        self.tabs.say(Word::End);
                        self.start_here();
                    }
                    _ => self.tabs.say(Word::Show),
                }
            }
            "end" => self.call().hang_up(),
            "mute" => self
                .call()
                .set_muted(json::boolean(data, "muted") != Some(false)),
            "read" if asker == Asker::Ourselves => {
                self.reads.set(json::boolean(data, "aloud") == Some(true));
                self.draw(self.call().state());
            }
            "variables" => json::set(&self.options.borrow(), kind, &json::get(data, kind)),
            "language" => {
                let tag = json::string(data, "language").unwrap_or_default();
                if let Some(address) = self.config.texts("texts", &tag) {
                    spawn(async move {
                        self.texts.fetch(&address).await;
                        self.later_words.set(false);
                        self.label();
                        self.draw(self.call().state());
                        self.host.whisper("texts", &[("texts", self.texts.all())]);
                    });
                }
            }
            _ => {}
        }
    }

    /// Takes the host page's options; they may come more than once.
    fn set_up(&'static self, options: JsValue) {
        self.texts.replace(json::get(&options, "texts"));
        if json::boolean(&options, "gated") == Some(true) {
            self.gated.set(true);
        }
        let now = json::boolean(&options, "extras") == Some(true);
        self.host
            .whisper("options", &[("options", options.clone())]);
        let reloaded = json::boolean(&options, "reloaded") == Some(true);
        let written = |options: &JsValue| {
            let words = WRITTEN.map(|name| (name, json::get(options, name)));
            json::stringify(&json::object(&words))
        };
        let after = written(&options);
        // A transcript that is drawn anew loses its reader's place.
        if written(&self.options.replace(options)) != after {
            self.label();
        }
        self.draw(self.call().state());
        if reloaded {
            self.want(LATER);
        } else if now {
            self.load_scripts();
        }
    }

    fn load_scripts(&'static self) {
        if !self.asked_scripts.replace(true)
            && let Some(mut address) = self.config.address("before_js")
        {
            // A browser does not ask twice for a module: it is asked for another one.
            for _ in 0..self.missed.get() {
                address.push('?');
            }
            page::load_module(&address, || {
                self.missed.set(self.missed.get() + 1);
                self.asked_scripts.set(false);
                page::set_text("sbw-notice", &self.texts.get("fault.unreachable.what"));
            });
        }
    }

    /// Has our later scripts do something, now or as soon as they are here.
    fn want(&'static self, what: &'static str) {
        if self.scripts.get() {
            self.host.whisper(what, &[]);
        } else {
            // What a person waits for goes before what is merely useful.
            let before = self.wanted.take().filter(|_| what == LATER);
            self.wanted.set(before.or(Some(what)));
            self.load_scripts();
        }
    }

    /// Starts a call, unless the visitor is on one already.
    fn start(&'static self) {
        if self.tabs.elsewhere() && !self.phase().is_active() {
            self.want("elsewhere");
        } else {
            self.start_here();
        }
    }

    /// Starts a call, after whatever has to be asked before.
    fn start_here(&'static self) {
        if self.gated.get() {
            // Our later scripts answer with a start of their own.
            self.want("gate");
        } else {
            self.start_with(&JsValue::UNDEFINED);
        }
    }

    /// Another panel of this website has said something.
    fn heard_of(&self, word: Word) {
        match word {
            Word::Who if self.phase().is_active() => self.tabs.say(Word::Here),
            Word::End => self.call().hang_up(),
            Word::Show if self.phase().is_active() => self.host.say("show", &[]),
            _ => {}
        }
    }

    fn start_with(&self, more: &JsValue) {
        if self.phase().is_active() {
            return;
        }
        let minted = json::object(&[]);
        let options = self.options.borrow();
        for (option, name) in MINTED_WITH {
            let value = json::get(&options, option);
            if !value.is_undefined() {
                json::set(&minted, name, &value);
            }
        }
        if let Some(more) = more.dyn_ref::<Object>() {
            Object::assign(minted.unchecked_ref(), more);
        }
        drop(options);
        // Who has waited in line says with which place.
        json::set(&minted, "place", &json::get(&self.config.all, "place"));
        self.call().start(minted);
        self.words.restart();
    }

    fn phase(&self) -> Phase {
        self.call().state().view.phase
    }

    /// The panel is out of the way: a talk goes on, but what is not one yet ends.
    fn closed(&self) {
        if !matches!(self.phase(), Phase::Live | Phase::Reconnecting) {
            self.call().hang_up();
        }
    }

    /// Whether it can be closed: neither a page of its own can, nor a part of one.
    fn closes(&self) -> bool {
        self.host.exists() && json::boolean(&self.options.borrow(), "inline") != Some(true)
    }

    fn close(&self) {
        self.closed();
        self.host.say("close", &[]);
    }

    fn escape(&'static self) {
        if page::is_shown("sbw-devices") {
            self.open_menu(false);
            page::focus("sbw-menu");
        } else if self.closes() {
            self.close();
        }
    }

    fn open_menu(&'static self, open: bool) {
        if open {
            self.want(LATER);
        }
        page::show("sbw-devices", open);
        page::set_attribute("sbw-menu", "aria-expanded", Some(flag(open)));
    }

    fn set_title(&self, title: &str) {
        page::set_text("sbw-title", title);
        page::set_attribute("sbw", "aria-label", Some(title));
    }

    /// Writes what changes with the language only.
    fn label(&self) {
        let texts = &self.texts;
        page::speak(&texts.get("lang"), &texts.get("dir"));
        page::translate(|name| texts.get(name));
        let title = json::string(&self.options.borrow(), "title").filter(|title| !title.is_empty());
        let title = title.unwrap_or_else(|| match self.config.title.as_str() {
            "" => texts.get("default_title"),
            title => title.to_owned(),
        });
        self.set_title(&title);
        page::show("sbw-close", self.closes());
        self.show_words();
    }

    fn obey_buttons(&'static self) {
        page::on("sbw-start", "click", || self.start());
        page::on("sbw-hang-up", "click", || self.call().hang_up());
        page::on("sbw-close", "click", || self.close());
        page::on("sbw-check", "click", || self.want("check"));
        page::on("sbw-menu", "click", || {
            self.open_menu(!page::is_shown("sbw-devices"));
        });
        page::on("sbw-mute", "click", || {
            let muted = self.call().state().view.muted;
            self.call().set_muted(!muted);
        });
        page::on("sbw-microphone", "change", || {
            self.call()
                .choose_microphone(&page::chosen("sbw-microphone"));
        });
        page::on("sbw-speaker", "change", || {
            self.call().choose_speaker(page::chosen("sbw-speaker"));
        });
        // Any tap will do to be allowed to play.
        page::on("sbw", "pointerdown", || self.call().allow_sound());
        page::on("sbw-hear", "click", || self.call().allow_sound());
        // On the window, because a focus that was just lost is nowhere in the panel.
        std::mem::forget(Listener::new(&window(), "keydown", |event| {
            // Of a word that is being composed it is the end, and of nothing else. Safari has
            // composed it by then, and says so by the key's code alone.
            let composing = json::boolean(&event, "isComposing") == Some(true)
                || json::number(&event, "keyCode") == Some(229.0);
            if json::string(&event, "key").as_deref() == Some("Escape") && !composing {
                self.escape();
            }
        }));
    }
}

fn flag(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}
