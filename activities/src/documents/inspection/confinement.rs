//! What the child may still do once it reads the file: take what is sent, say what it found, and
//! compute within its limits. Whatever a hostile file makes of the parsers cannot open a file,
//! reach the network, start or signal a process, or look into another one.

use std::collections::BTreeMap;
use std::io;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetStatus, Scope,
};
use rustix::process::{DumpableBehavior, geteuid, getpid, set_dumpable_behavior};
use rustix::thread::{
    Gid, Uid, UnshareFlags, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};
use serde::{Deserialize, Serialize};

use super::limits;

/// The user and group that own nothing, on every Linux.
const NOBODY: u32 = 65_534;

/// What kept the child apart, besides the filter of its system calls, without which it does not
/// begin. What is false the machine does not offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// The child is no user that the worker's files or processes belong to: a worker that is root
    /// gives it another one.
    pub another_user: bool,
    /// It has a network and a table of users and messages of its own, with nothing in them.
    pub namespaces: bool,
    /// Landlock closes every file and port to it.
    pub landlock: bool,
}

impl Confinement {
    /// Whether the kernel offered everything.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.another_user && self.namespaces && self.landlock
    }
}

/// Confines this process for good; it must have no thread but this one. `draws` gives it the time
/// that the pages of a whole document take.
///
/// # Errors
///
/// When something that the kernel offers could not be had: the child must not begin.
pub fn confine(draws: bool) -> io::Result<Confinement> {
    limits::take_time_and_memory(draws)?;
    // The file that is looked into is for nobody else to see.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    let namespaces = leave_namespaces();
    let another_user = become_nobody();
    let landlock = close_files_and_ports()?;
    limits::take_files_and_processes()?;
    filter_calls()?;
    Ok(Confinement {
        another_user,
        namespaces,
        landlock,
    })
}

/// Network, messages and host name of its own. Root needs no namespace of users for it, and a
/// kernel or a container may forbid either.
fn leave_namespaces() -> bool {
    let apart = UnshareFlags::NEWNET | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    unshare(apart).is_ok() || unshare(apart | UnshareFlags::NEWUSER).is_ok()
}

#[expect(
    deprecated,
    reason = "unsafe only for the table of open files, which stays shared"
)]
fn unshare(what: UnshareFlags) -> rustix::io::Result<()> {
    rustix::thread::unshare(what)
}

/// Leaves root, where the worker is root. Every right of root goes with it.
fn become_nobody() -> bool {
    if !geteuid().is_root() {
        return false;
    }
    let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
    set_thread_groups(&[]).is_ok()
        && set_thread_res_gid(group, group, group).is_ok()
        && set_thread_res_uid(user, user, user).is_ok()
}

/// `false` when the kernel has no Landlock.
fn close_files_and_ports() -> io::Result<bool> {
    let restricted = Ruleset::default()
        .handle_access(AccessFs::from_all(ABI::V5))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(ABI::V4)))
        .and_then(|rules| rules.scope(Scope::from_all(ABI::V6)))
        .and_then(Ruleset::create)
        .and_then(|rules| rules.restrict_self())
        .map_err(io::Error::other)?;
    Ok(restricted.ruleset != RulesetStatus::NotEnforced)
}

/// The system calls that computing, reading standard input and writing standard output need, and
/// that a panic, an abort and the end of the process need. Every other one fails with `EPERM`.
fn filter_calls() -> io::Result<()> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = [
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_close,
        libc::SYS_brk,
        libc::SYS_mmap,
        libc::SYS_mremap,
        libc::SYS_munmap,
        libc::SYS_mprotect,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_getrandom,
        libc::SYS_clock_gettime,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_sched_yield,
        libc::SYS_sigaltstack,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ]
    .into_iter()
    .map(|call| (call, Vec::new()))
    .collect();
    // A limit may be moved below its ceiling, of this process only; an abort signals only itself.
    let itself = u64::from(getpid().as_raw_nonzero().get().unsigned_abs());
    rules.insert(libc::SYS_prlimit64, vec![first_argument_is(0)?]);
    rules.insert(libc::SYS_tgkill, vec![first_argument_is(itself)?]);
    let architecture = std::env::consts::ARCH
        .try_into()
        .map_err(io::Error::other)?;
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let filter = SeccompFilter::new(rules, refused, SeccompAction::Allow, architecture)
        .map_err(io::Error::other)?;
    let program: BpfProgram = filter.try_into().map_err(io::Error::other)?;
    seccompiler::apply_filter(&program).map_err(io::Error::other)
}

fn first_argument_is(value: u64) -> io::Result<SeccompRule> {
    let same = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value);
    same.and_then(|same| SeccompRule::new(vec![same]))
        .map_err(io::Error::other)
}
