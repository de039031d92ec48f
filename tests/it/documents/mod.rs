//! Documents on the real PostgreSQL, S3 and clamd: taken in, judged, read, swept.

mod cases_images;
mod confinement;
mod files;
mod http;
mod ingestion;
mod memory;
mod pipeline;
mod stage;
mod storage;
