//! The rooms of a crate: its top-level modules, which of them uses which, and where they
//! go round in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::source::Source;
use super::tables::Reading;

/// Where a room names another.
type Sites = Vec<String>;

/// The rooms of a crate.
#[derive(Debug)]
pub(super) struct House {
    rooms: Vec<String>,
    /// From one room to another it uses.
    arrows: BTreeMap<(usize, usize), Sites>,
    /// Whether a room uses another, directly or through others.
    reaches: Vec<Vec<bool>>,
}

impl House {
    /// Finds the rooms in a crate's sources. A wing is a module that is no room itself:
    /// the modules in it are. Who reads another's tables uses it, and so does who asks its
    /// part of the store.
    pub(super) fn of(sources: &[Source], wings: &[&str], readings: &[Reading]) -> Self {
        let plan = Plan::of(sources, wings);
        let rooms: Vec<_> = plan.rooms.iter().cloned().collect();
        let number = |room: &str| rooms.iter().position(|it| it == room);
        let mut arrows = BTreeMap::<_, Sites>::new();
        for source in sources {
            for named in &source.paths {
                let from = plan.room(&named.module).and_then(|it| number(&it));
                let to = named.absolute().and_then(|path| plan.room(&path));
                let to = to.and_then(|it| number(&it));
                if let (Some(from), Some(to)) = (from, to)
                    && from != to
                {
                    let site = format!("{}:{}", source.file, named.line);
                    let sites = arrows.entry((from, to)).or_default();
                    if sites.last() != Some(&site) {
                        sites.push(site);
                    }
                }
            }
        }
        let said = |source: &Source| {
            let room = source.modules.first().and_then(|it| plan.room(&it.0));
            room.into_iter()
                .flat_map(|room| {
                    source
                        .parts
                        .iter()
                        .map(move |it| (it.clone(), room.clone()))
                })
                .collect::<Vec<_>>()
        };
        let parts: BTreeMap<_, _> = sources.iter().flat_map(said).collect();
        let asked = |source: &Source| {
            let of_rooms = source.asked.iter().filter_map(|(part, module, line)| {
                let from = plan.room(module)?;
                let to = parts.get(part).filter(|to| **to != from)?;
                Some((from, to.clone(), format!("{}:{line}", source.file)))
            });
            of_rooms.collect::<Vec<_>>()
        };
        let asked: Vec<_> = sources.iter().flat_map(asked).collect();
        for (from, to, site) in readings.iter().chain(&asked) {
            if let (Some(from), Some(to)) = (number(from), number(to)) {
                arrows.entry((from, to)).or_default().push(site.clone());
            }
        }
        let reaches = reaches(rooms.len(), arrows.keys().copied());
        Self {
            rooms,
            arrows,
            reaches,
        }
    }

    /// How many rooms there are.
    pub(super) fn size(&self) -> usize {
        self.rooms.len()
    }

    /// The rooms in order, the lowest first, one line each with what it uses.
    pub(super) fn in_order(&self) -> String {
        let mut order: Vec<_> = (0..self.rooms.len()).collect();
        // Whatever a room uses rests on less than the room does.
        let rests_on = |room: usize, it: usize| it == room || self.reaches[room][it];
        let count = |room| order.iter().filter(|&&it| rests_on(room, it)).count();
        let weights: Vec<_> = order.iter().map(|&room| count(room)).collect();
        order.sort_by_key(|&room| (weights[room], room));
        let width = self.rooms.iter().map(String::len).max().unwrap_or(0);
        let mut text = String::new();
        for room in order {
            let uses = self.arrows.keys().filter(|(from, _)| *from == room);
            let uses: Vec<_> = uses.map(|&(_, to)| self.rooms[to].as_str()).collect();
            let mark = if self.reaches[room][room] { '*' } else { ' ' };
            let line = format!("{mark} {:width$}  {}", self.rooms[room], uses.join(", "));
            let _ = writeln!(text, "{}", line.trim_end());
        }
        if self.in_circles() > 0 {
            text.push_str("* in a circle\n");
        }
        text
    }

    /// Which rooms use others that they may not.
    pub(super) fn trespasses(&self, may: impl Fn(&str, &str) -> bool) -> Vec<String> {
        let mut told = Vec::new();
        for (&(from, to), sites) in &self.arrows {
            let (from, to) = (&self.rooms[from], &self.rooms[to]);
            if !may(from, to) {
                told.extend(
                    sites
                        .iter()
                        .map(|it| format!("{it}: {from} may not use {to}")),
                );
            }
        }
        told
    }

    /// How many rooms are in circles.
    pub(super) fn in_circles(&self) -> usize {
        self.circles().iter().map(Vec::len).sum()
    }

