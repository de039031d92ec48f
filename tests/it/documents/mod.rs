//! Documents on the real PostgreSQL, S3 and clamd: taken in, judged, read, swept.

mod files;
mod http;
mod ingestion;
mod memory;
mod pipeline;
mod poison;
mod stage;
mod storage;
