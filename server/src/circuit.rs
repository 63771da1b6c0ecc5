//! Whether it is worth asking somebody outside who may be away.

/// So many failures in a row, and nothing is asked for so long (ms).
const FAILURES: u32 = 5;
const LEFT_ALONE_MS: i64 = 60_000;

/// Whether it is worth asking. Pure: time comes in.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Circuit {
    failures: u32,
    /// Nothing is asked until then (Unix ms).
    open_until: i64,
}

impl Circuit {
    /// It failed, and says or does not say for how long it will (ms).
    pub(crate) fn failed(&mut self, now: i64, after_ms: Option<i64>) {
        self.failures += 1;
        let left_alone = (self.failures >= FAILURES).then_some(LEFT_ALONE_MS);
        if let Some(pause) = after_ms.or(left_alone) {
            self.open_until = now.saturating_add(pause);
            self.failures = 0;
        }
    }

    /// Until when nothing is asked (Unix ms); nothing where it is worth it.
    pub(crate) fn open_until(&self, now: i64) -> Option<i64> {
        Some(self.open_until).filter(|until| *until > now)
    }

    /// How often it failed in a row.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_again_and_again_is_left_alone_for_a_while() {
        let mut circuit = Circuit::default();
        for _ in 0..FAILURES - 1 {
            circuit.failed(1_000, None);
        }
        assert_eq!((circuit.open_until(1_000), circuit.failures()), (None, 4));
        circuit.failed(1_000, None);
        let until = 1_000 + LEFT_ALONE_MS;
        assert_eq!(circuit.open_until(1_000), Some(until));
        assert_eq!(circuit.open_until(until), None);
        // Who says when is not asked before.
        let mut limited = Circuit::default();
        limited.failed(1_000, Some(7_000));
        assert_eq!(limited.open_until(1_000), Some(8_000));
    }
}
