"""docker-py: the engine itself."""

from bench import Case


class System(Case):
    def test_ping_version_and_info(self):
        self.assertTrue(self.client.ping())
        self.assertEqual(self.client.version()["ApiVersion"], "1.51")
        self.assertEqual(self.client.info()["OSType"], "linux")

    def test_disk_usage(self):
        container = self.create()
        usage = self.client.df()
        self.assertIn(container.id, [one["Id"] for one in usage["Containers"]])
        self.assertGreater(usage["LayersSize"], 0)

    def test_events(self):
        events = self.client.events(decode=True, filters={"type": "container", "event": "create"})
        container = self.create()
        self.assertEqual(next(events)["id"], container.id)
        events.close()

    def test_login(self):
        answer = self.client.login("ann", "x", registry="registry.local", reauth=True)
        self.assertEqual(answer["Status"], "Login Succeeded")
