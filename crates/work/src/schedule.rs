//! Which jobs go next. Pure: lanes and time come in, claims come out.
//!
//! Businesses take turns, and so do the lanes of one: between the moment a lane has
//! something to do and its turn, everybody else has one turn at most. Three rules keep
//! a turn from taking long, whatever the others do:
//!
//! - a group has a share: so many of its jobs run at the same time;
//! - a job that takes longer than its kind's patience gives its place up and goes on
//!   without one;
//! - a group that does not answer is left alone for a while, longer each time, and then
//!   asked with a single job.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{Lane, Pace, Terms};

/// For how long a group is left alone that did not answer (ms); twice as long each
/// time.
const FIRST_REST_MS: i64 = 1000;
/// The longest time it is left alone (ms).
const LONGEST_REST_MS: i64 = 60_000;
/// After so long a rest is forgotten (ms), where nothing was tried since.
const REMEMBERED_MS: i64 = 60 * 60 * 1000;

/// What is to be claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// From which lane.
    pub lane: Lane,
    /// How many jobs, if there are as many.
    pub most: usize,
}

/// What goes next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is to be claimed now.
    pub claims: Vec<Claim>,
    /// When there may be more, if no job ends before (Unix ms): a place is given up,
    /// or a rest is over.
    pub look_at: Option<i64>,
}

/// What a job that ended said of its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It answers.
    Answered,
    /// Nothing.
    Nothing,
    /// It does not answer.
    Unanswered,
    /// It wants nothing before then (Unix ms).
    Rest(i64),
}

/// A group that is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resting {
    /// Of which kind.
    pub kind: &'static str,
    /// Which.
    pub group: String,
    /// Until then (Unix ms).
    pub until: i64,
}

/// Decides which jobs go next.
#[derive(Debug)]
pub struct Scheduler {
    kinds: BTreeMap<&'static str, Kind>,
    /// Counts the turns: who has the lower number has waited longer.
    turn: u64,
}

#[derive(Debug)]
struct Kind {
    terms: Terms,
    /// By job id.
    running: HashMap<String, Running>,
    /// Who waits, and since which turn.
    owners: HashMap<String, u64>,
    lanes: HashMap<Lane, u64>,
    groups: HashMap<String, Group>,
}

#[derive(Debug)]
struct Running {
    group: String,
    begun: i64,
    has_place: bool,
}

#[derive(Debug, Default)]
struct Group {
    /// How often in a row it did not answer.
    unanswered: u32,
    rest: Option<Rest>,
    pace: Pace,
}

#[derive(Debug, Clone, Copy)]
struct Rest {
    since: i64,
    until: i64,
}

impl Rest {
    /// Also over when the clock was set back.
    fn is_over(self, now: i64) -> bool {
        !(self.since..self.until).contains(&now)
    }
}

impl Group {
    fn rests_until(&self, now: i64) -> Option<i64> {
        let rest = self.rest.filter(|rest| !rest.is_over(now))?;
        Some(rest.until)
    }

    /// Whether nothing has to be known of it.
    fn is_forgotten(&self, now: i64) -> bool {
        let is_old = |rest: Rest| now >= rest.until.saturating_add(REMEMBERED_MS);
        let rested = match self.unanswered {
            0 => self.rests_until(now).is_none(),
            _ => self.rest.is_none_or(is_old),
        };
        rested && self.pace.is_over(now)
    }
}

