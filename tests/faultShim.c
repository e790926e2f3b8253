/*
 * Preloaded into a process (LD_PRELOAD), it watches the calls that touch what lies below FAULT_FOLDER.
 *
 *   FAULT_AT     which calls: "write:3" is the third write, "any:17" the 17th call of any kind, "rename:1,link:2" both
 *   FAULT_DO     what happens there: fail (the call is not made), half (it moves half of the bytes), full (half, and
 *                the next write fails), kill, killhalf, stop (SIGSTOP before it)
 *   FAULT_ERROR  errno of fail and full
 *   FAULT_COUNT  a file that gets, at the end, a line for each kind in FAULT_AT: how many calls of it there were
 *   FAULT_TRACE  a file that gets a record of every call that changed something, with the bytes written
 *
 * Kinds: open (to write or create), read, openr (to read), write, sync, rename, unlink, link, mkdir, readdir, close.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FILES = 4096, POINTS = 16 };
enum verdict { PASS, REFUSE, HALVE, DIE_HALFWAY };

struct point { char kind[12]; long at, seen; };

static const char *folder, *deed = "", *count_file;
static int error_code = EIO, trace = -1, points_count, next_write_fails;
static struct point points[POINTS];
static char watched[FILES]; /* by descriptor */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

#define NEXT(type, name, ...) \
  static type (*next)(__VA_ARGS__); \
  if (!next) next = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int raw_open(const char *path, int flags) {
  int fd = syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0644);
  if (fd < 0) return fd;
  int high = fcntl(fd, F_DUPFD_CLOEXEC, 1000); /* out of the way of the program's own */
  syscall(SYS_close, fd);
  return high;
}

__attribute__((constructor)) static void begin(void) {
  folder = getenv("FAULT_FOLDER");
  if (!folder) return;
  if (getenv("FAULT_DO")) deed = getenv("FAULT_DO");
  if (getenv("FAULT_ERROR")) error_code = atoi(getenv("FAULT_ERROR"));
  if (getenv("FAULT_TRACE")) trace = raw_open(getenv("FAULT_TRACE"), O_WRONLY | O_CREAT | O_APPEND);
  count_file = getenv("FAULT_COUNT");
  for (const char *at = getenv("FAULT_AT"); at && *at && points_count < POINTS;) {
    struct point *point = &points[points_count++];
    int used = 0;
    if (sscanf(at, "%11[a-z]:%ld%n", point->kind, &point->at, &used) < 2) abort();
    at += used + (at[used] == ',');
  }
}

__attribute__((destructor)) static void end(void) {
  if (!folder || !count_file || !points_count) return;
  int fd = raw_open(count_file, O_WRONLY | O_CREAT | O_TRUNC);
  for (int k = 0; k < points_count; k++) {
    char text[32];
    int length = snprintf(text, sizeof text, "%ld\n", points[k].seen);
    syscall(SYS_write, fd, text, length);
  }
}

static int below(const char *path) {
  size_t length = folder ? strlen(folder) : 0;
  return length && path && !strncmp(path, folder, length) && (path[length] == '/' || !path[length]);
}

static int is_watched(int fd) { return folder && fd >= 0 && fd < FILES && watched[fd]; }

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* What becomes of this call. */
static enum verdict judge(const char *kind) {
  int hit = 0;
  enum verdict verdict = PASS;
  pthread_mutex_lock(&guard);
  if (next_write_fails && !strcmp(kind, "write")) {
    next_write_fails = 0;
    verdict = REFUSE;
  }
  for (int k = 0; k < points_count; k++) {
    struct point *point = &points[k];
    if (strcmp(point->kind, "any") && strcmp(point->kind, kind)) continue;
    if (++point->seen == point->at) hit = 1;
  }
  if (hit && !strcmp(deed, "fail")) verdict = REFUSE;
  if (hit && !strcmp(deed, "half")) verdict = HALVE;
  if (hit && !strcmp(deed, "killhalf")) verdict = DIE_HALFWAY;
  if (hit && !strcmp(deed, "full")) {
    verdict = HALVE;
    next_write_fails = 1;
  }
  pthread_mutex_unlock(&guard);
  if (hit && !strcmp(deed, "kill")) die();
  if (hit && !strcmp(deed, "stop")) kill(getpid(), SIGSTOP);
  if (verdict == REFUSE) errno = error_code;
  return verdict;
}

/* One line, and behind it the bytes of a write. */
static void record(const char *kind, const char *a, const char *b, int fd, long at, const void *bytes, long length) {
  if (trace < 0) return;
  int saved = errno;
  char line[3000];
  int size = snprintf(line, sizeof line, "%s\t%s\t%s\t%d\t%ld\t%ld\n", kind, a, b, fd, at, length);
  pthread_mutex_lock(&guard);
  syscall(SYS_write, trace, line, size);
  if (bytes) syscall(SYS_write, trace, bytes, length);
  pthread_mutex_unlock(&guard);
  errno = saved;
}

static int open_file(const char *path, int flags, mode_t mode) {
  NEXT(int, "open64", const char *, int, ...);
  int writes = (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
  if (below(path) && judge(writes ? "open" : "openr") == REFUSE) return -1;
  int fd = next(path, flags, mode);
  if (fd >= 0 && fd < FILES) watched[fd] = below(path);
  if (is_watched(fd)) record(flags & O_TRUNC ? "truncate" : flags & O_CREAT ? "create" : "open", path, "", fd, 0, 0, 0);
  return fd;
}

static mode_t mode_of(int flags, va_list rest) { return flags & O_CREAT ? va_arg(rest, mode_t) : 0; }

#define OPENER(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = mode_of(flags, rest); \
    va_end(rest); \
    return open_file(path, flags, mode); \
  }
