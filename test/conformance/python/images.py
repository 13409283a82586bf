"""docker-py: images and builds."""

import io

import docker
from bench import Case, tar_of, unique


class Images(Case):
    def test_pull_get_and_attributes(self):
        image = self.client.images.pull("busybox", tag="latest")
        self.assertIn("busybox:latest", image.tags)
        self.assertRegex(image.id, r"^sha256:[0-9a-f]{64}$")
        self.assertEqual(image.attrs["Architecture"], "386")
        self.assertEqual(self.client.images.get("busybox").id, image.id)

    def test_an_image_that_is_not_there(self):
        with self.assertRaises(docker.errors.ImageNotFound) as raised:
            self.client.images.get("absent")
        self.assertEqual(raised.exception.explanation, "No such image: absent:latest")

    def test_list_by_name_and_filter(self):
        self.assertEqual(len(self.client.images.list(name="busybox")), 1)
        self.assertEqual(self.client.images.list(filters={"label": "nobody=has"}), [])

    def test_tag_and_remove(self):
        image = self.client.images.get("busybox")
        self.assertTrue(image.tag("py-tagged", tag="v1"))
        self.assertEqual(self.client.images.get("py-tagged:v1").id, image.id)
        self.client.images.remove("py-tagged:v1")
        with self.assertRaises(docker.errors.ImageNotFound):
            self.client.images.get("py-tagged:v1")

    def test_history(self):
        history = self.client.images.get("busybox").history()
        self.assertIn("busybox:latest", history[0]["Tags"])

    def test_save_and_load(self):
        committed = self.start().commit("py-saved", "v1")
        self.forget(self.client.images.remove, "py-saved:v1")
        archive = b"".join(committed.save(named="py-saved:v1"))
        self.client.images.remove("py-saved:v1", force=True)
        loaded = self.client.images.load(archive)
        self.assertEqual([(image.id, image.tags) for image in loaded], [(committed.id, ["py-saved:v1"])])

    def test_commit_of_a_container(self):
        container = self.start()
        container.exec_run(["sh", "-c", "echo kept > /kept"])
        image = container.commit("py-committed", changes="ENV A=1", author="ann", message="why")
        self.forget(self.client.images.remove, "py-committed")
        self.assertEqual((image.attrs["Author"], image.attrs["Comment"]), ("ann", "why"))
        self.assertEqual(self.says("cat /kept; echo $A", image="py-committed"), "kept\n1")

    def test_push_to_the_registry_of_the_page(self):
        image, name = self.client.images.get("busybox"), "registry.local/py/pushed"
        image.tag(name, "v1")
        self.forget(self.client.images.remove, f"{name}:v1")
        lines = list(self.client.images.push(name, tag="v1", stream=True, decode=True))
        self.assertNotIn("error", lines[-1])
        data = self.client.images.get_registry_data(f"{name}:v1")
        self.assertRegex(data.id, r"^sha256:[0-9a-f]{64}$")
        self.assertTrue(data.has_platform("linux/386"))

    def test_search(self):
        self.assertIn("busybox", [found["name"] for found in self.client.images.search("busybox")])

    def test_prune(self):
        container = self.create()
        image = container.commit(changes="LABEL py=prune")
        container.remove()
        pruned = self.client.images.prune(filters={"label": "py=prune"})
        self.assertIn({"Deleted": image.id}, pruned["ImagesDeleted"])

    def test_import(self):
        lines = self.client.api.import_image_from_data(tar_of({"etc/mark": "x"}), repository="py-imported")
        self.forget(self.client.images.remove, "py-imported")
        self.assertIn('"status":"sha256:', lines)
        self.assertEqual(len(self.client.images.get("py-imported").attrs["RootFS"]["Layers"]), 1)


class Builds(Case):
    def build(self, **options):
        tag = unique("built")
        self.forget(self.client.images.remove, tag, force=True)
        return self.client.images.build(tag=tag, rm=True, **options)

    def test_of_a_dockerfile_alone(self):
        image, lines = self.build(fileobj=io.BytesIO(b"FROM busybox\nRUN echo made > /made\n"))
        said = "".join(line.get("stream", "") for line in lines)
        self.assertIn("Step 2/2 : RUN echo made > /made\n", said)
        self.assertEqual(self.says("cat /made", image=image.id), "made")

    def test_of_a_context(self):
        context = tar_of({"Dockerfile": "FROM busybox\nCOPY file /copied\n", "file": "content\n"})
        image, _ = self.build(fileobj=io.BytesIO(context), custom_context=True)
        self.assertEqual(self.says("cat /copied", image=image.id), "content")

    def test_with_arguments_labels_and_a_target(self):
        dockerfile = b"FROM busybox AS one\nARG A\nENV B=$A\nFROM one\nENV C=1\n"
        image, _ = self.build(
            fileobj=io.BytesIO(dockerfile), buildargs={"A": "5"}, labels={"l": "m"}, target="one"
        )
        self.assertIn("B=5", image.attrs["Config"]["Env"])
        self.assertNotIn("C=1", image.attrs["Config"]["Env"])
        self.assertEqual(image.labels, {"l": "m"})

    def test_of_a_failing_step(self):
        with self.assertRaises(docker.errors.BuildError) as raised:
            self.build(fileobj=io.BytesIO(b"FROM busybox\nRUN exit 3\n"))
        self.assertEqual(raised.exception.msg, "The command '/bin/sh -c exit 3' returned a non-zero code: 3")

    def test_of_a_wrong_dockerfile(self):
        with self.refused(400, "dockerfile parse error on line 2: unknown instruction: FLY"):
            self.build(fileobj=io.BytesIO(b"FROM busybox\nFLY\n"))
