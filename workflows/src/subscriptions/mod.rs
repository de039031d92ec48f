//! Plans, quotas and their periods.