    /// The circles, the largest first: rooms each of which uses, in the end, itself.
    fn circles(&self) -> Vec<Vec<usize>> {
        let mut circles = BTreeSet::new();
        for room in 0..self.rooms.len() {
            let together = |&it: &usize| self.reaches[room][it] && self.reaches[it][room];
            circles.insert((0..self.rooms.len()).filter(together).collect::<Vec<_>>());
        }
        circles.remove(&Vec::new());
        let mut circles: Vec<_> = circles.into_iter().collect();
        circles.sort_by_key(|it| std::cmp::Reverse(it.len()));
        circles
    }

    /// Each circle in words: its rooms, and which arrows are to be cut.
    pub(super) fn told_circles(&self) -> String {
        let mut text = String::new();
        for circle in self.circles() {
            let names: Vec<_> = circle.iter().map(|&it| self.rooms[it].as_str()).collect();
            let cut = self.cut(&circle);
            let _ = writeln!(
                text,
                "  {} modules in a circle: {}\n  it is none without {}:",
                names.len(),
                names.join(", "),
                if cut.len() == 1 {
                    "this arrow".to_owned()
                } else {
                    format!("these {} arrows", cut.len())
                },
            );
            for (from, to) in cut {
                let _ = writeln!(text, "    {} → {}", self.rooms[from], self.rooms[to]);
                for site in &self.arrows[&(from, to)] {
                    let _ = writeln!(text, "        {site}");
                }
            }
        }
        text
    }

    /// The fewest arrows without which a circle is none; of as many, those that are named
    /// least often. Of a very large circle, few.
    fn cut(&self, circle: &[usize]) -> Vec<(usize, usize)> {
        // An arrow weighs more than all places where one is named.
        let price = |from: usize, to: usize| {
            let sites = self.arrows.get(&(from, to)).map_or(0, Vec::len);
            if sites == 0 {
                0
            } else {
                (1 << 32) + i64::try_from(sites).unwrap_or(0)
            }
        };
        let order = cheapest_order(circle, &price);
        let mut cut: Vec<_> = upwards(&order)
            .filter(|it| self.arrows.contains_key(it))
            .collect();
        cut.sort_unstable();
        cut
    }
}

/// What there is to be found.
struct Plan<'a> {
    wings: &'a [&'a str],
    rooms: BTreeSet<String>,
    /// What the crate's root, or a wing's, calls by another name, and where it is.
    exports: BTreeMap<Vec<String>, Vec<String>>,
}

impl<'a> Plan<'a> {
    fn of(sources: &[Source], wings: &'a [&'a str]) -> Self {
        let mut plan = Self {
            wings,
            rooms: BTreeSet::new(),
            exports: BTreeMap::new(),
        };
        let modules = sources.iter().flat_map(|it| &it.modules);
        plan.rooms = modules
            .filter_map(|(module, _)| plan.own_room(module))
            .collect();
        for named in sources.iter().flat_map(|it| &it.paths) {
            let Some(name) = named.name.as_ref().filter(|_| plan.is_root(&named.module)) else {
                continue;
            };
            let called = [named.module.as_slice(), std::slice::from_ref(name)].concat();
            // A root names its modules as they are.
            let below = || [named.module.as_slice(), &named.segments].concat();
            let path = named.absolute().unwrap_or_else(below);
            if path != called {
                plan.exports.insert(called, path);
            }
        }
        plan
    }

    fn is_root(&self, path: &[String]) -> bool {
        match path {
            [] => true,
            [wing] => self.wings.contains(&wing.as_str()),
            _ => false,
        }
    }

    /// The room that a path leads into, by its first names.
    fn own_room(&self, path: &[String]) -> Option<String> {
        let depth = 1 + usize::from(
            path.first()
                .is_some_and(|it| self.wings.contains(&it.as_str())),
        );
        Some(path.get(..depth)?.join("::"))
    }

    /// The room that a path leads into, by the names that roots give, too.
    fn room(&self, path: &[String]) -> Option<String> {
        if let Some(room) = self.own_room(path).filter(|it| self.rooms.contains(it)) {
            return Some(room);
        }
        let exported = (1..=path.len()).find_map(|it| self.exports.get(&path[..it]))?;
        self.own_room(exported).filter(|it| self.rooms.contains(it))
    }
}

/// Which of so many can reach which, by these arrows.
fn reaches(count: usize, arrows: impl Iterator<Item = (usize, usize)>) -> Vec<Vec<bool>> {
    let mut reaches = vec![vec![false; count]; count];
    for (from, to) in arrows {
        reaches[from][to] = true;
    }
    for through in 0..count {
        for from in 0..count {
            if reaches[from][through] {
                let further = reaches[through].clone();
                for (to, further) in reaches[from].iter_mut().zip(further) {
                    *to |= further;
                }
            }
        }
    }
    reaches
}

