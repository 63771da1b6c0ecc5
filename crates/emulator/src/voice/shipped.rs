//! The lines that come with the emulator, recorded: `audio/<language>/<hash>.opus`,
//! Ogg Opus files of 20 ms packets.

use std::io::{Cursor, Write};

use bytes::Bytes;
use ogg::{PacketReader, PacketWriteEndInfo, PacketWriter};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::{Speech, synthesize};

#[derive(RustEmbed)]
#[folder = "audio/"]
struct Files;

/// Where the recording of a line is, below `audio/`. The name is a hash of
/// language and text, so that a changed line is never spoken by an old file.
#[must_use]
pub fn file_name(text: &str, language: &str) -> String {
    let digest = Sha256::new()
        .chain_update(language)
        .chain_update("\n")
        .chain_update(text)
        .finalize();
    format!("{language}/{}.opus", hex::encode(&digest[..8]))
}

/// The recording of a line, if it is shipped.
pub(super) fn load(text: &str, language: &str) -> Option<Speech> {
    let file = Files::get(&file_name(text, language))?;
    let packets = read(&file.data)?;
    Some(Speech::new(text, packets))
}

/// Records a line for shipping, with `espeak-ng`; `None` when that is not
/// installed.
#[must_use]
pub fn ship(text: &str, language: &str) -> Option<Vec<u8>> {
    let packets = synthesize(text, language)?;
    write(&packets).ok()
}

/// Samples at Opus' own clock in one packet, and those before the sound begins.
const PER_PACKET: u64 = 960;
const PRE_SKIP: u16 = 312;

fn read(file: &[u8]) -> Option<Vec<Bytes>> {
    let mut reader = PacketReader::new(Cursor::new(file));
    let head = reader.read_packet().ok()??;
    if !head.data.starts_with(b"OpusHead") {
        return None;
    }
    reader.read_packet().ok()??;
    let mut packets = Vec::new();
    while let Some(packet) = reader.read_packet().ok()? {
        packets.push(Bytes::from(packet.data));
    }
    Some(packets)
}

fn write(packets: &[Bytes]) -> std::io::Result<Vec<u8>> {
    const SERIAL: u32 = 1;
    let mut file = Vec::new();
    let mut writer = PacketWriter::new(&mut file);
    writer.write_packet(opus_head()?, SERIAL, PacketWriteEndInfo::EndPage, 0)?;
    let mut tags = b"OpusTags".to_vec();
    tags.extend([0; 8]);
    writer.write_packet(tags, SERIAL, PacketWriteEndInfo::EndPage, 0)?;
    for (n, packet) in packets.iter().enumerate() {
        let position = (n as u64 + 1) * PER_PACKET;
        let end = if n + 1 == packets.len() {
            PacketWriteEndInfo::EndStream
        } else {
            PacketWriteEndInfo::NormalPacket
        };
        writer.write_packet(packet.to_vec(), SERIAL, end, position)?;
    }
    drop(writer);
    Ok(file)
}

/// The identification header of RFC 7845 §5.1: mono, 48 kHz.
fn opus_head() -> std::io::Result<Vec<u8>> {
    let mut head = b"OpusHead".to_vec();
    head.write_all(&[1, 1])?;
    head.write_all(&PRE_SKIP.to_le_bytes())?;
    head.write_all(&48_000_u32.to_le_bytes())?;
    head.write_all(&[0, 0, 0])?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let packets: Vec<Bytes> = (1..120u8)
            .map(|n| Bytes::from(vec![n; usize::from(n)]))
            .collect();
        let file = write(&packets).unwrap();
        assert_eq!(read(&file).unwrap(), packets);
    }

    #[test]
    fn a_name_depends_on_language_and_text() {
        let name = file_name("Hello.", "en-US");
        assert!(
            name.starts_with("en-US/") && name.ends_with(".opus"),
            "{name}"
        );
        assert_eq!(name, file_name("Hello.", "en-US"));
        assert_ne!(name, file_name("Hello!", "en-US"));
        assert_ne!(name, file_name("Hello.", "en-GB"));
    }

    #[test]
    fn every_shipped_file_is_speech() {
        for name in Files::iter() {
            let packets = read(&Files::get(&name).unwrap().data).unwrap();
            let speech = Speech::new("", packets);
            let loudest = (0..speech.packets.len())
                .filter_map(|n| speech.frame(n))
                .map(|frame| frame.dbov)
                .max();
            assert!(
                loudest > Some(-30),
                "{name} is {loudest:?} dBov at its loudest"
            );
            assert!(
                speech.duration_ms > 200,
                "{name} is {} ms",
                speech.duration_ms
            );
        }
    }

    #[test]
    fn every_line_of_a_shipped_scenario_is_shipped() {
        let library = crate::scenario::Library::embedded().unwrap();
        for scenario in library.iter() {
            for line in scenario.agent_lines() {
                let shipped = Files::get(&file_name(&line, &scenario.language)).is_some();
                assert!(
                    shipped,
                    "`cargo run -p emulator --example ship_audio` for {line:?}"
                );
            }
        }
    }

    #[test]
    fn a_file_that_is_not_opus_is_refused() {
        assert_eq!(read(b""), None);
        assert_eq!(
            read(b"OggS nonsense that is long enough to look like a page"),
            None
        );
    }
}
