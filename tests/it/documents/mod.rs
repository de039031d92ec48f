//! Documents on the real PostgreSQL, S3 and clamd: taken in, judged, read, swept.

mod bucket;
mod cases;
mod cases_images;
mod confinement;
mod files;
mod http;
mod ingestion;
mod limits;
mod memory;
mod pipeline;
mod poison;
mod refusals;
mod slow;
mod stage;
mod storage;
mod storages;
mod waiting;