/// What goes up in an order that begins with the lowest.
fn upwards(order: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    let above = |at: usize| order[at + 1..].iter();
    let pairs = move |(at, &low)| above(at).map(move |&high| (low, high));
    order.iter().enumerate().flat_map(pairs)
}

/// How large a circle may be for every order of it to be weighed.
const WEIGHED: usize = 20;

/// The order in which least goes up; for a very large circle, one in which little does.
fn cheapest_order(rooms: &[usize], price: &dyn Fn(usize, usize) -> i64) -> Vec<usize> {
    if rooms.len() <= WEIGHED {
        return weighed_order(rooms, price);
    }
    // From every beginning, rooms are moved one by one until none finds a better place.
    let ends = (0..rooms.len()).map(|turn| {
        let mut order = rooms.to_vec();
        order.rotate_left(turn);
        while move_one(&mut order, price) {}
        order
    });
    let sum = |order: &Vec<usize>| {
        let prices = upwards(order).map(|(from, to)| price(from, to));
        prices.sum::<i64>()
    };
    ends.min_by_key(sum).unwrap_or_default()
}

/// Finds for every set of rooms the cheapest order of it, from those of smaller sets. A
/// set is a number: each of its bits is a room.
fn weighed_order(rooms: &[usize], price: &dyn Fn(usize, usize) -> i64) -> Vec<usize> {
    // What goes up to a room from every set of these.
    let sums = |from: &[usize], to: usize| {
        let mut sums = vec![0; 1 << from.len()];
        for set in 1..sums.len() {
            let first = from[set.trailing_zeros() as usize];
            sums[set] = sums[set & (set - 1)] + price(first, to);
        }
        sums
    };
    let (some, others) = rooms.split_at(rooms.len() / 2);
    let both = |&to: &usize| (sums(some, to), sums(others, to));
    let to: Vec<_> = rooms.iter().map(both).collect();
    // What the cheapest order of each set costs, and which room is its highest.
    let mut best = vec![(0, 0); 1 << rooms.len()];
    for set in 1..best.len() {
        let highest = (0..rooms.len()).filter(|room| set & (1 << room) != 0);
        let cost = |room: usize| {
            let below = set & !(1 << room);
            let (from_some, from_others) = &to[room];
            let up = from_some[below & ((1 << some.len()) - 1)] + from_others[below >> some.len()];
            (best[below].0 + up, room)
        };
        best[set] = highest.map(cost).min().unwrap_or_default();
    }
    let mut order = Vec::new();
    let mut set = best.len() - 1;
    while set != 0 {
        let highest = best[set].1;
        order.insert(0, rooms[highest]);
        set &= !(1 << highest);
    }
    order
}

