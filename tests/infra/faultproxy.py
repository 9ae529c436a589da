"""A wire between a client and a server that a test can cut, slow down, or make swallow every byte."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

DEFAULT_PORTS = {"amqp": 5672, "http": 80, "postgresql": 5432}

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: the other side sees a reset, as after a crash, and not a farewell."""

ANSWER_SECONDS = 5


class FaultProxy:
    """Forward TCP to the server of ``url``; ``proxy.url`` is the same address through the proxy.

    ``cut()``               reset every open connection; new ones may come
    ``refuse(True)``        reset every new connection; open ones live
    ``blackhole(True)``     hold all bytes in both directions, as a lost network does; False lets them flow
    ``mute(True)``          hold what the server answers, while what it is told still arrives
    ``delay_seconds = 0.2`` hold each piece of data for so long
    ``lead_to(url)``        new connections go there
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.lead_to(url)
        self.delay_seconds = 0.0
        self.refuses = False
        self.open_writers: set[asyncio.StreamWriter] = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="fault-proxy", daemon=True)
        self.thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self.listen(), self.loop).result(ANSWER_SECONDS)
        account = parts.netloc.rpartition("@")[0]
        place = f"{account}@127.0.0.1:{self.port}" if account else f"127.0.0.1:{self.port}"
        self.url = urlunsplit(parts._replace(netloc=place))

    # What a test says

    def lead_to(self, url: str) -> None:
        parts = urlsplit(url)
        default = DEFAULT_PORTS.get(parts.scheme.partition("+")[0], 0)
        self.target = (parts.hostname or "127.0.0.1", parts.port or default)

    def cut(self) -> None:
        self.tell(self.reset_all)

    def refuse(self, on: bool = True) -> None:
        self.refuses = on

    def blackhole(self, on: bool = True) -> None:
        self.tell(self.flowing.clear if on else self.flowing.set)

    def mute(self, on: bool = True) -> None:
        self.tell(self.answering.clear if on else self.answering.set)

    def close(self) -> None:
        self.refuse()
        self.blackhole(on=False)
        self.mute(on=False)
        self.cut()
        asyncio.run_coroutine_threadsafe(self.stop_listening(), self.loop).result(ANSWER_SECONDS)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(ANSWER_SECONDS)
        self.loop.close()

    # What happens in the proxy's own thread

    def tell(self, action: Callable[[], object]) -> None:
        """Run in the loop's thread and wait until it is done."""

        async def act() -> None:
            action()

        asyncio.run_coroutine_threadsafe(act(), self.loop).result(ANSWER_SECONDS)

    def reset_all(self) -> None:
        for writer in self.open_writers:
            reset(writer)

    async def listen(self) -> int:
        self.flowing, self.answering = asyncio.Event(), asyncio.Event()
        self.flowing.set()
        self.answering.set()
        self.server = await asyncio.start_server(self.connect, "127.0.0.1", 0)
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    async def stop_listening(self) -> None:
        self.server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def connect(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        if self.refuses:
            reset(to_client)
            return
        try:
            from_server, to_server = await asyncio.open_connection(*self.target)
        except OSError:
            reset(to_client)
            return
        writers = {to_client, to_server}
        self.open_writers |= writers
        try:
            await asyncio.gather(
                self.pump(from_client, to_server, self.flowing),
                self.pump(from_server, to_client, self.flowing, self.answering),
            )
        finally:
            self.open_writers -= writers

    async def pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *gates: asyncio.Event) -> None:
        """Carry bytes one way, while all gates are open, until either side ends."""
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                for gate in gates:
                    await gate.wait()
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                sink.write(data)
                await sink.drain()
        sink.close()


def reset(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    writer.transport.abort()
