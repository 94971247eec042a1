//! The key file beside each data file: which records it holds, sorted, so that an import can ask.
//!
//! ```text
//! header  magic (8) | entries (8) | blocks (8)
//! index   per block: first key (16) | checksum of the block (8)
//!         checksum of header and index (8)
//! blocks  of up to 1,024 entries: key (16) | revision (8) | content (16) | position (4)
//! ```
//! Keys big-endian, so that bytes sort as numbers; the rest little-endian. Every byte is under a checksum, since a
//! flipped bit in a key would let a record in twice.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::durable;
use crate::error::{Doing, LakeError};
use crate::hash::Fingerprint;
use crate::number::{count, length};

const MAGIC: &[u8; 8] = b"DMKEYS1\n";
const HEADER: usize = 24;
const INDEX_ENTRY: usize = 24;
const ENTRY: usize = 44;
const BLOCK: usize = 1024;

/// One record of a data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyEntry {
    pub print: Fingerprint,
    /// Row in the data file, from 0.
    pub position: u32,
}

/// Sorts the entries and writes them; returns the file's size.
pub(crate) fn write(file: File, path: &Path, entries: &mut [KeyEntry]) -> Result<u64, LakeError> {
    entries.sort_unstable_by_key(|e| (e.print.key, e.position));
    let mut head = Vec::with_capacity(HEADER + entries.len() / BLOCK * INDEX_ENTRY);
    head.extend_from_slice(MAGIC);
    head.extend_from_slice(&count(entries.len()).to_le_bytes());
    head.extend_from_slice(&count(entries.len().div_ceil(BLOCK)).to_le_bytes());
    let mut bytes = Vec::with_capacity(BLOCK * ENTRY);
    for block in entries.chunks(BLOCK) {
        encode(block, &mut bytes);
        head.extend_from_slice(&block.first().map_or(0, |e| e.print.key).to_be_bytes());
        head.extend_from_slice(&xxh3_64(&bytes).to_le_bytes());
    }
    let checksum = xxh3_64(&head);
    head.extend_from_slice(&checksum.to_le_bytes());

    let doing = "write the key file";
    let mut out = BufWriter::new(file);
    out.write_all(&head).doing(doing, path)?;
    for block in entries.chunks(BLOCK) {
        encode(block, &mut bytes);
        out.write_all(&bytes).doing(doing, path)?;
    }
    let file = out.into_inner().map_err(|e| e.into_error()).doing(doing, path)?;
    durable::sync_file(&file, path)?;
    Ok(count(head.len() + entries.len() * ENTRY))
}

fn encode(block: &[KeyEntry], bytes: &mut Vec<u8>) {
    bytes.clear();
    for entry in block {
        bytes.extend_from_slice(&entry.print.key.to_be_bytes());
        bytes.extend_from_slice(&entry.print.revision.to_le_bytes());
        bytes.extend_from_slice(&entry.print.content.to_le_bytes());
        bytes.extend_from_slice(&entry.position.to_le_bytes());
    }
}

/// An open key file.
#[derive(Debug)]
pub(crate) struct KeyFile {
    path: PathBuf,
    file: File,
    entries: u64,
    /// First key and checksum of each block.
    index: Vec<(u128, u64)>,
    blocks_at: u64,
}