/// Moves the first room that has a better place to its best; tells whether there was one.
fn move_one(order: &mut Vec<usize>, price: &dyn Fn(usize, usize) -> i64) -> bool {
    for at in 0..order.len() {
        let room = order[at];
        let (mut best, mut place) = (0, at);
        let mut gain = 0;
        for (lower, &other) in order[..at].iter().enumerate().rev() {
            gain += price(other, room) - price(room, other);
            if gain > best {
                (best, place) = (gain, lower);
            }
        }
        gain = 0;
        for (higher, &other) in order.iter().enumerate().skip(at + 1) {
            gain += price(room, other) - price(other, room);
            if gain > best {
                (best, place) = (gain, higher);
            }
        }
        if best > 0 {
            order.remove(at);
            order.insert(place, room);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::source::read;
    use super::*;

    /// A crate of files: the root comes first, the others are named by their modules.
    fn house(wings: &[&str], files: &[(&str, &str)]) -> House {
        let sources = files.iter().map(|(module, text)| {
            let path: Vec<_> = module.split("::").map(str::to_owned).collect();
            let path = if module.is_empty() { Vec::new() } else { path };
            read(
                &format!("src/{}.rs", module.replace("::", "/")),
                &path,
                text,
            )
        });
        House::of(&sources.collect::<Vec<_>>(), wings, &[])
    }

    #[test]
    fn prints_the_lowest_first_with_what_each_uses() {
        let house = house(
            &[],
            &[
                ("", "mod a;\nmod b;\nmod c;\nfn main() { a::run() }"),
                ("a", "use crate::{b::B, c};\nuse std::fmt;"),
                ("b", "use super::c::{self, C};"),
                ("c", "mod inner;"),
                ("c::inner", "use super::super::c::D;\nuse super::E;"),
            ],
        );
        assert_eq!(house.in_order(), "  c\n  b  c\n  a  b, c\n");
        assert_eq!(
            (
                house.size(),
                house.in_circles(),
                house.told_circles().as_str()
            ),
            (3, 0, "")
        );
    }

    #[test]
    fn names_a_circle_of_two_and_the_lesser_of_its_arrows() {
        let house = house(
            &[],
            &[
                ("", "mod a;\nmod b;\nmod above;"),
                ("a", "use crate::b::B;\nfn f() { crate::b::f() }"),
                ("b", "mod inner;"),
                ("b::inner", "\nuse super::super::a::A;"),
                ("above", "use crate::a::A;"),
            ],
        );
        assert_eq!(house.in_circles(), 2);
        assert_eq!(
            house.told_circles(),
            "  2 modules in a circle: a, b
  it is none without this arrow:
    b → a
        src/b/inner.rs:2
"
        );
        assert_eq!(
            house.in_order(),
            "* a      b\n* b      a\n  above  a\n* in a circle\n"
        );
    }

    #[test]
    fn finds_a_circle_of_three_through_what_the_root_exports() {
        let house = house(
            &[],
            &[
                ("", "mod a;\nmod b;\nmod c;\npub use a::A as Renamed;"),
                ("a", "use crate::b;"),
                ("b", "use crate::c;"),
                ("c", "use crate::Renamed;"),
            ],
        );
        assert_eq!(house.in_circles(), 3);
        assert!(
            house
                .told_circles()
                .contains("3 modules in a circle: a, b, c")
        );
    }

    #[test]
    fn a_room_uses_those_whose_part_of_the_store_it_asks() {
        let house = house(
            &[],
            &[
                ("", "mod a;\nmod b;"),
                ("a", "mod store;\nuse crate::b::B;"),
                ("a::store", "crate::store::part! { ays -> Ays }"),
                ("b", "\nfn f(cx: &Cx) { cx.store.ays().all() }"),
            ],
        );
        assert!(house.told_circles().contains("b → a\n        src/b.rs:2"));
    }

    #[test]
    fn takes_the_modules_of_a_wing_for_rooms() {
        let house = house(
            &["wing"],
            &[
                ("", "mod wing;\nmod low;"),
                ("wing", "mod a;\nmod b;\npub use a::A;"),
                ("wing::a", "use super::b::B;\nuse crate::low;"),
                ("wing::b", "use crate::wing::A;"),
                ("low", ""),
            ],
        );
        assert_eq!(
            house.in_order(),
            "  low\n* wing::a  low, wing::b\n* wing::b  wing::a\n* in a circle\n"
        );
    }

    #[test]
    fn tests_may_use_what_they_like() {
        let house = house(
            &[],
            &[
                ("", "mod a;\nmod b;"),
                ("a", "use crate::b;"),
                ("b", "#[cfg(test)]\nmod tests { use crate::a; }"),
            ],
        );
        assert_eq!(house.in_circles(), 0);
    }

    #[test]
    fn tells_where_a_room_uses_what_it_may_not() {
        let house = house(
            &["wing"],
            &[
                ("", "mod kit;\nmod wing;"),
                ("kit", ""),
                ("wing", "mod a;\nmod b;"),
                ("wing::a", "use crate::kit;\nuse super::b::B;"),
                ("wing::b", ""),
            ],
        );
        assert_eq!(
            house.trespasses(|_, to| to == "kit"),
            ["src/wing/a.rs:2: wing::a may not use wing::b"]
        );
    }

    #[test]
    fn cuts_as_little_as_trying_every_order_does() {
        // Arrows that look like chance: the same ones each time.
        let mut state = 7_u64;
        let mut chance = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state >> 33
        };
        let rooms: Vec<_> = (0..6).collect();
        for _ in 0..50 {
            let weights: Vec<_> = (0..36)
                .map(|_| i64::try_from(chance() % 4).unwrap())
                .collect();
            let price = |from: usize, to: usize| weights[from * 6 + to];
            let cost = |order: &[usize]| {
                let prices = upwards(order).map(|(from, to)| price(from, to));
                prices.sum::<i64>()
            };
            let least = orders(&rooms).iter().map(|it| cost(it)).min();
            assert_eq!(Some(cost(&cheapest_order(&rooms, &price))), least);
        }
    }

    #[test]
    fn cuts_one_arrow_of_a_very_large_circle() {
        let around = |from: usize, to: usize| i64::from((from + 1) % 30 == to);
        let order = cheapest_order(&(0..30).collect::<Vec<_>>(), &around);
        assert_eq!(
            upwards(&order)
                .map(|(from, to)| around(from, to))
                .sum::<i64>(),
            1
        );
    }

    fn orders(rooms: &[usize]) -> Vec<Vec<usize>> {
        if rooms.is_empty() {
            return vec![Vec::new()];
        }
        let first = |&first: &usize| {
            let rest: Vec<_> = rooms.iter().copied().filter(|&it| it != first).collect();
            let begun = |rest: Vec<usize>| [vec![first], rest].concat();
            orders(&rest).into_iter().map(begun).collect::<Vec<_>>()
        };
        rooms.iter().flat_map(first).collect()
    }
}
