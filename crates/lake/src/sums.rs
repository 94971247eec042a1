//! Checksums of a data file, block by block, so that whoever reads a part of it can tell whether it is what was written.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Doing, LakeError};
use crate::number::{count, length};

/// Bytes of a block: small enough that reading one column reads little else, large enough that a file of 100 MB has
/// 12 kB of checksums.
const BLOCK: u64 = 64 << 10;

/// Size of a file and XXH3 of each of its blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    size: u64,
    blocks: Vec<u64>,
}

impl Sums {
    /// Of a file as it is now.
    pub(crate) fn of(path: &Path) -> Result<Sums, LakeError> {
        let doing = "read the data file";
        let mut file = File::open(path).doing(doing, path)?;
        let mut sums = Sums { size: 0, blocks: Vec::new() };
        let mut bytes = Vec::with_capacity(length(BLOCK));
        loop {
            bytes.clear();
            let read = file.by_ref().take(BLOCK).read_to_end(&mut bytes).doing(doing, path)?;
            if read == 0 {
                return Ok(sums);
            }
            sums.size += count(read);
            sums.blocks.push(xxh3_64(&bytes));
        }
    }

    /// As the catalogue keeps them: eight bytes a block, little-endian. Fewer than the file has blocks fit no file.
    pub(crate) fn kept(size: u64, bytes: &[u8]) -> Sums {
        let (blocks, _) = bytes.as_chunks::<8>();
        Sums { size, blocks: blocks.iter().map(|block| u64::from_le_bytes(*block)).collect() }
    }

    /// The checksums as the catalogue keeps them.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.blocks.iter().flat_map(|block| block.to_le_bytes()).collect()
    }

    /// Compares the size of the file with what was written.
    pub fn check_size(&self, path: &Path, size: u64) -> Result<(), LakeError> {
        if size == self.size {
            return Ok(());
        }
        let what = format!("it has {size} bytes and the catalogue says {}", self.size);
        Err(LakeError::damaged(path, what))
    }

    /// The bytes of all blocks that `range` touches; what reaches over the end of the file is left out.
    pub fn blocks_around(&self, range: &Range<u64>) -> Range<u64> {
        let start = range.start / BLOCK * BLOCK;
        start..range.end.div_ceil(BLOCK).saturating_mul(BLOCK).min(self.size).max(start)
    }

    /// Compares whole blocks of the file at `path` with what was written. `from` is where `bytes` begin in it, which is
    /// the beginning of a block.
    pub fn check(&self, path: &Path, from: u64, bytes: &[u8]) -> Result<(), LakeError> {
        let damaged = |at: u64, end: u64| {
            Err(LakeError::damaged(path, format!("its bytes {at} to {end} are not those that were written")))
        };
        let mut at = from;
        for block in bytes.chunks(length(BLOCK)) {
            let end = at.saturating_add(count(block.len()));
            let is_whole = at.is_multiple_of(BLOCK) && (end.is_multiple_of(BLOCK) || end == self.size);
            let known = self.blocks.get(length(at / BLOCK));
            if !is_whole || known != Some(&xxh3_64(block)) {
                return damaged(at, end);
            }
            at = end;
        }
        Ok(())
    }

    /// Compares a whole file with what was written.
    pub(crate) fn check_file(&self, path: &Path) -> Result<(), LakeError> {
        if Sums::of(path)? == *self {
            return Ok(());
        }
        Err(LakeError::damaged(path, "its bytes are not those that were written"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 3 * 65_536 + 100;

    fn file() -> (tempfile::NamedTempFile, Vec<u8>) {
        let bytes: Vec<u8> = (0..SIZE).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        (file, bytes)
    }

    #[test]
    fn a_turned_bit_is_named_with_its_block_and_the_other_blocks_are_sound() {
        let (file, mut bytes) = file();
        let sums = Sums::of(file.path()).unwrap();
        assert_eq!(Sums::kept(count(SIZE), &sums.to_bytes()), sums);
        sums.check(file.path(), 0, &bytes).unwrap();
        sums.check(file.path(), 65_536, &bytes[65_536..]).unwrap();
        bytes[70_000] ^= 4;
        let error = sums.check(file.path(), 0, &bytes).unwrap_err().to_string();
        assert!(error.contains("its bytes 65536 to 131072"), "{error}");
        sums.check(file.path(), 131_072, &bytes[131_072..]).unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        assert!(sums.check_file(file.path()).is_err());
    }

    #[test]
    fn the_blocks_around_a_range_end_with_the_file() {
        let (file, bytes) = file();
        let sums = Sums::of(file.path()).unwrap();
        assert_eq!(sums.blocks_around(&(0..1)), 0..65_536);
        assert_eq!(sums.blocks_around(&(65_535..65_537)), 0..131_072);
        let size = count(bytes.len());
        assert_eq!(sums.blocks_around(&(size - 1..size)), 196_608..size);
        assert_eq!(sums.blocks_around(&(size + 70_000..size + 70_001)), 262_144..262_144);
    }

    #[test]
    fn a_part_of_a_block_and_a_file_that_is_longer_or_shorter_are_not_what_was_written() {
        let (file, bytes) = file();
        let sums = Sums::of(file.path()).unwrap();
        assert!(sums.check(file.path(), 0, &bytes[..100]).is_err());
        assert!(sums.check(file.path(), 100, &bytes[100..]).is_err());
        assert!(sums.check(file.path(), 262_144, &bytes[..1]).is_err());
        assert!(sums.check_size(file.path(), count(SIZE) - 1).is_err());
        assert!(Sums::kept(count(SIZE), &[]).check(file.path(), 0, &bytes).is_err());
        std::fs::write(file.path(), &bytes[..65_536]).unwrap();
        assert!(sums.check_file(file.path()).is_err());
    }
}
