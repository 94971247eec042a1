//! Bytes on disk in buckets: what an import keeps aside until its fate is decided.
//!
//! One file, written in chunks in whatever order they come; each chunk belongs to a bucket. It needs no flush to
//! disk, since it is thrown away in the end.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Cursor, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Computing, Doing, LakeError};
use crate::number::{count, length};

/// Chunks of bytes by bucket.
#[derive(Debug)]
pub(crate) struct Spill<B: Ord + Copy> {
    path: PathBuf,
    file: File,
    end: u64,
    chunks: BTreeMap<B, Vec<(u64, u64)>>,
}

impl<B: Ord + Copy> Spill<B> {
    pub(crate) fn create(path: PathBuf) -> Result<Spill<B>, LakeError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .doing("create the staging file", &path)?;
        Ok(Spill { path, file, end: 0, chunks: BTreeMap::new() })
    }

    pub(crate) fn append(&mut self, bucket: B, bytes: &[u8]) -> Result<(), LakeError> {
        // A read may have moved the cursor.
        self.file.seek(SeekFrom::Start(self.end)).doing("write the staging file", &self.path)?;
        self.file.write_all(bytes).doing("write the staging file", &self.path)?;
        self.chunks.entry(bucket).or_default().push((self.end, count(bytes.len())));
        self.end += count(bytes.len());
        Ok(())
    }

    /// Buckets that hold something, in order.
    pub(crate) fn buckets(&self) -> Vec<B> {
        self.chunks.keys().copied().collect()
    }

    /// Bytes in a bucket.
    pub(crate) fn bucket_bytes(&self, bucket: B) -> u64 {
        self.chunks.get(&bucket).map_or(0, |chunks| chunks.iter().map(|(_, bytes)| bytes).sum())
    }

    /// The chunks of a bucket in the order in which they were written, one at a time in memory.
    pub(crate) fn read(&self, bucket: B) -> impl Iterator<Item = Result<Vec<u8>, LakeError>> + '_ {
        let chunks = self.chunks.get(&bucket).map_or(&[][..], Vec::as_slice);
        chunks.iter().map(|&(start, bytes)| {
            let mut file = &self.file;
            let mut buffer = vec![0; length(bytes)];
            file.seek(SeekFrom::Start(start)).doing("read the staging file", &self.path)?;
            file.read_exact(&mut buffer).doing("read the staging file", &self.path)?;
            Ok(buffer)
        })
    }
}

/// A batch as bytes: an Arrow IPC stream, which carries its own schema.
pub(crate) fn encode(batch: &RecordBatch) -> Result<Vec<u8>, LakeError> {
    let mut writer =
        StreamWriter::try_new(Vec::new(), batch.schema_ref()).computing("encode rows for the disk")?;
    writer.write(batch).computing("encode rows for the disk")?;
    writer.into_inner().computing("encode rows for the disk")
}

/// The batches of [`encode`]d bytes.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<Vec<RecordBatch>, LakeError> {
    let reader = StreamReader::try_new(Cursor::new(bytes), None).computing("decode rows from the disk")?;
    reader.collect::<Result<Vec<_>, _>>().computing("decode rows from the disk")
}

/// Values kept aside one after the other, as lines of JSON.
#[derive(Debug)]
pub(crate) struct Spool<T> {
    path: PathBuf,
    file: BufWriter<File>,
    items: PhantomData<T>,
}

impl<T: Serialize + DeserializeOwned> Spool<T> {
    pub(crate) fn create(path: PathBuf) -> Result<Spool<T>, LakeError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .doing("create the staging file", &path)?;
        Ok(Spool { path, file: BufWriter::new(file), items: PhantomData })
    }

    pub(crate) fn push(&mut self, item: &T) -> Result<(), LakeError> {
        serde_json::to_writer(&mut self.file, item)
            .map_err(std::io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"))
            .doing("write the staging file", &self.path)
    }

    /// Everything that was pushed, in order.
    pub(crate) fn read(&mut self) -> Result<impl Iterator<Item = Result<T, LakeError>> + use<T>, LakeError> {
        self.file.flush().doing("write the staging file", &self.path)?;
        let path: PathBuf = Path::to_owned(&self.path);
        let file = File::open(&path).doing("read the staging file", &path)?;
        Ok(BufReader::new(file).lines().map(move |line| {
            let line = line.doing("read the staging file", &path)?;
            serde_json::from_str(&line).map_err(std::io::Error::from).doing("read the staging file", &path)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_come_back_by_bucket_in_the_order_of_writing() {
        let folder = tempfile::tempdir().unwrap();
        let mut spill: Spill<u8> = Spill::create(folder.path().join("s")).unwrap();
        spill.append(2, b"two").unwrap();
        spill.append(1, b"one").unwrap();
        let read = |s: &Spill<u8>, b| s.read(b).map(Result::unwrap).collect::<Vec<_>>();
        assert_eq!(read(&spill, 2), [b"two".to_vec()]);
        spill.append(2, b"again").unwrap();
        assert_eq!(read(&spill, 2), [b"two".to_vec(), b"again".to_vec()]);
        assert_eq!(spill.buckets(), [1, 2]);
        assert_eq!(spill.bucket_bytes(2), 8);
        assert!(read(&spill, 9).is_empty());
    }

    #[test]
    fn spooled_values_come_back_whatever_they_contain() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool: Spool<String> = Spool::create(folder.path().join("s")).unwrap();
        for text in ["", "a\nb", "\u{0}\"ü"] {
            spool.push(&text.to_owned()).unwrap();
        }
        let back: Vec<String> = spool.read().unwrap().map(Result::unwrap).collect();
        assert_eq!(back, ["", "a\nb", "\u{0}\"ü"]);
    }
}
