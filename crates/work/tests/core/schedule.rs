//! Who goes next, whatever the others do: jobs and time go in, claims come out.

#![expect(
    clippy::unwrap_used,
    reason = "a function that a test calls may fail the test"
)]

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use proptest::prelude::*;
use work::{Claim, Lane, Plan, Scheduler, Terms, Verdict};

const KIND: &str = "hook";

fn terms(at_once: usize, each: usize) -> Terms {
    Terms {
        at_once,
        each,
        patience: Some(Duration::from_millis(PATIENCE as u64)),
        apart: None,
        limit: Duration::from_secs(60),
    }
}

const PATIENCE: i64 = 1000;

fn lane(owner: &str, group: &str) -> Lane {
    Lane {
        kind: KIND.to_owned(),
        group: group.to_owned(),
        owner: owner.to_owned(),
    }
}

/// A job of the simulated world.
#[derive(Debug, Clone)]
struct Job {
    lane: Lane,
    due_at: i64,
    takes: i64,
    hangs: bool,
}

/// A queue and its runner without a clock: jobs take the time they say.
struct World {
    scheduler: Scheduler,
    terms: Terms,
    now: i64,
    /// By lane, the one that is due first in front.
    waiting: BTreeMap<Lane, VecDeque<(usize, Job)>>,
    running: BTreeMap<usize, (Job, i64)>,
    /// When each job began.
    begun: BTreeMap<usize, i64>,
    ended: usize,
}

impl World {
    fn new(terms: Terms, jobs: &[Job]) -> Self {
        let mut waiting: BTreeMap<_, VecDeque<_>> = BTreeMap::new();
        let mut in_order: Vec<_> = jobs.iter().cloned().enumerate().collect();
        in_order.sort_by_key(|(_, job)| job.due_at);
        for (number, job) in in_order {
            let lane = waiting.entry(job.lane.clone()).or_default();
            lane.push_back((number, job));
        }
        Self {
            scheduler: Scheduler::new([(KIND, terms)]),
            terms,
            now: 0,
            waiting,
            running: BTreeMap::new(),
            begun: BTreeMap::new(),
            ended: 0,
        }
    }

    fn due(&self) -> Vec<Lane> {
        let is_due = |jobs: &&VecDeque<(usize, Job)>| jobs[0].1.due_at <= self.now;
        let heads = self.waiting.iter().filter(|(_, jobs)| !jobs.is_empty());
        let due = heads.filter(|(_, jobs)| is_due(jobs));
        due.map(|(lane, _)| lane.clone()).collect()
    }

    /// Begins what goes next, and says what was planned.
    fn begin(&mut self, mut planned: impl FnMut(&[Lane], &Plan)) -> Option<i64> {
        loop {
            let due = self.due();
            let plan = self.scheduler.plan(self.now, &due);
            planned(&due, &plan);
            let mut claimed = 0;
            for Claim { lane, most } in &plan.claims {
                for _ in 0..*most {
                    let jobs = self.waiting.get_mut(lane).unwrap();
                    let is_due = jobs.front().is_some_and(|(_, job)| job.due_at <= self.now);
                    if !is_due {
                        break;
                    }
                    let (number, job) = jobs.pop_front().unwrap();
                    self.scheduler.begun(&number.to_string(), lane, self.now);
                    assert!(self.begun.insert(number, self.now).is_none(), "run twice");
                    self.running.insert(number, (job, self.now));
                    claimed += 1;
                }
            }
            self.check();
            if claimed == 0 {
                return plan.look_at;
            }
        }
    }

    fn check(&self) {
        let impatient = |begun: i64| begun + PATIENCE <= self.now;
        let without = self.running.values().filter(|(_, begun)| impatient(*begun));
        let without = without
            .count()
            .min(self.terms.at_most() - self.terms.at_once);
        assert!(self.running.len() - without <= self.terms.at_once);
        let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
        for (job, _) in self.running.values() {
            *groups.entry(&job.lane.group).or_default() += 1;
        }
        assert!(groups.values().all(|running| *running <= self.terms.each));
    }

