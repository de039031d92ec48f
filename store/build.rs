//! Builds the crate anew when a migration is added: `sqlx::migrate!` alone is not asked again.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
