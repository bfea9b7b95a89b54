//! A zip around bytes, well-formed whatever they are: so that what lies in a zip gets past its
//! checksum. Nothing is packed.

use flate2::Crc;

/// A zip of one file.
pub fn zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut sum = Crc::new();
    sum.update(bytes);
    let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let length = u16::try_from(name.len()).unwrap_or(u16::MAX);
    // Version, flags, stored, time, date, checksum, sizes, lengths.
    let mut about = Vec::new();
    for short in [20_u16, 0x0800, 0, 0, 0x21] {
        about.extend(short.to_le_bytes());
    }
    for long in [sum.sum(), size, size] {
        about.extend(long.to_le_bytes());
    }
    about.extend(length.to_le_bytes());
    about.extend(0_u16.to_le_bytes());
    let mut out = [b"PK\x03\x04", &about[..], name.as_bytes(), bytes].concat();
    let start = u32::try_from(out.len()).unwrap_or(u32::MAX);
    // The list: who made it, the same, no comment, no disk, no attributes, at the start.
    out.extend([b"PK\x01\x02\x14\0", &about[..], &[0; 14], name.as_bytes()].concat());
    let list = u32::try_from(out.len()).unwrap_or(u32::MAX) - start;
    out.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend(list.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}
