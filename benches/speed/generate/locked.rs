//! WhatsApp's locked backups (`crypt15`): the databases, packed and sealed, with the key beside them.

use std::fs;
use std::io::Write;
use std::path::Path;

use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce};
use anyhow::{Context, Result, anyhow};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::database::{field, number};
use super::msgstore;
use super::thread::Thread;
use super::words::Words;

/// The root key, the person's own.
const ROOT: [u8; 32] = [0x5a; 32];
const NONCE: [u8; 16] = *b"nonce of sixteen";
/// How Java writes bytes into a file.
const JAVA: &[u8] =
    b"\xac\xed\x00\x05ur\x00\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0\x02\x00\x00xp\0\0\0\x20";
/// What stands behind the sealed bytes, and nobody needs.
const DIGEST: [u8; 16] = [0xdd; 16];

/// Writes both databases, locked.
pub fn write(folder: &Path, threads: &[Thread], seed: u64, words: &Words) -> Result<()> {
    let open = tempfile::tempdir()?;
    msgstore::write(open.path(), threads, seed, words)?;
    for (below, name) in [("Databases", "msgstore.db"), ("Backups", "wa.db")] {
        let place = folder.join(below);
        fs::create_dir_all(&place)?;
        let sealed = sealed(&fs::read(open.path().join(name))?)?;
        fs::write(place.join(format!("{name}.crypt15")), sealed)?;
    }
    fs::write(folder.join("encrypted_backup.key"), [JAVA, &ROOT[..]].concat())?;
    Ok(())
}

/// The cipher of backups under our key.
fn cipher() -> Result<AesGcm<Aes256, U16>> {
    let step = |key: &[u8], told: &[u8]| -> Result<[u8; 32]> {
        let mut mac =
            <Hmac<Sha256> as Mac>::new_from_slice(key).map_err(|e| anyhow!("the key: {e}"))?;
        mac.update(told);
        Ok(mac.finalize().into_bytes().into())
    };
    let key = step(&step(&[0; 32], &ROOT)?, b"backup encryption\x01")?;
    Ok(AesGcm::new(&key.into()))
}

fn sealed(content: &[u8]) -> Result<Vec<u8>> {
    let mut packing = ZlibEncoder::new(Vec::new(), Compression::fast());
    packing.write_all(content)?;
    let packed = packing.finish()?;
    let told = [number(1, 1), field(3, &field(1, &NONCE)), number(6, 3)].concat();
    let mut out = vec![u8::try_from(told.len())?];
    out.extend(told);
    let nonce = Nonce::<U16>::from(NONCE);
    out.extend(cipher()?.encrypt(&nonce, &packed[..]).map_err(|e| anyhow!("sealing: {e}"))?);
    out.extend(DIGEST);
    Ok(out)
}

/// What is in a backup that was sealed here, still packed.
pub fn opened(backup: &[u8]) -> Result<Vec<u8>> {
    let head = usize::from(*backup.first().context("empty")?) + 1;
    let end = backup.len().saturating_sub(DIGEST.len());
    let sealed = backup.get(head..end).context("too short")?;
    let nonce = Nonce::<U16>::from(NONCE);
    cipher()?.decrypt(&nonce, sealed).map_err(|e| anyhow!("opening: {e}"))
}
