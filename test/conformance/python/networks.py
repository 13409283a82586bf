"""docker-py: networks."""

import docker
from bench import Case, unique


class Networks(Case):
    def test_creation_with_addresses(self):
        pool = docker.types.IPAMPool(subnet="10.88.0.0/24", gateway="10.88.0.254")
        network = self.network(ipam=docker.types.IPAMConfig(pool_configs=[pool]), labels={"a": "1"})
        network.reload()
        self.assertEqual(network.attrs["Labels"], {"a": "1"})
        config = network.attrs["IPAM"]["Config"]
        self.assertEqual([(one["Subnet"], one["Gateway"]) for one in config], [("10.88.0.0/24", "10.88.0.254")])

    def test_get_and_list(self):
        network = self.network(labels={"py": "listed"})
        self.assertEqual(self.client.networks.get(network.name).id, network.id)
        listed = self.client.networks.list(filters={"label": "py=listed"})
        self.assertEqual([one.id for one in listed], [network.id])
        self.assertEqual([one.name for one in self.client.networks.list(names=["bridge"])], ["bridge"])

    def test_connect_with_alias_and_address_and_disconnect(self):
        pool = docker.types.IPAMPool(subnet="10.89.0.0/24")
        network = self.network(ipam=docker.types.IPAMConfig(pool_configs=[pool]))
        container = self.start()
        network.connect(container, aliases=["db"], ipv4_address="10.89.0.9")
        container.reload()
        endpoint = container.attrs["NetworkSettings"]["Networks"][network.name]
        self.assertEqual((endpoint["IPAddress"], endpoint["Aliases"]), ("10.89.0.9", ["db"]))
        network.reload()
        self.assertEqual([one.id for one in network.containers], [container.id])
        network.disconnect(container)
        network.reload()
        self.assertEqual(network.containers, [])

    def test_names_are_found(self):
        network = self.network()
        server = self.start(name=unique("server"), network=network.name)
        self.assertIn("1 packets received", self.says(f"ping -c 1 {server.name}", network=network.name))

    def test_internal(self):
        network = self.network(internal=True)
        self.assertEqual(self.says("ip route | grep -c default || true", network=network.name), "0")

    def test_refusals(self):
        network = self.network()
        with self.refused(409, f"network with name {network.name} already exists"):
            self.client.networks.create(network.name)
        with self.refused(404, "network absent not found"):
            self.client.networks.get("absent")
        with self.refused(403, "bridge is a pre-defined network and cannot be removed"):
            self.client.networks.get("bridge").remove()

    def test_prune(self):
        network = self.network(labels={"py": "pruned"})
        pruned = self.client.networks.prune(filters={"label": "py=pruned"})
        self.assertEqual(pruned, {"NetworksDeleted": [network.name]})

    def test_published_ports(self):
        container = self.start(ports={"80/tcp": 18471, "81/udp": ("127.0.0.1", None)})
        everywhere = [{"HostIp": address, "HostPort": "18471"} for address in ("0.0.0.0", "::")]
        self.assertEqual(container.ports["80/tcp"], everywhere)
        (binding,) = container.ports["81/udp"]
        self.assertEqual(binding["HostIp"], "127.0.0.1")
        self.assertGreaterEqual(int(binding["HostPort"]), 32768)
