//! The request signature (protocol A5).

use proptest::prelude::*;
use retell::signature::{SignatureError, TOLERANCE_MS, check_header, sign, verify};

const BODY: &[u8] = br#"{"event":"call_ended"}"#;
const KEY: &str = "test-api-key";
const NOW: u64 = 1_700_000_000_000;

/// Computed with the official Python SDK's `sign` (6.2.13) and with OpenSSL.
const GOLDEN: &str =
    "v=1700000000000,d=07024cabe7dd8f6d1c6e4a8324ca92c812e6ad4a7ee506c04f7e462e3321823e";

#[test]
fn the_golden_vector_holds() {
    assert_eq!(sign(BODY, KEY, NOW), GOLDEN);
    assert_eq!(verify(BODY, KEY, GOLDEN, NOW), Ok(()));
}

#[test]
fn five_minutes_either_way_are_fresh_and_one_more_millisecond_is_not() {
    let header = sign(BODY, KEY, NOW);
    for skewed in [NOW - TOLERANCE_MS, NOW + TOLERANCE_MS] {
        assert_eq!(verify(BODY, KEY, &header, skewed), Ok(()));
    }
    for skewed in [NOW - TOLERANCE_MS - 1, NOW + TOLERANCE_MS + 1, 0, u64::MAX] {
        assert_eq!(verify(BODY, KEY, &header, skewed), Err(stale(skewed)));
    }
}

/// A signature of `NOW` at another time.
fn stale(now: u64) -> SignatureError {
    let ms = |ms| i64::try_from(ms).unwrap_or(i64::MAX);
    SignatureError::Stale {
        ahead_ms: ms(NOW) - ms(now),
    }
}

#[test]
fn a_header_that_was_tidied_on_its_way_is_as_good() {
    let good = sign(BODY, KEY, NOW);
    let (version, digest) = good.split_once(',').unwrap();
    for header in [
        format!("{digest},{version}"),
        format!("{version}, {digest}"),
        format!(" {version} ,\t{digest} "),
        good.to_uppercase(),
        format!("{version},d={}", digest[2..].to_uppercase()),
    ] {
        assert_eq!(verify(BODY, KEY, &header, NOW), Ok(()), "{header}");
        assert_eq!(check_header(&header, NOW), Ok(NOW), "{header}");
    }
}

#[test]
fn a_time_in_seconds_is_read_as_one() {
    let header = sign(BODY, KEY, NOW / 1000);
    assert_eq!(verify(BODY, KEY, &header, NOW), Ok(()));
    assert_eq!(check_header(&header, NOW), Ok(NOW));
    let late = NOW + TOLERANCE_MS + 1;
    assert_eq!(verify(BODY, KEY, &header, late), Err(stale(late)));
}

#[test]
fn form_and_time_can_be_checked_without_the_body() {
    let of_anybody = sign(b"", "another-key", NOW);
    assert_eq!(check_header(&of_anybody, NOW + TOLERANCE_MS), Ok(NOW));
    assert_eq!(
        check_header(&of_anybody, NOW + TOLERANCE_MS + 1),
        Err(stale(NOW + TOLERANCE_MS + 1))
    );
    assert_eq!(check_header("", NOW), Err(SignatureError::Missing));
    assert_eq!(
        check_header("v=1700000000000,d=00", NOW),
        Err(SignatureError::Malformed)
    );
}

#[test]
fn what_is_not_a_signature_is_told_apart() {
    assert_eq!(verify(BODY, KEY, "", NOW), Err(SignatureError::Missing));
    let good = sign(BODY, KEY, NOW);
    let (version, digest) = good.split_once(',').unwrap();
    let malformed = [
        "nonsense".to_owned(),
        version.to_owned(),
        digest.to_owned(),
        format!("{good},{version}"),
        format!("{good},{digest}"),
        format!("{good},"),
        format!("{good},x=1"),
        format!("{good}00"),
        good[..good.len() - 1].to_owned(),
        good[..good.len() - 2].to_owned(),
        format!("v=,{digest}"),
        format!("v=-1,{digest}"),
        format!("v=+1700000000000,{digest}"),
        format!("v=1700000000000.0,{digest}"),
        format!("v=99999999999999999999999,{digest}"),
        format!("t=1700000000000,v1={}", &digest[2..]),
    ];
    for header in malformed {
        assert_eq!(
            verify(BODY, KEY, &header, NOW),
            Err(SignatureError::Malformed),
            "{header}"
        );
    }
}

#[test]
fn an_empty_body_is_signed_too() {
    let header = sign(b"", KEY, NOW);
    assert_eq!(verify(b"", KEY, &header, NOW), Ok(()));
    assert_eq!(
        verify(b" ", KEY, &header, NOW),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn a_forged_signature_is_a_mismatch_however_old() {
    let header = sign(BODY, "another-key", NOW);
    assert_eq!(
        verify(BODY, KEY, &header, NOW),
        Err(SignatureError::Mismatch)
    );
    assert_eq!(
        verify(BODY, KEY, &header, NOW * 2),
        Err(SignatureError::Mismatch)
    );
}

proptest! {
    #[test]
    fn whatever_is_signed_verifies(
        body in proptest::collection::vec(any::<u8>(), 0..300),
        key in ".{0,200}",
        signed_ms in 10_000_000_000..u64::MAX,
        skew in 0..=TOLERANCE_MS,
    ) {
        let header = sign(&body, &key, signed_ms);
        prop_assert_eq!(verify(&body, &key, &header, signed_ms.saturating_add(skew)), Ok(()));
        prop_assert_eq!(verify(&body, &key, &header, signed_ms.saturating_sub(skew)), Ok(()));
    }

    #[test]
    fn another_byte_anywhere_in_the_body_fails(
        body in proptest::collection::vec(any::<u8>(), 1..200),
        at in any::<prop::sample::Index>(),
        flip in 1..=255_u8,
    ) {
        let header = sign(&body, KEY, NOW);
        let mut tampered = body;
        let at = at.index(tampered.len());
        tampered[at] ^= flip;
        prop_assert_eq!(verify(&tampered, KEY, &header, NOW), Err(SignatureError::Mismatch));
    }

    #[test]
    fn another_byte_anywhere_in_the_header_fails(
        at in any::<prop::sample::Index>(), other in 0..128_u8,
    ) {
        let header = sign(BODY, KEY, NOW);
        let mut tampered = header.into_bytes();
        let at = at.index(tampered.len());
        prop_assume!(!tampered[at].eq_ignore_ascii_case(&other));
        tampered[at] = other;
        let tampered = String::from_utf8(tampered).unwrap();
        prop_assert!(verify(BODY, KEY, &tampered, NOW).is_err());
    }

    #[test]
    fn no_header_makes_it_panic(header in ".*", now in any::<u64>()) {
        prop_assert!(verify(BODY, KEY, &header, now).is_err());
    }
}
