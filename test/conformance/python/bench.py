"""What the cases share: a client, and objects that go after their test."""

import io
import itertools
import os
import tarfile
import unittest

import docker

IDLE = ["sh", "-c", 'trap "exit 0" TERM; sleep 1000000 & wait']

_numbers = itertools.count(1)


def unique(prefix):
    return f"py-{prefix}-{next(_numbers)}"


def tar_of(files):
    """A tar of texts by their names."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return target.getvalue()


def read_tar(chunks):
    """Texts of the files in a tar, by their names."""
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        return {
            member.name: archive.extractfile(member).read().decode(errors="replace")
            for member in archive.getmembers()
            if member.isfile()
        }


class Case(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.client = docker.DockerClient(base_url=os.environ["DOCKER_HOST"], timeout=240)
        cls.addClassCleanup(cls.client.close)

    def forget(self, remove, *args, **kwargs):
        """Removes after the test what the test may have removed itself."""

        def run():
            try:
                remove(*args, **kwargs)
            except docker.errors.NotFound:
                pass

        self.addCleanup(run)

    def create(self, command="true", image="busybox", **options):
        container = self.client.containers.create(image, command, **options)
        self.forget(container.remove, force=True, v=True)
        return container

    def start(self, command=IDLE, **options):
        container = self.create(command, **options)
        container.start()
        container.reload()
        return container

    def says(self, command, image="busybox", **options):
        """Output of a shell command in a container of its own."""
        output = self.client.containers.run(image, ["sh", "-c", command], remove=True, **options)
        return output.decode().strip()

    def volume(self, **options):
        volume = self.client.volumes.create(unique("volume"), **options)
        self.forget(volume.remove)
        return volume

    def network(self, **options):
        network = self.client.networks.create(unique("network"), **options)
        self.forget(network.remove)
        return network

    def refused(self, status, sentence):
        """The error that the engine's answer becomes, which must say this."""
        return _Refused(self, status, sentence)


class _Refused:
    def __init__(self, case, status, sentence):
        self._case, self._status, self._sentence = case, status, sentence

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self._case.assertIsNotNone(error, "the call was not refused")
        if not isinstance(error, docker.errors.APIError):
            return False
        self._case.assertEqual((error.status_code, error.explanation), (self._status, self._sentence))
        return True