impl KeyFile {
    /// Opens it and checks header, index and size.
    pub(crate) fn open(path: &Path) -> Result<KeyFile, LakeError> {
        let doing = "read the key file";
        let mut file = File::open(path).doing(doing, path)?;
        let size = file.metadata().doing(doing, path)?.len();
        let mut head = vec![0; HEADER];
        read_exactly(&mut file, path, &mut head)?;
        let mut fields = Fields(&head);
        if fields.take::<8>() != Some(*MAGIC) {
            return Err(LakeError::damaged(path, "it does not begin like a key file"));
        }
        let entries = fields.u64();
        let blocks = fields.u64();
        let expected = blocks
            .checked_mul(count(INDEX_ENTRY))
            .and_then(|n| n.checked_add(count(HEADER) + 8))
            .and_then(|n| n.checked_add(entries.checked_mul(count(ENTRY))?));
        if blocks != entries.div_ceil(count(BLOCK)) || expected != Some(size) {
            return Err(LakeError::damaged(path, "its size does not fit its count of entries"));
        }
        let mut rest = vec![0; length(blocks) * INDEX_ENTRY];
        read_exactly(&mut file, path, &mut rest)?;
        let mut checksum = [0; 8];
        read_exactly(&mut file, path, &mut checksum)?;
        let mut hasher = Xxh3::new();
        hasher.update(&head);
        hasher.update(&rest);
        if hasher.digest() != u64::from_le_bytes(checksum) {
            return Err(LakeError::damaged(path, "the checksum of its index does not fit"));
        }
        let index = rest
            .chunks_exact(INDEX_ENTRY)
            .map(|bytes| {
                let mut fields = Fields(bytes);
                (fields.key(), fields.u64())
            })
            .collect();
        let blocks_at = count(HEADER + 8) + blocks * count(INDEX_ENTRY);
        Ok(KeyFile { path: path.to_owned(), file, entries, index, blocks_at })
    }

    /// Number of records.
    pub(crate) fn len(&self) -> u64 {
        self.entries
    }

    /// Number of blocks.
    pub(crate) fn blocks(&self) -> usize {
        self.index.len()
    }

    /// Key of the block's first entry.
    pub(crate) fn first_key(&self, block: usize) -> u128 {
        self.index.get(block).map_or(u128::MAX, |(key, _)| *key)
    }

    /// The entries of one block, after its checksum was compared.
    pub(crate) fn block(&mut self, block: usize) -> Result<Vec<KeyEntry>, LakeError> {
        let Some(&(_, checksum)) = self.index.get(block) else { return Ok(Vec::new()) };
        let start = block * BLOCK;
        let rows = length(self.entries).saturating_sub(start).min(BLOCK);
        let mut bytes = vec![0; rows * ENTRY];
        let at = self.blocks_at + count(start * ENTRY);
        self.file.seek(SeekFrom::Start(at)).doing("read the key file", &self.path)?;
        read_exactly(&mut self.file, &self.path, &mut bytes)?;
        if xxh3_64(&bytes) != checksum {
            return Err(LakeError::damaged(
                &self.path,
                format!("the checksum of block {block} does not fit"),
            ));
        }
        Ok(bytes
            .chunks_exact(ENTRY)
            .map(|bytes| {
                let mut fields = Fields(bytes);
                KeyEntry {
                    print: Fingerprint {
                        key: fields.key(),
                        revision: i64::from_le_bytes(fields.take().unwrap_or_default()),
                        content: u128::from_le_bytes(fields.take().unwrap_or_default()),
                    },
                    position: u32::from_le_bytes(fields.take().unwrap_or_default()),
                }
            })
            .collect())
    }

    /// Calls `found` with each entry whose key is among `wanted` (sorted, without repetition) and its place there.
    /// Only blocks that can hold one are read.
    pub(crate) fn find(
        &mut self,
        wanted: &[u128],
        mut found: impl FnMut(usize, KeyEntry),
    ) -> Result<(), LakeError> {
        for block in 0..self.blocks() {
            let first = self.first_key(block);
            // A key may go on into the next block, so its first key belongs to the range.
            let last = self.first_key(block + 1);
            let begin = wanted.partition_point(|k| *k < first);
            let end = wanted.partition_point(|k| *k <= last);
            let Some(range) = wanted.get(begin..end).filter(|r| !r.is_empty()) else { continue };
            let mut at = 0;
            for entry in self.block(block)? {
                while range.get(at).is_some_and(|k| *k < entry.print.key) {
                    at += 1;
                }
                match range.get(at) {
                    Some(key) if *key == entry.print.key => found(begin + at, entry),
                    Some(_) => {}
                    None => break,
                }
            }
        }
        Ok(())
    }