    /// Goes on to the next thing that happens; `false` when there is nothing more.
    fn pass(&mut self, look_at: Option<i64>) -> bool {
        let ends = self.running.values().map(|(job, begun)| begun + job.takes);
        let waits = self.waiting.values().filter_map(VecDeque::front);
        let dues = waits.map(|(_, job)| job.due_at).filter(|at| *at > self.now);
        let next = ends.chain(dues).chain(look_at).min();
        let Some(next) = next else { return false };
        assert!(next >= self.now, "back in time");
        self.now = next;
        let over: Vec<_> = self
            .running
            .iter()
            .filter(|(_, (job, begun))| begun + job.takes <= self.now)
            .map(|(number, _)| *number)
            .collect();
        for number in over {
            let (job, _) = self.running.remove(&number).unwrap();
            let verdict = match job.hangs {
                true => Verdict::Unanswered,
                false => Verdict::Answered,
            };
            let id = number.to_string();
            self.scheduler.ended(&id, &job.lane, self.now, verdict);
            self.ended += 1;
        }
        true
    }

    /// Runs all there is.
    fn run(&mut self, mut planned: impl FnMut(&[Lane], &Plan)) {
        loop {
            let look_at = self.begin(&mut planned);
            if !self.pass(look_at) {
                return;
            }
        }
    }
}

