//! Keeps the newest in sight until the reader scrolls up.

use std::cell::Cell;
use std::rc::Rc;

use web_sys::Element;

use crate::ui::dom;
use crate::ui::web::next_frame;

/// Within how many pixels of the end a reader counts as being there.
const NEAR_END_PX: i32 = 48;

/// The scrolling of one transcript.
pub(super) struct Follow {
    log: Element,
    jump: Element,
    /// False while there is nothing to follow: a finished transcript is read
    /// from its beginning.
    live: Cell<bool>,
    following: Cell<bool>,
    last_top: Cell<i32>,
    queued: Cell<bool>,
}

impl Follow {
    /// `log` scrolls, `jump` leads back to its end.
    pub(super) fn new(log: Element, jump: Element, live: bool) -> Rc<Self> {
        let follow = Rc::new(Self {
            log,
            jump,
            live: Cell::new(live),
            following: Cell::new(live),
            last_top: Cell::new(0),
            queued: Cell::new(false),
        });
        follow.offer_jump();
        follow
    }

    /// What scrolls.
    pub(super) fn log(&self) -> &Element {
        &self.log
    }

    /// Nothing will be added any more.
    pub(super) fn end(&self) {
        self.live.set(false);
        self.offer_jump();
    }

    /// Another call begins.
    pub(super) fn restart(&self) {
        self.live.set(true);
        self.following.set(true);
        self.offer_jump();
    }

    /// Goes to the end, once per frame however many rows changed.
    pub(super) fn rows_changed(self: &Rc<Self>) {
        if !self.following.get() || self.queued.replace(true) {
            return;
        }
        let follow = Rc::clone(self);
        next_frame(move || {
            follow.queued.set(false);
            if follow.following.get() {
                follow.to_end();
            }
        });
    }

    /// Only moving up stops the following: growing rows move the end away from
    /// a reader who did nothing.
    pub(super) fn scrolled(&self) {
        let log = &self.log;
        let top = log.scroll_top();
        let at_end = log.scroll_height() - top - log.client_height() <= NEAR_END_PX;
        let moved_up = top < self.last_top.replace(top);
        self.following
            .set(at_end || (self.following.get() && !moved_up));
        self.offer_jump();
    }

    /// Back to the newest.
    pub(super) fn jump(&self) {
        self.following.set(true);
        self.to_end();
        // The button goes away; keyboard users stay where the words are.
        dom::focus(&self.log);
        self.offer_jump();
    }

    fn to_end(&self) {
        // More than any height; the browser stops at the end.
        self.log.set_scroll_top(i32::MAX);
    }

    fn offer_jump(&self) {
        dom::show(&self.jump, self.live.get() && !self.following.get());
    }
}
