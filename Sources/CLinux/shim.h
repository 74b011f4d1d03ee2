#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <malloc.h>
#include <net/if.h>
#include <sys/eventfd.h>
#include <sys/random.h>
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

/* fallocate(2), keeping the length as it is. */
static inline int linux_keep_room(int file, long long size) {
    return (int)syscall(SYS_fallocate, file, 1 /* FALLOC_FL_KEEP_SIZE */, 0L, (long)size);
}