fn jobs(owners: usize, groups: usize) -> impl Strategy<Value = Vec<Job>> {
    let job = (0..owners, 0..groups, 0_i64..3000, 1_i64..4000, 0..4_u8);
    let job = job.prop_map(|(owner, group, due_at, takes, luck)| Job {
        // A group may be of several businesses.
        lane: lane(&format!("o{owner}"), &format!("g{group}")),
        due_at,
        takes,
        hangs: luck == 0,
    });
    prop::collection::vec(job, 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever jobs there are: none is lost and none run twice, and never more at the
    /// same time than the terms allow ([`World::check`]).
    #[test]
    fn every_job_runs_once_within_the_terms(
        jobs in jobs(5, 7), at_once in 1_usize..6, each in 1_usize..4,
    ) {
        let mut world = World::new(terms(at_once, each), &jobs);
        world.run(|_, _| {});
        prop_assert_eq!(world.ended, jobs.len());
        for (number, job) in jobs.iter().enumerate() {
            prop_assert!(world.begun[&number] >= job.due_at);
        }
    }

    /// While a business waits, each other one has one turn at most.
    #[test]
    fn businesses_take_turns(jobs in jobs(6, 3), at_once in 1_usize..5) {
        let jobs: Vec<_> = jobs
            .into_iter()
            .map(|mut job| {
                // Everybody may always run, so that only turns decide.
                job.lane.group = format!("{}{}", job.lane.owner, job.lane.group);
                job.hangs = false;
                job
            })
            .collect();
        let mut since: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        let mut world = World::new(terms(at_once, at_once * 8), &jobs);
        world.run(|due, plan| {
            let mut turns: BTreeMap<&str, usize> = BTreeMap::new();
            for claim in &plan.claims {
                *turns.entry(&claim.lane.owner).or_default() += claim.most;
            }
            let waits = |owner: &String| due.iter().any(|lane| lane.owner == *owner);
            since.retain(|owner, _| waits(owner));
            for lane in due {
                let others = since.entry(lane.owner.clone()).or_default();
                let own = turns.get(lane.owner.as_str()).copied().unwrap_or(0);
                if own > 0 {
                    others.clear();
                    assert!(turns.values().all(|others| *others <= own + 1), "{turns:?}");
                }
            }
            for (owner, others) in &mut since {
                if turns.contains_key(owner.as_str()) {
                    continue;
                }
                for (other, turns) in &turns {
                    let sum = others.entry((*other).to_owned()).or_default();
                    *sum += turns;
                    assert!(*sum <= 1, "{owner} waits, {other} had {sum} turns");
                }
            }
        });
    }

    /// Whatever the others do, and however long their jobs take or hang: with no more
    /// businesses than places, nobody's job waits longer than one patience.
    #[test]
    fn a_quiet_business_waits_no_longer_than_the_patience(
        hogs in prop::collection::vec((0_usize..3, 0_usize..14, 0_i64..9000, any::<bool>()), 1..150),
        quiet in prop::collection::vec(0..PATIENCE, 1..12),
        long in 500_i64..15_000,
    ) {
        let mut jobs: Vec<_> = hogs
            .into_iter()
            .map(|(owner, group, due_at, hangs)| Job {
                lane: lane(&format!("hog{owner}"), &format!("hog{group}")),
                due_at,
                takes: long,
                hangs,
            })
            .collect();
        let first = jobs.len();
        // One at a time: its own jobs take turns, too.
        jobs.extend((0..).zip(quiet).map(|(number, after)| Job {
            lane: lane("quiet", "quiet"),
            due_at: number * 2 * PATIENCE + after,
            takes: 5,
            hangs: false,
        }));
        // 14 groups of two hold 28 of the 32 that may run.
        let mut world = World::new(terms(4, 2), &jobs);
        world.run(|_, _| {});
        for (number, job) in jobs.iter().enumerate().skip(first) {
            let waited = world.begun[&number] - job.due_at;
            prop_assert!(waited <= PATIENCE, "{} waited {} ms", number, waited);
        }
    }
}

/// Plans for one lane, and begins what is planned. Returns how many began.
fn begin(scheduler: &mut Scheduler, lane: &Lane, now: i64) -> usize {
    let plan = scheduler.plan(now, std::slice::from_ref(lane));
    let count = plan.claims.iter().map(|claim| claim.most).sum();
    for number in 0..count {
        scheduler.begun(&format!("{now}-{number}"), lane, now);
    }
    count
}

#[test]
fn who_does_not_answer_is_left_alone_longer_each_time_and_asked_with_one_job() {
    let mut scheduler = Scheduler::new([(KIND, terms(8, 3))]);
    let lane = lane("o", "g");
    assert_eq!(begin(&mut scheduler, &lane, 0), 3);
    for number in 0..3 {
        // Those that began together count once.
        let id = format!("0-{number}");
        scheduler.ended(&id, &lane, 10 + number, Verdict::Unanswered);
    }
    let mut now = 10;
    for rest in [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000] {
        let due = std::slice::from_ref(&lane);
        let plan = scheduler.plan(now + rest - 1, due);
        assert_eq!((plan.claims.len(), plan.look_at), (0, Some(now + rest)));
        assert_eq!(scheduler.resting(now + 1)[0].until, now + rest);
        now += rest;
        assert_eq!(begin(&mut scheduler, &lane, now), 1);
        assert_eq!(begin(&mut scheduler, &lane, now), 0, "not before it ends");
        let id = format!("{now}-0");
        scheduler.ended(&id, &lane, now, Verdict::Unanswered);
    }
    // Somebody set the clock back: no reason to wait for it.
    now = 0;
    assert_eq!(begin(&mut scheduler, &lane, now), 1);
    scheduler.ended("0-0", &lane, now, Verdict::Answered);
    assert!(scheduler.resting(now).is_empty());
    assert_eq!(begin(&mut scheduler, &lane, now), 3);
}

#[test]
fn who_asks_for_a_rest_gets_it_and_keeps_no_other_group_waiting() {
    let mut scheduler = Scheduler::new([(KIND, terms(8, 2))]);
    let (tired, other) = (lane("o", "tired"), lane("o", "other"));
    assert_eq!(begin(&mut scheduler, &tired, 0), 2);
    scheduler.ended("0-0", &tired, 5, Verdict::Rest(500));
    let due = [tired.clone(), other.clone()];
    let plan = scheduler.plan(5, &due);
    let lanes: Vec<_> = plan.claims.iter().map(|claim| &claim.lane).collect();
    assert_eq!((lanes, plan.look_at), (vec![&other], Some(500)));
    let plan = scheduler.plan(500, &due);
    assert_eq!(plan.claims.len(), 2);
}

#[test]
fn a_budget_is_a_group_s_whoever_its_jobs_are_of() {
    let terms = Terms {
        apart: Some(Duration::from_millis(800)),
        patience: None,
        ..terms(4, 2)
    };
    let mut scheduler = Scheduler::new([(KIND, terms)]);
    let lanes = [lane("a", "account"), lane("b", "account"), lane("c", "own")];
    let mut began = |now| {
        let plan = scheduler.plan(now, &lanes);
        let owners = plan.claims.iter().map(|claim| claim.lane.owner.clone());
        (owners.collect::<Vec<_>>().join(""), plan.look_at)
    };
    assert_eq!(began(0), ("ac".to_owned(), None));
    assert_eq!(began(799), (String::new(), Some(800)));
    assert_eq!(began(800), ("bc".to_owned(), None));
    assert_eq!(began(1600), ("ac".to_owned(), None));
}
