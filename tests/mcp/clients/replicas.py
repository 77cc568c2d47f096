"""Two servers behind one address, one of them started again between a question and its
answer. The official SDK asks the user."""

import asyncio
import re
import secrets
import subprocess

import common
from mcp import Client, types


class Replica:
    """A server, at an address of its own."""

    def __init__(self, config):
        self.config = config
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [common.PROGRAM, "mcp", "--config", self.config, "--http", "127.0.0.1:0"],
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.process.stderr.readline()
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)", line).group(1))

    def restart(self):
        self.process.kill()
        self.process.wait()
        self.start()


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    key = secrets.token_hex(32)
    common.os.environ["APPROVALS_KEY"] = key
    config = common.configuration(approvals={"key": "${APPROVALS_KEY}"})
    replicas = [Replica(config), Replica(config)]
    served = [0, 0]
    turn = 0

    async def connect(reader, writer):
        nonlocal turn
        # One connection here, the next one there.
        which = turn % 2
        turn += 1
        served[which] += 1
        to, back = await asyncio.open_connection("127.0.0.1", replicas[which].port)
        await asyncio.gather(pump(reader, back), pump(to, writer))

    proxy = await asyncio.start_server(connect, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]

    async def elicit(context, params):
        print("asked: " + "\n  ".join(params.message.strip().split("\n")))
        for replica in replicas:
            replica.restart()
        print("both servers were killed and started again")
        return types.ElicitResult(action="accept", content={"approve": True})

    try:
        async with Client(f"http://127.0.0.1:{port}/mcp", elicitation_callback=elicit) as client:
            print(client.protocol_version)
            code = "before = shop.stock_of(item='tea')['count']\n[before, pay(before * 100)]"
            common.show("run_python", await client.call_tool("run_python", {"code": code}))
        print("both served:", all(served))
    finally:
        for replica in replicas:
            replica.process.terminate()
        print("exit codes", [replica.process.wait(20) for replica in replicas])


asyncio.run(main())
