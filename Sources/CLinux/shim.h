#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <malloc.h>
#include <net/if.h>
#include <netdb.h>
#include <resolv.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/syscall.h>

/* By number and layout, as the kernel promises them: headers that define `struct stat` here would make it ours in Swift's eyes. */
extern long syscall(long number, ...);

/* statx(2): 256 bytes; mask at 0, inode at 32, birth time at 80. Says 0 where the file system keeps none. */
static inline int linux_birth(const char *path, unsigned long long *inode, long long *seconds, unsigned int *nanoseconds) {
    _Alignas(8) unsigned char raw[256] = {0};
    unsigned int mask;
    if (syscall(SYS_statx, -100 /* AT_FDCWD */, path, 0x100 /* AT_SYMLINK_NOFOLLOW */, 0x100 | 0x800 /* STATX_INO, STATX_BTIME */, raw) != 0) return 0;
    __builtin_memcpy(&mask, raw, sizeof mask);
    if (!(mask & 0x800)) return 0;
    __builtin_memcpy(inode, raw + 32, sizeof *inode);
    __builtin_memcpy(seconds, raw + 80, sizeof *seconds);
    __builtin_memcpy(nanoseconds, raw + 88, sizeof *nanoseconds);
    return 1;
}

/* renameat2(2) with RENAME_NOREPLACE: what is there already stays, without a moment in between. */
static inline int linux_rename_noreplace(int from_folder, const char *from, int to_folder, const char *to) {
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, 1 /* RENAME_NOREPLACE */);
}

/* fallocate(2), keeping the length as it is. In memory it would only mean to write everything twice. */
static inline int linux_keep_room(int file, long long size) {
    long status[16] = {0}; /* struct statfs is 120 bytes and begins with its type */
    if (syscall(SYS_fstatfs, file, status) == 0 && status[0] == 0x01021994 /* tmpfs */) return 0;
    return (int)syscall(SYS_fallocate, file, 1 /* FALLOC_FL_KEEP_SIZE */, 0L, (long)size);
}

/* fallocate(2), giving room back; what is there afterwards reads as zeros. */
static inline int linux_punch_hole(int file, long long offset, long long size) {
    return (int)syscall(SYS_fallocate, file, 3 /* FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE */, (long)offset, (long)size);
}

/* fstatfs(2): which kind of file system this is, and how many bytes a name may have there; 0 where the kernel does not say. */
static inline long linux_file_system(int file, long *longest) {
    long status[16] = {0}; /* struct statfs is 120 bytes: the type at 0, the length of names at 64 */
    if (syscall(SYS_fstatfs, file, status) != 0) return 0;
    *longest = status[8];
    return status[0];
}

/* res_nquery(3) with the servers of this moment: bytes of the answer, 0 where there is no such name, -1 where nobody answered. */
static inline int linux_dns_query(const char *name, int type, unsigned char *answer, int room) {
    struct __res_state state;
    __builtin_memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0) return -1;
    state.retrans = 2;
    state.retry = 1;
    int count = res_nquery(&state, name, 1 /* IN */, type, answer, room);
    int why = state.res_h_errno;
    res_nclose(&state);
    if (count >= 0) return count > room ? room : count;
    return why == HOST_NOT_FOUND || why == NO_DATA ? 0 : -1;
}

/* syncfs(2): everything written on the file system of `file` is on disk when it returns. */
static inline int linux_sync_all(int file) { return (int)syscall(SYS_syncfs, file); }

/* fsetxattr(2). */
static inline int linux_mark(int file, const char *name, const void *value, unsigned long size) {
    return (int)syscall(SYS_fsetxattr, file, name, value, size, 0);
}

/* Landlock: from now on this thread, and no other, can use no file but those below `folder`, and make there nothing but files and
   folders. `within` lies in it and gets the same rule, as the kernel goes up from each file to the first: -1 for nothing. Says 1 if so, 0 where the kernel cannot (renaming between folders needs its second version). Open descriptors stay. */
static inline int linux_confine(int folder, int within) {
    unsigned long long handled = (1ULL << 14) - 1;
    struct { unsigned long long allowed; int parent; } __attribute__((packed)) beneath;
    long version = syscall(444 /* landlock_create_ruleset */, 0L, 0L, 1L);
    long rules, done;
    if (version < 2) return 0;
    if (version >= 3) handled |= 1ULL << 14 /* truncate */;
    rules = syscall(444, &handled, sizeof handled, 0L);
    if (rules < 0) return 0;
    /* write, read, read folder, remove folder and file, make folder and file, rename between folders, truncate */
    beneath.allowed = handled & (1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 13 | 1 << 14);
    beneath.parent = folder;
    done = syscall(445 /* landlock_add_rule */, rules, 1L, &beneath, 0L);
    beneath.parent = within;
    if (done == 0 && within >= 0) done = syscall(445, rules, 1L, &beneath, 0L);
    if (done == 0) done = syscall(SYS_prctl, 38 /* PR_SET_NO_NEW_PRIVS */, 1L, 0L, 0L, 0L);
    if (done == 0) done = syscall(446 /* landlock_restrict_self */, rules, 0L);
    syscall(SYS_close, rules);
    return done == 0;
}

/* struct tcp_info by its layout: segments with data that were sent, and those sent again. Says 1 if the kernel tells, and 0 also where
   the congestion control is BBR, which does not take a loss for a full line. */
static inline int linux_tcp_loss(int socket, unsigned int *sent, unsigned int *again) {
    _Alignas(8) unsigned char info[256] = {0};
    char control[16] = {0};
    unsigned int size = sizeof info, name = sizeof control;
    if (syscall(SYS_getsockopt, socket, 6 /* IPPROTO_TCP */, 13 /* TCP_CONGESTION */, control, &name) != 0) return 0;
    if (control[0] == 'b' && control[1] == 'b' && control[2] == 'r') return 0;
    if (syscall(SYS_getsockopt, socket, 6, 11 /* TCP_INFO */, info, &size) != 0 || size < 160) return 0;
    __builtin_memcpy(again, info + 100, sizeof *again);
    __builtin_memcpy(sent, info + 156, sizeof *sent);
    return 1;
}

/* This thread yields to others: niceness is a thread's own on Linux. */
static inline void linux_yield_to_others(int niceness) { syscall(SYS_setpriority, 0L, syscall(SYS_gettid), (long)niceness); }

/* pidfd_open(2): readable once the process has ended. */
static inline int linux_watch_process(int process) { return (int)syscall(434, (long)process, 0L); }

/* prctl(2) with PR_SET_CHILD_SUBREAPER: who loses their parent below us becomes our child, and not that of init. */
static inline int linux_adopt_orphans(void) { return (int)syscall(SYS_prctl, 36L, 1L, 0L, 0L, 0L); }

/* pipe2(2) with O_CLOEXEC: no other thread starts a program in between that gets it too. */
static inline int linux_pipe(int *ends) { return (int)syscall(SYS_pipe2, ends, 02000000L); }

/* splice(2) with SPLICE_F_MOVE | SPLICE_F_NONBLOCK: at most so many bytes from a socket into a pipe or the other way. SIGPIPE is the
   caller's to ignore. */
static inline long linux_splice(int from, int to, unsigned long most) {
    return syscall(SYS_splice, from, (void *)0, to, (void *)0, most, 1 | 2);
}

/* A program that is started gets no descriptor from this one on; glibc 2.34. */
static inline int linux_close_from(void *actions, int first) {
    extern int posix_spawn_file_actions_addclosefrom_np(void *, int);
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
