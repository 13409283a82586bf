"""docker-py: containers."""

import docker
from bench import IDLE, Case, read_tar, tar_of, unique


class Containers(Case):
    def test_run_gives_the_output(self):
        self.assertEqual(self.client.containers.run("busybox", "echo hello", remove=True), b"hello\n")

    def test_run_detached_gives_a_container(self):
        container = self.client.containers.run("busybox", "echo later", detach=True)
        self.forget(container.remove, force=True)
        self.assertEqual(container.wait(), {"StatusCode": 0})
        self.assertEqual(container.logs(), b"later\n")

    def test_run_of_a_failing_command_raises_with_its_status_and_error_output(self):
        with self.assertRaises(docker.errors.ContainerError) as raised:
            self.client.containers.run("busybox", ["sh", "-c", "echo sorry >&2; exit 3"], remove=True)
        self.assertEqual((raised.exception.exit_status, raised.exception.stderr), (3, b"sorry\n"))

    def test_run_of_an_image_that_is_not_there_raises(self):
        with self.assertRaises(docker.errors.ImageNotFound):
            self.client.containers.create("registry.local/absent:v1")

    def test_attributes(self):
        name = unique("attributes")
        container = self.start(name=name, labels={"a": "1"}, environment={"B": "2"})
        self.assertEqual((container.name, container.status, container.labels), (name, "running", {"a": "1"}))
        self.assertIn("B=2", container.attrs["Config"]["Env"])
        self.assertEqual(container.short_id, container.id[:12])
        self.assertIn("busybox:latest", container.image.tags)

    def test_get_by_name_and_by_id(self):
        container = self.create(name=unique("get"))
        for reference in (container.name, container.id, container.short_id):
            self.assertEqual(self.client.containers.get(reference).id, container.id)
        with self.assertRaises(docker.errors.NotFound):
            self.client.containers.get("absent")

    def test_list_and_filters(self):
        label = unique("label")
        running, ended = self.start(labels=[label]), self.create(labels=[label])
        listed = self.client.containers.list
        self.assertEqual([one.id for one in listed(filters={"label": label})], [running.id])
        self.assertEqual([one.id for one in listed(all=True, filters={"label": label})], [ended.id, running.id])
        self.assertEqual([one.id for one in listed(filters={"label": label, "status": "created"})], [ended.id])

    def test_stop_start_restart_kill(self):
        container = self.start()
        container.stop(timeout=1)
        container.reload()
        self.assertEqual(container.status, "exited")
        container.start()
        container.restart(timeout=1)
        container.kill()
        self.assertEqual(container.wait()["StatusCode"], 137)

    def test_pause_and_unpause(self):
        container = self.start()
        container.pause()
        container.reload()
        self.assertEqual(container.status, "paused")
        container.unpause()
        container.reload()
        self.assertEqual(container.status, "running")

    def test_rename_and_conflict(self):
        container, other = self.create(), self.create(name=unique("other"))
        container.rename(unique("renamed"))
        container.reload()
        self.assertTrue(container.name.startswith("py-renamed-"))
        with self.refused(
            409,
            f'Error when allocating new name: Conflict. The container name "/{other.name}" is already in use by container "{other.id}". '
            "You have to remove (or rename) that container to be able to reuse that name.",
        ):
            container.rename(other.name)

    def test_logs_with_choices(self):
        container = self.create(["sh", "-c", "echo one; echo two >&2; echo three"])
        container.start()
        container.wait()
        self.assertEqual(container.logs(stderr=False), b"one\nthree\n")
        self.assertEqual(container.logs(stdout=False), b"two\n")
        self.assertEqual(b"".join(container.logs(stream=True, follow=True, stderr=False)), b"one\nthree\n")

    def test_last_lines_of_logs(self):
        container = self.create(["sh", "-c", "echo one; echo two; echo three"])
        container.start()
        container.wait()
        self.assertEqual(container.logs(tail=2), b"two\nthree\n")

    def test_top_stats_and_diff(self):
        container = self.start(["sleep", "1000000"])
        self.assertEqual([row[-1] for row in container.top()["Processes"]], ["sleep 1000000"])
        self.assertGreater(container.stats(stream=False)["memory_stats"]["usage"], 0)
        self.assertEqual(container.exec_run(["touch", "/new"]).exit_code, 0)
        self.assertEqual(container.diff(), [{"Path": "/new", "Kind": 1}])

    def test_update_of_limits(self):
        container = self.start(mem_limit="32m")
        container.update(mem_limit="48m", memswap_limit="96m")
        self.assertEqual(container.exec_run(["cat", "/sys/fs/cgroup/memory.max"]).output, b"%d\n" % (48 << 20))

    def test_options_of_the_host(self):
        output = self.says(
            "id -u; pwd; hostname; ulimit -n; cat /sys/fs/cgroup/pids.max; grep -w db /etc/hosts",
            user="7",
            working_dir="/tmp",
            hostname="box",
            ulimits=[docker.types.Ulimit(name="nofile", soft=40, hard=40)],
            pids_limit=30,
            extra_hosts={"db": "10.1.1.1"},
        )
        self.assertEqual(output.split("\n"), ["7", "/tmp", "box", "40", "30", "10.1.1.1\tdb"])

    def test_healthcheck(self):
        container = self.start(healthcheck={"test": ["CMD", "true"], "interval": 10**9})
        self.assertEqual(container.attrs["Config"]["Healthcheck"], {"Test": ["CMD", "true"], "Interval": 10**9})
        self.assertIn(container.health, ("starting", "healthy"))

    def test_attach_streams_the_output(self):
        container = self.create(["sh", "-c", "echo attached"])
        stream = container.attach(stream=True, stdout=True, logs=True)
        container.start()
        self.assertEqual(b"".join(stream), b"attached\n")

    def test_archives_in_and_out(self):
        container = self.start()
        self.assertTrue(container.put_archive("/tmp", tar_of({"file": "put\n"})))
        self.assertEqual(container.exec_run(["cat", "/tmp/file"]).output, b"put\n")
        chunks, stat = container.get_archive("/tmp/file")
        self.assertEqual((read_tar(chunks), stat["name"], stat["size"]), ({"file": "put\n"}, "file", 4))

    def test_export(self):
        container = self.create()
        self.assertIn("root:x:0:0", read_tar(container.export())["etc/passwd"])

    def test_remove_is_refused_while_it_runs(self):
        container = self.start(IDLE)
        with self.refused(
            409,
            f'cannot remove container "{container.id}": container is running: '
            "stop the container before removing or force remove",
        ):
            container.remove()

    def test_prune(self):
        label = unique("prune")
        container = self.create(labels=[label])
        pruned = self.client.containers.prune(filters={"label": label})
        self.assertEqual(pruned["ContainersDeleted"], [container.id])
