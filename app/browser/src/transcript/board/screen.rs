//! The elements of a mounted transcript.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event};

use super::OnSeek;
use super::rows::{DrawOther, RowView, draw};
use crate::transcript::follow::Follow;
use crate::transcript::model::{Change, Finished, Model, RowKey, Source};
use crate::transcript::texts::TranscriptTexts;
use crate::ui::dom;

/// How many rows are laid out together. A browser looks at every sibling of a
/// row that grows, so rows in one long list cost more the more there are (at
/// 2,000 rows 7 ms an update); in groups, of which those out of sight are
/// skipped, they cost the same (2 ms) at any length.
const GROUP: u32 = 64;
/// How many announcements the live region keeps.
const ANNOUNCEMENTS: u32 = 5;

pub(super) struct Screen {
    /// Whose children these are.
    root: Element,
    groups: Element,
    empty: Element,
    region: Element,
    follow: Rc<Follow>,
    texts: TranscriptTexts,
    other: Option<DrawOther>,
    /// What a click on a time does, where it does something.
    seek_label: Option<&'static str>,
    /// In the model's order.
    rows: Vec<ScreenRow>,
    /// What the elements call; no element outlives this.
    _listeners: [Closure<dyn FnMut(Event)>; 3],
}

struct ScreenRow {
    key: RowKey,
    /// `None` for a row that a later step of the same change removes again: it
    /// only keeps the indices right until then.
    view: Option<Box<dyn RowView>>,
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.root.set_text_content(None);
    }
}

impl Screen {
    pub(super) fn new(
        root: &Element,
        texts: TranscriptTexts,
        other: Option<DrawOther>,
        on_seek: Option<OnSeek>,
        live: bool,
    ) -> Self {
        let log = dom::child(root, "div", "sb-log");
        dom::attribute(&log, "role", "log");
        dom::attribute(&log, "aria-live", "off");
        dom::attribute(&log, "aria-label", texts.label);
        dom::attribute(&log, "tabindex", "0");
        let groups = dom::child(&log, "div", "sb-groups");
        let empty = dom::child(&log, "p", "sb-empty");
        dom::text(&empty, texts.empty);
        let jump = dom::child(root, "button", "sb-button sb-jump");
        dom::attribute(&jump, "type", "button");
        dom::text(&jump, texts.jump_to_latest);
        let region = dom::child(root, "div", "sb-hidden");
        dom::attribute(&region, "aria-live", "polite");

        let follow = Follow::new(log.clone(), jump.clone(), live);
        let seek_label = on_seek.as_ref().map(|on_seek| on_seek.label);
        let listeners = [
            listen(&log, "scroll", {
                let follow = Rc::clone(&follow);
                move |_| follow.scrolled()
            }),
            listen(&jump, "click", {
                let follow = Rc::clone(&follow);
                move |_| follow.jump()
            }),
            // One listener for the times of all rows.
            listen(&log, "click", move |event| {
                if let (Some(on_seek), Some(ms)) = (&on_seek, clicked_time(&event)) {
                    (on_seek.go)(ms);
                }
            }),
        ];
        Self {
            root: root.clone(),
            groups,
            empty,
            region,
            follow,
            texts,
            other,
            seek_label,
            rows: Vec::new(),
            _listeners: listeners,
        }
    }

    /// Takes one step of a change.
    pub(super) fn step(&mut self, change: Change, model: &Model) {
        match change {
            Change::Inserted { index, key } => self.insert(index, key, model),
            Change::Changed { index, key } => {
                let view = self.rows.get_mut(index).and_then(|row| row.view.as_mut());
                if let (Some(view), Some(row)) = (view, model.row(key)) {
                    view.update(row);
                }
            }
            Change::Removed { index, .. } => {
                if let Some(view) = self.rows.remove(index).view {
                    take_out(view.element());
                }
            }
        }
    }

    /// All steps of a change are taken.
    pub(super) fn settled(&self, empty: bool) {
        dom::show(&self.empty, empty);
        self.follow.rows_changed();
    }

    pub(super) fn end(&self) {
        self.follow.end();
    }

    pub(super) fn restart(&self) {
        self.region.set_text_content(None);
        self.follow.restart();
    }

