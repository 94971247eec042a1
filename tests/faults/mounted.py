"""A disk of its own for a trial: a file system in a file, mounted through a loop device. Needs root."""

import errno
import os
import subprocess
import time


def sh(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr.strip()}")


class Disk:
    """A file system in a file, which takes room only for what is written."""

    def __init__(self, work, system, size, options=()):
        self.image, self.folder = work / f"{system}.img", work / f"mounted-{system}"
        self.image.unlink(missing_ok=True)
        with self.image.open("wb") as image:
            image.truncate(size)
        sh(f"mkfs.{system}", "-q", *options, self.image)
        self.folder.mkdir(exist_ok=True)
        self.mount()

    def mount(self):
        sh("mount", "-o", "loop", self.image, self.folder)

    def cut(self):
        """From here on nothing reaches the disk, and what had not reached it never will."""
        sh("xfs_io", "-x", "-c", "shutdown", self.folder)

    def unmount(self):
        for _ in range(100):
            if subprocess.run(["umount", str(self.folder)], capture_output=True).returncode == 0:
                return
            time.sleep(0.05)
        raise SystemExit(f"{self.folder} cannot be unmounted")

    def free_bytes(self):
        stat = os.statvfs(self.folder)
        return stat.f_bavail * stat.f_frsize

    def leave(self, size):
        """Takes room away, or gives it back, until so much is left."""
        ballast = os.open(self.folder / "ballast", os.O_RDWR | os.O_CREAT)
        try:
            held = os.fstat(ballast).st_size
            wanted = max(held + self.free_bytes() - size, 0)
            if wanted < held:
                os.truncate(ballast, wanted)
            elif wanted > held:
                os.posix_fallocate(ballast, held, wanted - held)
        except OSError as error:
            # Other programs write meanwhile: then it is as full as it gets.
            if error.errno != errno.ENOSPC:
                raise
        finally:
            os.close(ballast)
