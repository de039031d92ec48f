//! Documents on the real PostgreSQL, S3 and clamd: taken in, judged, read, swept.

mod bucket;
mod files;
mod http;
mod ingestion;
mod limits;
mod memory;
mod pipeline;
mod refusals;
mod slow;
mod stage;
mod storage;
mod storages;
mod waiting;
