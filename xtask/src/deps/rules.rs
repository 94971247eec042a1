//! The rules of the house, as data.

/// Which of our crates each may use directly. What those may use, it may use as well.
pub const ARROWS: &[(&str, &[&str])] = &[
    ("cli", &["server", "manage", "project", "sim", "view", "engine", "ingest", "state"]),
    ("server", &["view", "manage", "engine", "ingest", "post", "state", "project"]),
    ("manage", &["engine", "govern", "ingest", "project", "state"]),
    ("project", &["metrics", "govern", "packs"]),
    ("engine", &["metrics", "lake", "stats"]),
    ("ingest", &["metrics", "lake", "packs"]),
    ("state", &["govern"]),
    ("govern", &["metrics", "stats"]),
    ("view", &["metrics", "stats", "govern"]),
    ("lake", &["model"]),
    ("metrics", &["model"]),
    ("stats", &["model"]),
    ("sim", &["model"]),
    ("packs", &[]),
    ("post", &[]),
    ("model", &[]),
];

/// Crates that a crate may use, directly or through others.
pub fn reachable(name: &str) -> Vec<&'static str> {
    let mut found: Vec<&str> = Vec::new();
    let mut ahead: Vec<&str> = vec![name];
    while let Some(next) = ahead.pop() {
        for needed in ARROWS.iter().filter(|(from, _)| *from == next).flat_map(|(_, to)| to.iter()) {
            if !found.contains(needed) {
                found.push(needed);
                ahead.push(needed);
            }
        }
    }
    found
}

/// Crates that compute and nothing else, and what each may use beyond [`PURE_MAY`]. They hold the definitions;
/// a definition that depends on a clock, a file or an engine cannot be checked by hand.
pub const PURE: &[(&str, &[&str])] = &[
    ("model", &[]),
    // The engine's own parser, so that a formula means the same here and there.
    ("metrics", &["sqlparser"]),
    ("stats", &["statrs", "augurs", "changepoint"]),
    ("govern", &[]),
    ("view", &["maud", "charts-rs", "serde_json", "rust_xlsxwriter"]),
    // What systems deliver is JSON, mostly.
    ("packs", &["serde_json"]),
    // It writes records in the shape of a source.
    ("sim", &["serde_json"]),
];

/// What every pure crate may use.
pub const PURE_MAY: &[&str] = &["jiff", "rust_decimal", "serde", "thiserror", "toml"];

/// A library, or a family of them, that only some crates may know.
pub struct KeptTo {
    /// Names, or with a `*` at the end their beginning.
    pub libraries: &'static [&'static str],
    pub crates: &'static [&'static str],
}

impl KeptTo {
    /// Whether the rule is about this library.
    pub fn covers(&self, library: &str) -> bool {
        self.libraries.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => library.starts_with(start),
            None => *pattern == library,
        })
    }
}

/// Who may know what.
pub const KEPT_TO: &[KeptTo] = &[
    KeptTo { libraries: &["arrow*", "parquet"], crates: &["lake", "engine", "ingest", "cli"] },
    KeptTo { libraries: &["calamine", "zip"], crates: &["ingest"] },
    KeptTo { libraries: &["datafusion*", "object_store"], crates: &["lake", "engine", "cli"] },
    KeptTo { libraries: &["sqlparser"], crates: &["metrics"] },
    // The store's catalogue, and databases that records are pulled from.
    KeptTo { libraries: &["sqlx*"], crates: &["lake", "ingest", "state"] },
    KeptTo { libraries: &["axum*", "hyper*", "tower*"], crates: &["server"] },
    KeptTo { libraries: &["lettre", "rustls*", "ureq"], crates: &["post"] },
    // So that what waits is compiled where it stands; see ARCHITECTURE.md.
    KeptTo {
        libraries: &["async-recursion"],
        crates: &["lake", "engine", "ingest", "state", "manage", "server"],
    },
    KeptTo {
        libraries: &["tokio*", "futures*", "async-trait"],
        crates: &["lake", "engine", "ingest", "state", "server", "cli"],
    },
    // Views hand their markup to the server as maud's own type.
    KeptTo { libraries: &["maud"], crates: &["view", "server"] },
    KeptTo { libraries: &["charts-rs"], crates: &["view"] },
    KeptTo { libraries: &["clap*", "indicatif"], crates: &["cli"] },
];

/// Crates that may touch files, the environment and the clock. All others are told what they need to know.
pub const KNOW_THE_WORLD: &[&str] = &["cli", "server", "project", "lake", "ingest", "state", "post"];

/// How one would touch them.
pub const WORLDLY_WORDS: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "TimeZone::system",
];

/// Packages that must not come in, and why.
pub const BANNED: &[(&str, &str)] = &[
    ("openssl", "TLS is rustls with ring, so that a C library of the system is never needed"),
    ("openssl-sys", "TLS is rustls with ring, so that a C library of the system is never needed"),
    ("native-tls", "TLS is rustls with ring, so that a C library of the system is never needed"),
    ("aws-lc-rs", "it needs more than a C compiler to build"),
    ("aws-lc-sys", "it needs more than a C compiler to build"),
    ("v8", "it downloads at build time"),
    ("serde_yml", "it is unsound"),
    ("evalexpr", "its newer versions are under AGPL"),
    ("connectorx", "it brings OpenSSL and other versions of Arrow"),
    ("rusqlite", "it links SQLite a second time beside sqlx"),
];

/// Versions that were tried out together: the beginning of the version of each.
pub const PINNED: &[(&str, &str)] = &[
    ("datafusion", "55."),
    ("arrow", "59."),
    ("parquet", "59."),
    ("object_store", "0.13."),
    ("sqlparser", "0.62."),
    ("sqlx", "0.9."),
    ("axum", "0.8."),
];

/// Beginnings of names of packages that are slow to build or must agree with themselves.
pub const ONCE: &[&str] = &[
    "arrow",
    "datafusion",
    "parquet",
    "object_store",
    "sqlparser",
    "sqlx",
    "tokio",
    "jiff",
    "libsqlite3-sys",
];

/// Licences that let users do as they like with the program they build. `A WITH B` is a name of its own.
pub const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_arrow_leads_back() {
        for (name, _) in ARROWS {
            assert!(!reachable(name).contains(name), "{name} can reach itself");
        }
    }

    #[test]
    fn pure_crates_reach_only_pure_crates() {
        for (name, _) in PURE {
            for needed in reachable(name) {
                assert!(PURE.iter().any(|(pure, _)| *pure == needed), "{name} reaches {needed}");
            }
        }
    }
}
