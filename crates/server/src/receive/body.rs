//! The bytes of a delivery: read, unpacked, bounded.

use std::io::Read;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};

use super::reply::Refusal;

/// Most bytes that may be sent at once.
pub const LARGEST_SENT: usize = 16 << 20;
/// Most bytes that they may unpack to.
pub const LARGEST_PLAIN: usize = 32 << 20;

/// Reads a body of at most so many bytes, as it came.
pub async fn sent(body: Body, largest: usize) -> Result<Vec<u8>, Refusal> {
    let sent = axum::body::to_bytes(body, largest).await.map_err(|error| {
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(inner) = cause {
            if inner.to_string().contains("length limit") {
                return too_large(largest);
            }
            cause = inner.source();
        }
        Refusal::bad("The delivery broke off before its end.")
    })?;
    Ok(sent.to_vec())
}

/// Reads a body and unpacks it as its `Content-Encoding` says.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refusal> {
    let sent = sent(body, LARGEST_SENT).await?;
    let encoding = headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?"));
    match encoding.map(|text| text.trim().to_ascii_lowercase()).as_deref() {
        None | Some("" | "identity") => Ok(sent),
        Some("gzip" | "x-gzip") => unpacked("gzip", flate2::read::MultiGzDecoder::new(&sent[..])),
        Some("zstd") => {
            let reader =
                zstd::stream::read::Decoder::new(&sent[..]).map_err(|error| damaged("zstd", &error))?;
            unpacked("zstd", reader)
        }
        Some(other) => Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("`Content-Encoding: {other}` is not read here; send `gzip`, `zstd` or none."),
        )),
    }
}

fn unpacked(name: &str, reader: impl Read) -> Result<Vec<u8>, Refusal> {
    let mut plain = Vec::new();
    let bound = u64::try_from(LARGEST_PLAIN).unwrap_or(u64::MAX);
    reader.take(bound + 1).read_to_end(&mut plain).map_err(|error| damaged(name, &error))?;
    if plain.len() > LARGEST_PLAIN { Err(too_large(LARGEST_SENT)) } else { Ok(plain) }
}

fn damaged(name: &str, error: &std::io::Error) -> Refusal {
    Refusal::bad(format!("The delivery is not whole {name}: {error}."))
}

fn too_large(largest: usize) -> Refusal {
    let unpacked = match largest {
        LARGEST_SENT => format!(" as it is sent and {} MiB unpacked", LARGEST_PLAIN >> 20),
        // Nothing is unpacked where less may be sent.
        _ => String::new(),
    };
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("A delivery has at most {} MiB{unpacked}; send it in parts.", largest >> 20),
    )
}
