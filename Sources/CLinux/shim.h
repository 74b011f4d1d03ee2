#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <malloc.h>
#include <net/if.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* statx(2) has one name for a function and a struct, which Swift cannot tell apart. Says 0 where the file system keeps no birth time. */
static inline int linux_birth(const char *path, unsigned long long *inode, long long *seconds, unsigned int *nanoseconds) {
    struct statx status;
    if (syscall(SYS_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &status) != 0) return 0;
    if (!(status.stx_mask & STATX_BTIME)) return 0;
    *inode = status.stx_ino;
    *seconds = status.stx_btime.tv_sec;
    *nanoseconds = status.stx_btime.tv_nsec;
    return 1;
}

#include <linux/fs.h>

/* renameat2(2) with RENAME_NOREPLACE: what is there already stays, without a moment in between. */
static inline int linux_rename_noreplace(int from_folder, const char *from, int to_folder, const char *to) {
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, RENAME_NOREPLACE);
}

/* fallocate(2), keeping the length as it is. */
static inline int linux_keep_room(int file, long long size) {
    return (int)syscall(SYS_fallocate, file, 1 /* FALLOC_FL_KEEP_SIZE */, 0L, (long)size);
}
