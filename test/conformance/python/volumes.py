"""docker-py: volumes and mounts."""

import docker
from bench import Case


class Volumes(Case):
    def test_creation(self):
        volume = self.volume(labels={"a": "1"})
        self.assertEqual(volume.attrs["Driver"], "local")
        self.assertEqual(volume.attrs["Labels"], {"a": "1"})
        self.assertEqual(volume.attrs["Mountpoint"], f"/var/lib/docker/volumes/{volume.name}/_data")

    def test_get_and_list(self):
        volume = self.volume(labels={"py": "listed"})
        self.assertEqual(self.client.volumes.get(volume.name).id, volume.id)
        listed = self.client.volumes.list(filters={"label": "py=listed"})
        self.assertEqual([one.name for one in listed], [volume.name])

    def test_a_volume_that_is_not_there(self):
        with self.assertRaises(docker.errors.NotFound) as raised:
            self.client.volumes.get("absent")
        self.assertEqual(raised.exception.explanation, "get absent: no such volume")

    def test_data_outlives_containers(self):
        mounts = {self.volume().name: {"bind": "/data", "mode": "rw"}}
        self.says("echo kept > /data/file", volumes=mounts)
        self.assertEqual(self.says("cat /data/file", volumes=mounts), "kept")

    def test_read_only(self):
        mounts = {self.volume().name: {"bind": "/data", "mode": "ro"}}
        self.assertEqual(self.says("touch /data/x 2>/dev/null || echo no", volumes=mounts), "no")

    def test_bind_of_the_host(self):
        self.says("echo host > /host/py-file", volumes=["/tmp:/host"])
        self.assertEqual(self.says("cat /host/py-file; rm /host/py-file", volumes=["/tmp:/host"]), "host")

    def test_mounts_of_each_type(self):
        mounts = [
            docker.types.Mount("/data", self.volume().name),
            docker.types.Mount("/host", "/tmp", type="bind", read_only=True),
            docker.types.Mount("/scratch", None, type="tmpfs", tmpfs_size="1m"),
        ]
        container = self.start(mounts=mounts)
        shown = {one["Destination"]: (one["Type"], one["RW"]) for one in container.attrs["Mounts"]}
        self.assertEqual(
            shown, {"/data": ("volume", True), "/host": ("bind", False), "/scratch": ("tmpfs", True)}
        )

    def test_removal_is_refused_while_it_is_used(self):
        volume = self.volume()
        container = self.create(volumes=[f"{volume.name}:/data"])
        with self.refused(409, f"remove {volume.name}: volume is in use - [{container.id}]"):
            volume.remove()
        with self.refused(409, f"remove {volume.name}: volume is in use - [{container.id}]"):
            volume.remove(force=True)

    def test_removal_of_what_is_gone(self):
        volume = self.volume()
        volume.remove()
        with self.refused(404, f"get {volume.name}: no such volume"):
            volume.remove()

    def test_volumes_from_another_container(self):
        owner = self.create(["sh", "-c", "echo shared > /data/file"], volumes=["/data"])
        owner.start()
        owner.wait()
        self.assertEqual(self.says("cat /data/file", volumes_from=[owner.id]), "shared")

    def test_prune(self):
        volume = self.client.volumes.create(labels={"py": "pruned"})
        pruned = self.client.volumes.prune(filters={"label": "py=pruned"})
        self.assertEqual(pruned["VolumesDeleted"], [volume.name])

    def test_an_unknown_driver(self):
        with self.refused(
            404, 'create py-driver: error looking up volume plugin nope: plugin "nope" not found'
        ):
            self.client.volumes.create("py-driver", driver="nope")