#undef open
#undef open64
OPENER(open)
OPENER(open64)

int close(int fd) {
  NEXT(int, "close", int);
  if (!is_watched(fd)) return next(fd);
  enum verdict verdict = judge("close");
  watched[fd] = 0;
  record("close", "", "", fd, 0, 0, 0);
  int result = next(fd); /* a close that fails has closed */
  if (verdict != REFUSE) return result;
  errno = error_code;
  return -1;
}

static size_t part_of(size_t size, enum verdict verdict) {
  return (verdict == HALVE || verdict == DIE_HALFWAY) && size > 1 ? size / 2 : size;
}

static ssize_t write_at(int fd, const void *bytes, size_t size, off_t at, int positioned) {
  enum verdict verdict = judge("write");
  if (verdict == REFUSE) return -1;
  off_t from = positioned ? at : lseek(fd, 0, SEEK_CUR);
  size_t part = part_of(size, verdict);
  ssize_t done = positioned ? syscall(SYS_pwrite64, fd, bytes, part, at) : syscall(SYS_write, fd, bytes, part);
  if (done > 0) record("write", "", "", fd, from, bytes, done);
  if (verdict == DIE_HALFWAY) die();
  return done;
}

ssize_t write(int fd, const void *bytes, size_t size) {
  NEXT(ssize_t, "write", int, const void *, size_t);
  return is_watched(fd) ? write_at(fd, bytes, size, 0, 0) : next(fd, bytes, size);
}

#define POSITIONED(name) \
  ssize_t name(int fd, const void *bytes, size_t size, off_t at) { \
    NEXT(ssize_t, #name, int, const void *, size_t, off_t); \
    return is_watched(fd) ? write_at(fd, bytes, size, at, 1) : next(fd, bytes, size, at); \
  }
POSITIONED(pwrite)
POSITIONED(pwrite64)

static ssize_t read_at(int fd, void *bytes, size_t size, off_t at, int positioned) {
  enum verdict verdict = judge("read");
  if (verdict == REFUSE) return -1;
  size_t part = part_of(size, verdict);
  return positioned ? syscall(SYS_pread64, fd, bytes, part, at) : syscall(SYS_read, fd, bytes, part);
}

ssize_t read(int fd, void *bytes, size_t size) {
  NEXT(ssize_t, "read", int, void *, size_t);
  return is_watched(fd) ? read_at(fd, bytes, size, 0, 0) : next(fd, bytes, size);
}

#define READER(name) \
  ssize_t name(int fd, void *bytes, size_t size, off_t at) { \
    NEXT(ssize_t, #name, int, void *, size_t, off_t); \
    return is_watched(fd) ? read_at(fd, bytes, size, at, 1) : next(fd, bytes, size, at); \
  }
READER(pread)
READER(pread64)

#define SYNCER(name) \
  int name(int fd) { \
    NEXT(int, #name, int); \
    if (!is_watched(fd)) return next(fd); \
    if (judge("sync") == REFUSE) return -1; \
    int result = next(fd); \
    record("sync", "", "", fd, 0, 0, 0); \
    return result; \
  }
SYNCER(fsync)
SYNCER(fdatasync)

/* Calls of one path. */
static int on_path(const char *kind, const char *path, int (*next)(const char *)) {
  if (!below(path)) return next(path);
  if (judge(kind) == REFUSE) return -1;
  int result = next(path);
  if (result == 0) record("unlink", path, "", 0, 0, 0, 0);
  return result;
}

int unlink(const char *path) {
  NEXT(int, "unlink", const char *);
  return on_path("unlink", path, next);
}

int rmdir(const char *path) {
  NEXT(int, "rmdir", const char *);
  return on_path("unlink", path, next);
}

int mkdir(const char *path, mode_t mode) {
  NEXT(int, "mkdir", const char *, mode_t);
  if (!below(path)) return next(path, mode);
  if (judge("mkdir") == REFUSE) return -1;
  int result = next(path, mode);
  if (result == 0) record("mkdir", path, "", 0, 0, 0, 0);
  return result;
}

/* Calls of two paths. */
static int on_paths(const char *kind, const char *from, const char *to, int (*next)(const char *, const char *)) {
  if (!below(from) && !below(to)) return next(from, to);
  if (judge(kind) == REFUSE) return -1;
  int result = next(from, to);
  if (result == 0) record(kind, from, to, 0, 0, 0, 0);
  return result;
}

int rename(const char *from, const char *to) {
  NEXT(int, "rename", const char *, const char *);
  return on_paths("rename", from, to, next);
}

int link(const char *from, const char *to) {
  NEXT(int, "link", const char *, const char *);
  return on_paths("link", from, to, next);
}

#define LISTER(name, entry) \
  int name(const char *path, struct entry ***list, int (*filter)(const struct entry *), \
           int (*compare)(const struct entry **, const struct entry **)) { \
    NEXT(int, #name, const char *, struct entry ***, int (*)(const struct entry *), \
         int (*)(const struct entry **, const struct entry **)); \
    if (below(path) && judge("readdir") == REFUSE) return -1; \
    return next(path, list, filter, compare); \
  }
LISTER(scandir, dirent)
LISTER(scandir64, dirent64)
