//! What is made of the frames of Retell's monitor, up to those who read along.

use retell::models::MonitorMessage;
use serde_json::Value;

use super::convert;
use super::log::{Audience, CallLog, Reader};

/// Frames, a line each; a reader resumes with the first line.
pub fn monitor(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut log = CallLog::new(1);
    for line in text.lines() {
        match lenient::from_slice(line.as_bytes()) {
            Ok(
                MonitorMessage::TranscriptSnapshot(told) | MonitorMessage::TranscriptUpdated(told),
            ) => {
                log.apply(&convert::items(told));
            }
            Ok(MonitorMessage::CallEnded(told)) => {
                let reason = told.disconnection_reason.map(|reason| reason.to_string());
                log.end(reason);
            }
            Ok(MonitorMessage::Other(_)) | Err(_) => {}
        }
    }
    let first = text.lines().next();
    for audience in [Audience::Visitor, Audience::Staff] {
        let mut reader = Reader::new(audience, first, &log);
        while let Some(frame) = reader.next(&log) {
            let is_json = serde_json::from_str::<Value>(&frame.data).is_ok();
            assert!(is_json && !frame.data.contains('\n'), "{}", frame.data);
        }
    }
}