impl Scheduler {
    /// For jobs of these kinds, each on its terms.
    #[must_use]
    pub fn new(kinds: impl IntoIterator<Item = (&'static str, Terms)>) -> Self {
        let kind = |(name, terms)| {
            let kind = Kind {
                terms,
                running: HashMap::new(),
                owners: HashMap::new(),
                lanes: HashMap::new(),
                groups: HashMap::new(),
            };
            (name, kind)
        };
        Self {
            kinds: kinds.into_iter().map(kind).collect(),
            turn: 0,
        }
    }

    /// What goes next, of all the lanes in which a job is due now.
    pub fn plan(&mut self, now: i64, due: &[Lane]) -> Plan {
        let mut plan = Plan::default();
        for (name, kind) in &mut self.kinds {
            let due: Vec<_> = due.iter().filter(|lane| lane.kind == *name).collect();
            kind.plan(now, &due, &mut self.turn, &mut plan);
        }
        plan
    }

    /// A job was claimed and runs.
    pub fn begun(&mut self, id: &str, lane: &Lane, now: i64) {
        if let Some(kind) = self.kinds.get_mut(lane.kind.as_str()) {
            let running = Running {
                group: lane.group.clone(),
                begun: now,
                has_place: true,
            };
            kind.running.insert(id.to_owned(), running);
        }
    }

    /// It runs no more.
    pub fn ended(&mut self, id: &str, lane: &Lane, now: i64, verdict: Verdict) {
        let Some(kind) = self.kinds.get_mut(lane.kind.as_str()) else {
            return;
        };
        let Some(job) = kind.running.remove(id) else {
            return;
        };
        let group = kind.groups.entry(job.group).or_default();
        match verdict {
            Verdict::Nothing => {}
            Verdict::Answered => (group.unanswered, group.rest) = (0, None),
            Verdict::Rest(until) => group.rest = Some(Rest { since: now, until }),
            // Those that began together count once.
            Verdict::Unanswered if group.rest.is_some_and(|rest| job.begun < rest.since) => {}
            Verdict::Unanswered => {
                let rest = FIRST_REST_MS << group.unanswered.min(10);
                let until = now.saturating_add(rest.min(LONGEST_REST_MS));
                group.unanswered = group.unanswered.saturating_add(1);
                group.rest = Some(Rest { since: now, until });
            }
        }
    }

    /// The groups that are left alone.
    #[must_use]
    pub fn resting(&self, now: i64) -> Vec<Resting> {
        let of_kind = |(name, kind): (&&'static str, &Kind)| {
            let resting = kind.groups.iter().filter_map(|(group, state)| {
                Some(Resting {
                    kind: name,
                    group: group.clone(),
                    until: state.rests_until(now)?,
                })
            });
            resting.collect::<Vec<_>>()
        };
        self.kinds.iter().flat_map(of_kind).collect()
    }
}

impl Kind {
    fn plan(&mut self, now: i64, due: &[&Lane], turn: &mut u64, plan: &mut Plan) {
        self.give_up_places(now);
        self.line_up(due, turn);
        self.groups.retain(|_, group| !group.is_forgotten(now));
        let mut shares = HashMap::new();
        for lane in due {
            let share = || self.share(&lane.group, now, plan);
            shares.entry(lane.group.as_str()).or_insert_with(share);
        }
        let mut places = self.terms.at_once.saturating_sub(self.placed());
        let mut claims: BTreeMap<&Lane, usize> = BTreeMap::new();
        loop {
            let has_share = |lane: &&&Lane| shares.get(lane.group.as_str()) > Some(&0);
            let next = due.iter().filter(has_share);
            let Some(lane) = next.min_by_key(|lane| self.waits_since(lane)) else {
                break;
            };
            if places == 0 {
                self.look_when_a_place_is_given_up(plan);
                break;
            }
            places -= 1;
            shares
                .entry(lane.group.as_str())
                .and_modify(|share| *share -= 1);
            *claims.entry(lane).or_default() += 1;
            *turn += 1;
            self.owners.insert(lane.owner.clone(), *turn);
            self.lanes.insert((*lane).clone(), *turn);
            if let Some(apart) = self.terms.apart {
                let group = self.groups.entry(lane.group.clone()).or_default();
                group.pace.take(now, apart, 1);
            }
        }
        plan.claims
            .extend(claims.into_iter().map(|(lane, most)| Claim {
                lane: lane.clone(),
                most,
            }));
    }

    /// Jobs that take too long go on without a place, as long as not too many do.
    fn give_up_places(&mut self, now: i64) {
        let Some(patience) = self.patience_ms() else {
            return;
        };
        let mut others = self.running.len() - self.placed();
        let most = self.terms.at_most() - self.terms.at_once;
        for job in self.running.values_mut() {
            let is_patient = (job.begun..job.begun.saturating_add(patience)).contains(&now);
            if job.has_place && !is_patient && others < most {
                job.has_place = false;
                others += 1;
            }
        }
    }

    fn look_when_a_place_is_given_up(&self, plan: &mut Plan) {
        let without = self.running.len() - self.placed();
        if self.terms.at_most() - self.terms.at_once <= without {
            return;
        }
        let placed = self.running.values().filter(|job| job.has_place);
        if let (Some(patience), Some(first)) =
            (self.patience_ms(), placed.map(|job| job.begun).min())
        {
            plan.look_at_latest(first.saturating_add(patience));
        }
    }

    /// Who is new stands at the end; who has nothing to do stands nowhere.
    fn line_up(&mut self, due: &[&Lane], turn: &mut u64) {
        let lanes: HashSet<_> = due.iter().copied().collect();
        let owners: HashSet<_> = due.iter().map(|lane| lane.owner.as_str()).collect();
        self.lanes.retain(|lane, _| lanes.contains(lane));
        self.owners
            .retain(|owner, _| owners.contains(owner.as_str()));
        for lane in due {
            *turn += 1;
            self.lanes.entry((*lane).clone()).or_insert(*turn);
            self.owners.entry(lane.owner.clone()).or_insert(*turn);
        }
    }

    fn waits_since(&self, lane: &Lane) -> (Option<&u64>, Option<&u64>) {
        (self.owners.get(&lane.owner), self.lanes.get(lane))
    }

    /// How many more jobs of a group may begin now.
    fn share(&self, name: &str, now: i64, plan: &mut Plan) -> usize {
        let group = self.groups.get(name);
        let paced = self.terms.apart.map(|apart| {
            let pace = group.map(|group| group.pace).unwrap_or_default();
            pace.next(now, apart, 1)
        });
        let rests_until = group.and_then(|group| group.rests_until(now));
        if let Some(later) = paced.max(rests_until).filter(|at| *at > now) {
            plan.look_at_latest(later);
            return 0;
        }
        let is_known_to_hang = group.is_some_and(|group| group.unanswered > 0);
        let most = match is_known_to_hang {
            true => 1,
            false => self.terms.each,
        };
        let of_group = |job: &&Running| job.group == name;
        let left = most.saturating_sub(self.running.values().filter(of_group).count());
        match paced {
            Some(_) => left.min(1),
            None => left,
        }
    }

    fn placed(&self) -> usize {
        self.running.values().filter(|job| job.has_place).count()
    }

    fn patience_ms(&self) -> Option<i64> {
        let patience = self.terms.patience?;
        Some(i64::try_from(patience.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Plan {
    fn look_at_latest(&mut self, at: i64) {
        self.look_at = Some(self.look_at.map_or(at, |before| before.min(at)));
    }
}