    /// The entries with keys from `from` up to and including `to`.
    pub(crate) fn range(&mut self, from: u128, to: u128) -> Result<Vec<KeyEntry>, LakeError> {
        let mut entries = Vec::new();
        for block in 0..self.blocks() {
            if self.first_key(block) <= to && self.first_key(block + 1) >= from {
                entries.extend(self.block(block)?.into_iter().filter(|e| (from..=to).contains(&e.print.key)));
            }
        }
        Ok(entries)
    }
}

fn read_exactly(file: &mut File, path: &Path, bytes: &mut [u8]) -> Result<(), LakeError> {
    match file.read_exact(bytes) {
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(LakeError::damaged(path, "it ends too early"))
        }
        other => other.doing("read the key file", path),
    }
}

/// Takes fixed-size fields from the front of some bytes.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take().unwrap_or_default())
    }

    fn key(&mut self) -> u128 {
        u128::from_be_bytes(self.take().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn entry(key: u128, position: u32) -> KeyEntry {
        KeyEntry { print: Fingerprint { key, revision: -7, content: key ^ 1 }, position }
    }

    fn written(keys: &[u128]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.keys");
        let mut entries: Vec<KeyEntry> =
            keys.iter().enumerate().map(|(i, k)| entry(*k, u32::try_from(i).unwrap())).collect();
        let size = write(File::create(&path).unwrap(), &path, &mut entries).unwrap();
        assert_eq!(size, std::fs::metadata(&path).unwrap().len());
        (folder, path)
    }

    #[test]
    fn an_empty_key_file_is_a_key_file() {
        let (_folder, path) = written(&[]);
        let mut file = KeyFile::open(&path).unwrap();
        assert_eq!(file.len(), 0);
        file.find(&[1, 2], |_, _| panic!("nothing is there")).unwrap();
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let keys: Vec<u128> = (0..1500).map(|i| i * 977).collect();
        let (_folder, path) = written(&keys);
        let whole = std::fs::read(&path).unwrap();
        let read_all = |path: &Path| -> Result<(), LakeError> {
            let mut file = KeyFile::open(path)?;
            (0..file.blocks()).try_for_each(|b| file.block(b).map(drop))
        };
        read_all(&path).unwrap();
        for at in (0..whole.len()).step_by(211) {
            let mut bytes = whole.clone();
            bytes[at] ^= 16;
            std::fs::write(&path, &bytes).unwrap();
            assert!(read_all(&path).is_err(), "byte {at}");
        }
        for cut in [0, 7, 23, 24, 60, whole.len() - 1] {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert!(read_all(&path).is_err(), "cut at {cut}");
        }
    }

    proptest! {
        #[test]
        fn a_search_finds_exactly_what_is_there(
            keys in prop::collection::vec(0u128..4000, 0..3000),
            wanted in prop::collection::btree_set(0u128..4000, 0..50),
        ) {
            let (_folder, path) = written(&keys);
            let mut file = KeyFile::open(&path).unwrap();
            let list: Vec<u128> = wanted.iter().copied().collect();
            let mut found = BTreeSet::new();
            file.find(&list, |i, e| {
                assert_eq!(list[i], e.print.key);
                assert_eq!(keys[e.position as usize], e.print.key);
                found.insert(e.position);
            }).unwrap();
            let expected: BTreeSet<u32> = (0..).zip(&keys).filter(|(_, k)| wanted.contains(k)).map(|(i, _)| i).collect();
            prop_assert_eq!(found, expected);
            let inside = keys.iter().filter(|k| (1000..=2000).contains(*k)).count();
            prop_assert_eq!(file.range(1000, 2000).unwrap().len(), inside);
        }
    }
}
