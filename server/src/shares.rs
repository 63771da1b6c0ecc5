//! Who holds how much of what there is not much of.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Counts what each holder has, up to a number.
#[derive(Debug, Clone)]
pub struct Shares<K: Eq + Hash> {
    held: Arc<Mutex<HashMap<K, usize>>>,
    each: usize,
}

/// One of a holder's; it goes back when dropped.
#[derive(Debug)]
pub struct Share<K: Eq + Hash> {
    of: Shares<K>,
    holder: K,
}

impl<K: Eq + Hash + Clone> Shares<K> {
    /// So many for each holder.
    #[must_use]
    pub fn new(each: usize) -> Self {
        Self {
            held: Arc::default(),
            each,
        }
    }

    /// One for this holder; `None` when it has as many as it may.
    #[must_use]
    pub fn take(&self, holder: K) -> Option<Share<K>> {
        {
            let mut all = locked(&self.held);
            let held = all.entry(holder.clone()).or_default();
            if *held >= self.each {
                return None;
            }
            *held += 1;
        }
        Some(Share {
            of: self.clone(),
            holder,
        })
    }
}

impl<K: Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let mut all = locked(&self.of.held);
        if let Some(held) = all.get_mut(&self.holder) {
            *held -= 1;
            if *held == 0 {
                all.remove(&self.holder);
            }
        }
    }
}

/// Who an address stands for in limits: whoever has an IPv6 address has a whole /64
/// to choose from.
#[must_use]
pub fn holder(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        v4 => v4,
    }
}

const KIB: usize = 1024;

/// Memory for bodies that anybody may have sent: so much in all, and a part of it
/// for each address. It is taken as bytes come in, never for what is announced.
#[derive(Debug)]
pub struct Memory {
    all: Arc<Semaphore>,
    share_kib: usize,
    holders: Mutex<HashMap<IpAddr, Weak<Semaphore>>>,
}

/// What one body has of it; it goes back when dropped.
#[derive(Debug)]
pub struct Held<'a> {
    of: &'a Memory,
    holder: IpAddr,
    own: Arc<Semaphore>,
    kib: usize,
    permits: [Option<OwnedSemaphorePermit>; 2],
}

impl Memory {
    /// So much in all and for each address (bytes).
    #[must_use]
    pub fn new(all: usize, share: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all / KIB)),
            share_kib: share / KIB,
            holders: Mutex::default(),
        }
    }

    /// How much is free in all (bytes).
    #[must_use]
    pub fn free(&self) -> usize {
        self.all.available_permits() * KIB
    }

    /// None yet, for a body from this address.
    #[must_use]
    pub fn of(&self, address: IpAddr) -> Held<'_> {
        let holder = holder(address);
        let mut holders = locked(&self.holders);
        let known = holders.get(&holder).and_then(Weak::upgrade);
        let own = known.unwrap_or_else(|| {
            let own = Arc::new(Semaphore::new(self.share_kib));
            holders.insert(holder, Arc::downgrade(&own));
            own
        });
        Held {
            of: self,
            holder,
            own,
            kib: 0,
            permits: [None, None],
        }
    }
}

impl Held<'_> {
    /// Waits until it has as much as this (bytes). The own share comes first: who
    /// has used it up keeps nobody else waiting.
    pub async fn grow_to(&mut self, bytes: usize) {
        let more = bytes.div_ceil(KIB).saturating_sub(self.kib);
        let Some(wanted) = u32::try_from(more).ok().filter(|more| *more > 0) else {
            return;
        };
        for (held, from) in self.permits.iter_mut().zip([&self.own, &self.of.all]) {
            // The semaphores are never closed.
            if let Ok(permit) = Arc::clone(from).acquire_many_owned(wanted).await {
                match held {
                    Some(held) => held.merge(permit),
                    None => *held = Some(permit),
                }
            }
        }
        self.kib += more;
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut holders = locked(&self.of.holders);
        self.permits = [None, None];
        // The last one of this address: nobody else can come by it now.
        if Arc::strong_count(&self.own) == 1 {
            holders.remove(&self.holder);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::poll;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_holder_has_so_many_and_leaves_no_trace() {
        let shares = Shares::new(2);
        let first = shares.take("a").unwrap();
        let second = shares.take("a").unwrap();
        assert!(shares.take("a").is_none());
        assert!(shares.take("b").is_some(), "each for itself");
        drop(first);
        assert!(shares.take("a").is_some());
        drop(second);
        assert!(locked(&shares.held).is_empty());
    }

    #[test]
    fn whoever_has_an_ipv6_network_is_one_holder() {
        let of = |text| holder(ip(text));
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_eq!(of("::ffff:192.0.2.1"), ip("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[tokio::test]
    async fn who_has_used_its_memory_up_waits_and_nobody_else() {
        let memory = Memory::new(4 * KIB, 2 * KIB);
        let mut greedy = memory.of(ip("192.0.2.1"));
        greedy.grow_to(KIB + 1).await;
        assert_eq!(memory.free(), 2 * KIB);
        // What it has counts.
        greedy.grow_to(2 * KIB).await;
        assert_eq!(memory.free(), 2 * KIB);
        let mut more = memory.of(ip("192.0.2.1"));
        let mut waits = Box::pin(more.grow_to(1));
        assert!(poll!(waits.as_mut()).is_pending());
        let mut other = memory.of(ip("192.0.2.2"));
        other.grow_to(2 * KIB).await;
        assert_eq!(memory.free(), 0);
        let mut third = memory.of(ip("192.0.2.3"));
        let mut waits_too = Box::pin(third.grow_to(1));
        assert!(poll!(waits_too.as_mut()).is_pending());
        drop(greedy);
        waits.await;
        waits_too.await;
        drop((more, other, third));
        assert_eq!(memory.free(), 4 * KIB);
        assert!(locked(&memory.holders).is_empty());
    }
}
