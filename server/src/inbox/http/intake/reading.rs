//! Reading a webhook's body: anybody may send one, and nobody has proven anything
//! before it was read to its end.

use std::io::Read;
use std::net::IpAddr;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use flate2::read::MultiGzDecoder;
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::inbox::{Context, check_header};
use crate::shares::Held;
use crate::web::json::body_broken;
use crate::web::pace::{Pace, paced};
use crate::web::problem::{
    ApiError, body_invalid, body_too_large, coding_unsupported, server_busy,
};

/// Retell names no limit. A two-hour call with a time for every word, in three
/// forms, measures about 3 MB; 8 MiB leaves room and still bounds memory.
const WEBHOOK_BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Beyond this a body is read only under a signature that may be genuine, and
/// only as far as there is memory for it.
const SMALL_BODY: usize = 16 * 1024;

/// So much is unpacked at once.
const PART: usize = 64 * 1024;

/// A body, as far as it was read.
pub(crate) struct Reading<'a> {
    /// What came, unpacked.
    pub(crate) bytes: Vec<u8>,
    cx: &'a Context,
    signature: Option<&'a str>,
    /// Goes back once the body is out of memory.
    memory: Held<'a>,
}

impl<'a> Reading<'a> {
    /// Nothing yet.
    pub(crate) fn new(cx: &'a Context, ip: IpAddr, signature: Option<&'a str>) -> Self {
        Self {
            bytes: Vec::new(),
            cx,
            signature,
            memory: cx.inbox.memory.of(ip),
        }
    }

    /// Reads the body to its end. What its header declares is refused before any
    /// of it is read, what it turns out to be as soon as it does. A relay may have
    /// packed it: the signature is of the plain bytes.
    pub(crate) async fn read(mut self, headers: &HeaderMap, body: Body) -> Result<Self, ApiError> {
        let is_packed = is_packed(headers)?;
        let declared = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse().ok());
        self.may_be(declared.unwrap_or(0))?;
        let settings = &self.cx.config.webhooks;
        let pace = Pace {
            pause: settings.body_pause,
            whole: settings.body_timeout,
        };
        let mut chunks = paced(body, pace).into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| body_broken(&error))?;
            self.grow_by(chunk.len(), 0).await?;
            self.bytes.extend_from_slice(&chunk);
        }
        if is_packed {
            self.unpack().await?;
        }
        Ok(self)
    }

    /// Whether the body may have this size (bytes).
    fn may_be(&self, size: usize) -> Result<(), ApiError> {
        if size > SMALL_BODY {
            check_header(self.signature).inspect_err(
                |refusal| tracing::warn!(reason = %refusal, "large webhook refused"),
            )?;
        }
        if size > WEBHOOK_BODY_LIMIT {
            return Err(body_too_large(WEBHOOK_BODY_LIMIT));
        }
        Ok(())
    }

    /// Waits until so many more bytes may be held, `besides` what is held already.
    async fn grow_by(&mut self, more: usize, besides: usize) -> Result<(), ApiError> {
        let size = self.bytes.len().saturating_add(more);
        self.may_be(size)?;
        let held = size.saturating_add(besides);
        if held > SMALL_BODY {
            let patience = self.cx.config.webhooks.body_timeout;
            let grown = timeout(patience, self.memory.grow_to(held)).await;
            grown.map_err(|_| server_busy())?;
        }
        Ok(())
    }

    async fn unpack(&mut self) -> Result<(), ApiError> {
        let packed = std::mem::take(&mut self.bytes);
        let mut unpacking = MultiGzDecoder::new(packed.as_slice());
        loop {
            let mut part = unpacking.by_ref().take(PART as u64);
            match part.read_to_end(&mut self.bytes) {
                Ok(0) => return Ok(()),
                Ok(_) => self.grow_by(0, packed.len()).await?,
                Err(_) => return Err(body_invalid("The body is not gzip, as its header says.")),
            }
        }
    }
}

/// Whether the body is gzip. A relay may say so, or that it did nothing.
fn is_packed(headers: &HeaderMap) -> Result<bool, ApiError> {
    let mut is_packed = false;
    for value in headers.get_all(header::CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes());
        for coding in value.split(',').map(str::trim) {
            match coding.to_ascii_lowercase().as_str() {
                "" | "identity" => {}
                "gzip" | "x-gzip" if !is_packed => is_packed = true,
                _ => return Err(coding_unsupported(&value)),
            }
        }
    }
    Ok(is_packed)
}
