//! Which precompressed form of a file a browser takes (RFC 9110 §12.5.3).

/// A compression the build may have applied ahead of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
}

impl Encoding {
    /// Smallest first.
    pub const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What the build appends to the file's name.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }
}

/// The encodings an `Accept-Encoding` allows, smallest first: what a browser
/// prefers among those it takes does not matter to it, the size does to us.
pub fn accepted(accept: &str) -> impl Iterator<Item = Encoding> {
    Encoding::ALL
        .into_iter()
        .filter(move |encoding| takes(accept, encoding.name()))
}

fn takes(accept: &str, name: &str) -> bool {
    let mut by_wildcard = false;
    for part in accept.split(',') {
        let mut parameters = part.split(';').map(str::trim);
        let coding = parameters.next().unwrap_or_default();
        let allowed = parameters
            .find_map(|parameter| parameter.strip_prefix("q="))
            .is_none_or(|q| q.trim().parse::<f32>().is_ok_and(|q| q > 0.0));
        if coding.eq_ignore_ascii_case(name) {
            return allowed;
        }
        if coding == "*" {
            by_wildcard = allowed;
        }
    }
    by_wildcard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_takes_is_chosen_smallest_first() {
        let both = [Encoding::Brotli, Encoding::Gzip].as_slice();
        for (accept, expected) in [
            ("gzip, deflate, br, zstd", both),
            ("gzip", &[Encoding::Gzip]),
            ("br;q=0, gzip;q=0.5", &[Encoding::Gzip]),
            ("BR", &[Encoding::Brotli]),
            ("*", both),
            ("br;q=0, *", &[Encoding::Gzip]),
            ("*;q=0", &[]),
            ("identity", &[]),
            ("", &[]),
            ("br; q=0.000, gzip; q=nonsense", &[]),
            ("brotli, x-gzip", &[]),
        ] {
            assert_eq!(accepted(accept).collect::<Vec<_>>(), expected, "{accept:?}");
        }
    }
}