    /// Another row is the one that is heard. A reader who had the one before in sight gets
    /// the next one into sight; who reads elsewhere is left there.
    pub(super) fn mark(&self, before: Option<RowKey>, now: Option<RowKey>) {
        let before = self.view(before);
        let follows = before.is_none_or(|view| {
            let (top, bottom, height) = self.place(view.element());
            bottom > 0.0 && top < height
        });
        if let Some(view) = before {
            dom::attribute(view.element(), "aria-current", "false");
            view.hear(None);
        }
        let Some(view) = self.view(now) else { return };
        dom::attribute(view.element(), "aria-current", "true");
        let (top, bottom, height) = self.place(view.element());
        if follows && (top < 0.0 || bottom > height) {
            let log = self.follow.log();
            log.set_scroll_top(log.scroll_top() + (top - height / 3.0) as i32);
        }
    }

    /// Where in the call the marked row is heard.
    pub(super) fn hear(&self, key: Option<RowKey>, time_ms: Option<i64>) {
        if let Some(view) = self.view(key) {
            view.hear(time_ms);
        }
    }

    fn view(&self, key: Option<RowKey>) -> Option<&dyn RowView> {
        let key = key?;
        let row = self.rows.iter().find(|row| row.key == key)?;
        row.view.as_deref()
    }

    /// Where a row begins and ends below the upper edge of the log, and how high that is (px).
    fn place(&self, row: &Element) -> (f64, f64, f64) {
        let log = self.follow.log().get_bounding_client_rect();
        let row = row.get_bounding_client_rect();
        (
            row.top() - log.top(),
            row.bottom() - log.top(),
            log.height(),
        )
    }

    pub(super) fn announce(&self, finished: &Finished) {
        let line = dom::child(&self.region, "p", "");
        let lead = match finished.source {
            Source::Voice(speaker) => [self.texts.speaker(speaker), ":"].concat(),
            Source::Key => self.texts.key_pressed.to_owned(),
            Source::Message => self.texts.text_message.to_owned(),
        };
        dom::text(&line, &[&lead, finished.text.as_str()].join(" "));
        if self.region.child_element_count() > ANNOUNCEMENTS
            && let Some(oldest) = self.region.first_element_child()
        {
            oldest.remove();
        }
    }

    /// The group the next row at the end goes into.
    fn last_group(&self) -> Element {
        let last = self.groups.last_element_child();
        last.filter(|group| group.child_element_count() < GROUP)
            .unwrap_or_else(|| {
                let group = dom::child(&self.groups, "ul", "sb-group");
                // Some browsers forget a list that shows no bullets.
                dom::attribute(&group, "role", "list");
                group
            })
    }

    fn insert(&mut self, index: usize, key: RowKey, model: &Model) {
        let view = model.row(key).map(|row| {
            let other = self.other.as_ref().and_then(|other| other(row));
            other.unwrap_or_else(|| draw(row, &self.texts, self.seek_label))
        });
        if let Some(view) = &view {
            let next = self.rows[index..].iter().find_map(|row| row.view.as_ref());
            let next = next.map(|view| view.element());
            let group = next.and_then(|next| next.parent_element());
            let group = group.unwrap_or_else(|| self.last_group());
            // Fails only if the neighbour were not in the group; it is.
            let _ = group.insert_before(view.element(), next.map(AsRef::as_ref));
        }
        self.rows.insert(index, ScreenRow { key, view });
    }
}

/// Removes a row, and its group with its last.
fn take_out(row: &Element) {
    let group = row.parent_element();
    row.remove();
    if let Some(group) = group
        && group.child_element_count() == 0
    {
        group.remove();
    }
}

/// The time of what was clicked (ms): of a row's button, or of a word.
fn clicked_time(event: &Event) -> Option<i64> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let timed = target.closest("[data-ms]").ok()??;
    timed.get_attribute("data-ms")?.parse().ok()
}

fn listen(
    element: &Element,
    event: &str,
    handler: impl FnMut(Event) + 'static,
) -> Closure<dyn FnMut(Event)> {
    let closure = Closure::<dyn FnMut(Event)>::new(handler);
    // Adding a listener to a live element cannot fail.
    let _ = element.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure
}
