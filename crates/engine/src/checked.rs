//! The files of the store, read through their checksums: a figure is computed from what was written, or not at all.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use async_trait::async_trait;
use bytes::Bytes;
use datafusion::prelude::SessionContext;
use dialmark_lake::{LakeError, LiveFile, Sums};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use url::Url;

use crate::error::EngineError;

/// By which an error of these files is known.
const STORE: &str = "Dialmark";
/// What the object store's library says before what is wrong with one of them.
pub(crate) const SAID_BEFORE: &str = "Generic Dialmark error: ";

/// Gives bytes of live data files, each of them compared with what the catalogue knows of it. Nothing else can be read,
/// and nothing written.
#[derive(Debug)]
pub(crate) struct CheckedFiles {
    files: LocalFileSystem,
    known: RwLock<HashMap<Path, Known>>,
}

/// A file that a question is or was about. Its checksums are the snapshot's, which the question holds; questions over
/// different snapshots hold the same ones in different places.
#[derive(Debug)]
struct Known {
    path: PathBuf,
    sums: Vec<Weak<Sums>>,
}

impl CheckedFiles {
    /// Puts it in the place from which a session reads its files.
    pub(crate) fn serve(context: &SessionContext) -> Arc<CheckedFiles> {
        let checked =
            Arc::new(CheckedFiles { files: LocalFileSystem::new(), known: RwLock::new(HashMap::new()) });
        if let Ok(every_file) = Url::parse("file:///") {
            context.register_object_store(&every_file, Arc::<CheckedFiles>::clone(&checked));
        }
        checked
    }

    /// Makes files known that a question is about to read. Those that no question holds any more are forgotten.
    pub(crate) fn know(&self, files: &[&LiveFile]) -> std::result::Result<(), EngineError> {
        // A thread that panicked while it held this left a whole map.
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, one| {
            one.sums.retain(|sums| sums.strong_count() > 0);
            !one.sums.is_empty()
        });
        for file in files {
            let place = Path::from_absolute_path(&file.path)
                .map_err(|e| EngineError::Lost(format!("{} ({e})", file.path.display())))?;
            let one =
                known.entry(place).or_insert_with(|| Known { path: file.path.clone(), sums: Vec::new() });
            let held = Arc::downgrade(&file.sums);
            if !one.sums.iter().any(|sums| sums.ptr_eq(&held)) {
                one.sums.push(held);
            }
        }
        Ok(())
    }

    fn known(&self, place: &Path) -> Result<(PathBuf, Arc<Sums>)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(place).and_then(|one| {
            let sums = one.sums.iter().find_map(Weak::upgrade)?;
            Some((one.path.clone(), sums))
        });
        found.ok_or_else(|| Error::NotFound {
            path: place.to_string(),
            source: "no question is about this file".into(),
        })
    }
}

/// The spans of whole blocks that hold all of the ranges, in their order and apart from each other.
fn spans(sums: &Sums, ranges: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut blocks: Vec<Range<u64>> = ranges.iter().map(|range| sums.blocks_around(range)).collect();
    blocks.sort_unstable_by_key(|span| span.start);
    let mut spans: Vec<Range<u64>> = Vec::with_capacity(blocks.len());
    for block in blocks {
        match spans.last_mut() {
            Some(last) if block.start <= last.end => last.end = last.end.max(block.end),
            _ => spans.push(block),
        }
    }
    spans
}

/// The bytes of a range out of those of the span that holds it.
fn part(range: &Range<u64>, spans: &[Range<u64>], read: &[Bytes]) -> Option<Bytes> {
    let at = spans.partition_point(|span| span.start <= range.start).checked_sub(1)?;
    let (span, bytes) = (spans.get(at)?, read.get(at)?);
    let from = usize::try_from(range.start.checked_sub(span.start)?).ok()?;
    let to = usize::try_from(range.end.checked_sub(span.start)?).ok()?;
    (from <= to && to <= bytes.len()).then(|| bytes.slice(from..to))
}

fn damaged(error: LakeError) -> Error {
    Error::Generic { store: STORE, source: Box::new(error) }
}

fn refused<T>(operation: &str) -> Result<T> {
    Err(Error::NotImplemented { operation: operation.to_owned(), implementer: "CheckedFiles".to_owned() })
}

impl fmt::Display for CheckedFiles {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("files of the store, read through their checksums")
    }
}

#[async_trait]
impl ObjectStore for CheckedFiles {
    async fn get_opts(&self, place: &Path, options: GetOptions) -> Result<GetResult> {
        let (path, sums) = self.known(place)?;
        let meta = self.files.head(place).await?;
        sums.check_size(&path, meta.size).map_err(damaged)?;
        if options.head {
            return self.files.get_opts(place, options).await;
        }
        options.check_preconditions(&meta)?;
        let range = match &options.range {
            None => 0..meta.size,
            Some(range) => {
                range.as_range(meta.size).map_err(|e| Error::Generic { store: STORE, source: Box::new(e) })?
            }
        };
        let bytes = self.get_ranges(place, std::slice::from_ref(&range)).await?;
        let payload = GetResultPayload::Stream(stream::iter(bytes.into_iter().map(Ok)).boxed());
        Ok(GetResult { payload, meta, range, attributes: object_store::Attributes::default() })
    }

    async fn get_ranges(&self, place: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let (path, sums) = self.known(place)?;
        let spans = spans(&sums, ranges);
        let read = self.files.get_ranges(place, &spans).await?;
        for (span, bytes) in spans.iter().zip(&read) {
            sums.check(&path, span.start, bytes).map_err(damaged)?;
        }
        let parts: Option<Vec<Bytes>> = ranges.iter().map(|range| part(range, &spans, &read)).collect();
        parts.ok_or_else(|| Error::Generic {
            store: STORE,
            source: format!("a part beyond the end of {} was asked for", path.display()).into(),
        })
    }

    fn list(&self, _: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        stream::once(async { refused("list") }).boxed()
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        refused("list_with_delimiter")
    }

    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        refused("put_opts")
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        refused("put_multipart_opts")
    }

    fn delete_stream(&self, _: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        stream::once(async { refused("delete_stream") }).boxed()
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        refused("copy_opts")
    }
}
