"""docker-py: commands in containers."""

from bench import Case


class Execs(Case):
    def test_output_and_status(self):
        result = self.start().exec_run(["sh", "-c", "echo out; exit 4"])
        self.assertEqual((result.exit_code, result.output), (4, b"out\n"))

    def test_a_line_is_split_into_words(self):
        self.assertEqual(self.start().exec_run("echo 'a b' c").output, b"a b c\n")

    def test_both_outputs_apart(self):
        result = self.start().exec_run(["sh", "-c", "echo out; echo err >&2"], demux=True)
        self.assertEqual(result.output, (b"out\n", b"err\n"))

    def test_stream_of_the_output(self):
        result = self.start().exec_run(["sh", "-c", "echo one; echo two"], stream=True)
        self.assertEqual(b"".join(result.output), b"one\ntwo\n")

    def test_environment_user_and_directory(self):
        result = self.start().exec_run(
            ["sh", "-c", "echo $A $(id -u) $(pwd)"], environment={"A": "1"}, user="7", workdir="/tmp"
        )
        self.assertEqual(result.output, b"1 7 /tmp\n")

    def test_terminal(self):
        self.assertRegex(self.start().exec_run("tty", tty=True).output, rb"^/dev/pts/\d+\r\n$")

    def test_privileges(self):
        show = ["grep", "CapEff", "/proc/self/status"]
        container = self.start()
        self.assertEqual(container.exec_run(show).output, b"CapEff:\t00000000a80425fb\n")
        self.assertNotEqual(container.exec_run(show, privileged=True).output, b"CapEff:\t00000000a80425fb\n")

    def test_detached(self):
        container = self.start()
        container.exec_run(["sh", "-c", "echo done > /done"], detach=True)
        result = container.exec_run(["sh", "-c", "until [ -s /done ]; do :; done; cat /done"])
        self.assertEqual(result.output, b"done\n")

    def test_inspection(self):
        api, container = self.client.api, self.start()
        made = api.exec_create(container.id, ["sh", "-c", "exit 6"])
        self.assertEqual(api.exec_inspect(made)["Running"], False)
        api.exec_start(made)
        details = api.exec_inspect(made)
        self.assertEqual((details["ExitCode"], details["ContainerID"]), (6, container.id))

    def test_input_over_a_socket(self):
        api, container = self.client.api, self.start()
        made = api.exec_create(container.id, ["sh", "-c", "read line; echo got $line"], stdin=True, tty=True)
        socket = api.exec_start(made, tty=True, socket=True)
        socket._sock.sendall(b"it\n")
        said = b""
        while chunk := socket.read(100):
            said += chunk
        socket.close()
        self.assertEqual(said, b"it\r\ngot it\r\n")

    def test_refused_when_the_container_does_not_run(self):
        container = self.create()
        with self.refused(409, f"container {container.id} is not running"):
            container.exec_run("true")
