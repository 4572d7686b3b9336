"""A real Home Assistant in a folder of its own, started, entered and asked."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

ROOT = Path(__file__).parent.parent
DOMAIN = "givenergy"
USER, PASSWORD = "demo", "demo-plant"
START_TIMEOUT = 180
STOP_TIMEOUT = 30
RESTART = 100
"""The exit code of Home Assistant at a requested restart."""

CONFIGURATION = """\
homeassistant:
  name: Demo house
  unit_system: metric
  time_zone: {zone}
  language: {language}
  country: GB
  currency: GBP
  elevation: 0
  latitude: 51.5
  longitude: -0.1
frontend:
config:
history:
logbook:
energy:
system_health:
diagnostics:
recorder:
  commit_interval: 1
logger:
  default: warning
  logs:
    custom_components.givenergy: info
"""

# Two wheels that Home Assistant imports for its voice assistant alone.
STUBS = {
    "pymicro_vad.py": "class MicroVad: ...\n",
    "pyspeex_noise.py": "class AudioProcessor: ...\n",
}


def free_port(preferred: int = 0) -> int:
    """Return a free port, the preferred one if possible."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise OSError("no free port")


class HomeAssistantServer:
    """One Home Assistant on a loopback port: its process and its interfaces."""

    def __init__(
        self,
        folder: Path,
        port: int = 0,
        *,
        zone: str = "Europe/London",
        language: str = "en",
    ) -> None:
        """Initialize with a folder; ``start`` fills it."""
        self.folder = folder
        self.zone = zone
        self.language = language
        self.port = free_port(port)
        self.url = f"http://127.0.0.1:{self.port}"
        self.tokens: dict[str, Any] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._listener: asyncio.Task[None] | None = None
        self._awaited: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._commands = 0

    async def __aenter__(self) -> Self:
        """Start, and enter as the demo user."""
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and wait until the port is free again."""
        await self.stop()

    @property
    def config(self) -> Path:
        """Home Assistant's configuration folder."""
        return self.folder / "config"

    @property
    def log(self) -> Path:
        """The log of Home Assistant."""
        return self.folder / "home-assistant.out"

    def furnish(self) -> None:
        """Write what Home Assistant finds at its first start; later starts keep what is there."""
        storage = self.config / ".storage"
        storage.mkdir(parents=True, exist_ok=True)
        configuration = CONFIGURATION.format(zone=self.zone, language=self.language)
        (self.config / "configuration.yaml").write_text(configuration)
        stubs = self.folder / "stubs"
        stubs.mkdir(exist_ok=True)
        for name, text in STUBS.items():
            (stubs / name).write_text(text)
        components = self.config / "custom_components"
        components.mkdir(exist_ok=True)
        link = components / DOMAIN
        if not link.exists():
            link.symlink_to(ROOT / "custom_components" / DOMAIN, target_is_directory=True)
        stable = {
            "server_host": ["127.0.0.1"],
            "server_port": self.port,
            "cors_allowed_origins": [],
            "login_attempts_threshold": -1,
            "ip_ban_enabled": False,
            "ssl_profile": "modern",
            "use_x_frame_options": True,
            "created_at": "2026-01-01T00:00:00+00:00",
            "error": None,
            "error_message": None,
        }
        _store(
            storage, "http", 2, 2, {"stable": stable, "pending": None, "yaml_migration_done": True}
        )
        if not (storage / "onboarding").exists():
            done = ["core_config", "analytics", "integration"]
            _store(storage, "onboarding", 4, 1, {"done": done})

    async def start(self) -> None:
        """Start Home Assistant, and enter once it runs; RuntimeError if it does not."""
        self.furnish()
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(self.folder / "stubs"), str(ROOT))),
        }
        with self.log.open("w") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "homeassistant", "-c", str(self.config), "--skip-pip", "--log-no-color"),
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        self._session = aiohttp.ClientSession()
        await self.until(self._answers, START_TIMEOUT, "Home Assistant did not start")
        await self._enter()

    async def _answers(self) -> bool:
        if self._process is not None and self._process.returncode is not None:
            raise RuntimeError(f"Home Assistant ended; see {self.log}")
        try:
            async with self.session.get(f"{self.url}/manifest.json") as response:
                return response.ok
        except aiohttp.ClientError:
            return False

    async def over(self) -> int:
        """Wait until Home Assistant ends by itself, and return its exit code."""
        assert self._process is not None
        return await self._process.wait()

    async def stop(self) -> None:
        """Stop Home Assistant and everything it started."""
        if self._socket is not None:
            await self._socket.close()
            self._socket = None
        if self._listener is not None:
            await self._listener
            self._listener = None
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._process is not None and self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), STOP_TIMEOUT)
            except TimeoutError:
                os.killpg(self._process.pid, signal.SIGKILL)
                await self._process.wait()
        self._process = None

    def kill(self) -> None:
        """Kill Home Assistant at once, as a power cut does; ``stop`` then cleans up."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)

    @property
    def session(self) -> aiohttp.ClientSession:
        """The HTTP session; only while Home Assistant runs."""
        assert self._session is not None
        return self._session

    async def _enter(self) -> None:
        """Create the demo user at the first start, log in at later ones."""
        client = f"{self.url}/"
        user = {"name": "Demo", "username": USER, "password": PASSWORD, "client_id": client}
        async with self.session.post(
            f"{self.url}/api/onboarding/users", json={**user, "language": self.language}
        ) as response:
            code = (await response.json())["auth_code"] if response.ok else await self._log_in()
        grant = {"grant_type": "authorization_code", "code": code, "client_id": client}
        async with self.session.post(f"{self.url}/auth/token", data=grant) as response:
            token = await response.json()
        expires = int(time.time() + token["expires_in"]) * 1000
        self.tokens = {**token, "hassUrl": self.url, "clientId": client, "expires": expires}
        self._socket = await self.session.ws_connect(f"{self.url}/api/websocket", max_msg_size=0)
        await self._socket.receive_json()
        await self._socket.send_json({"type": "auth", "access_token": token["access_token"]})
        await self._socket.receive_json()
        self._listener = asyncio.create_task(self._listen(self._socket))
        await self.until(self._runs, START_TIMEOUT, "Home Assistant did not finish starting")

    async def _runs(self) -> bool:
        return bool((await self.get("/api/config"))["state"] == "RUNNING")

    async def _log_in(self) -> str:
        client = f"{self.url}/"
        handler = {"client_id": client, "handler": ["homeassistant", None], "redirect_uri": client}
        async with self.session.post(f"{self.url}/auth/login_flow", json=handler) as response:
            flow = await response.json()
        answer = {"username": USER, "password": PASSWORD, "client_id": client}
        async with self.session.post(
            f"{self.url}/auth/login_flow/{flow['flow_id']}", json=answer
        ) as response:
            code: str = (await response.json())["result"]
            return code

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    async def get(self, path: str) -> Any:
        """Return a response of the REST API."""
        async with self.session.get(self.url + path, headers=self._headers()) as response:
            response.raise_for_status()
            return await response.json()

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Send data to the REST API."""
        async with self.session.post(
            self.url + path, json=body, headers=self._headers()
        ) as response:
            response.raise_for_status()
            return await response.json()

    async def command(self, kind: str, **body: Any) -> Any:
        """Send a websocket command and return its result; RuntimeError if it failed."""
        assert self._socket is not None
        self._commands += 1
        number = self._commands
        self._awaited[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "type": kind, **body})
        answer = await self._awaited[number]
        if not answer["success"]:
            raise RuntimeError(f"{kind}: {answer['error']}")
        return answer["result"]

    async def _listen(self, source: aiohttp.ClientWebSocketResponse) -> None:
        """Take what comes, which also keeps the connection from being thought dead."""
        async for message in source:
            answer = message.json()
            awaited = self._awaited.pop(answer.get("id"), None)
            if awaited is not None and answer["type"] == "result":
                awaited.set_result(answer)
        for awaited in self._awaited.values():
            awaited.set_exception(RuntimeError("Home Assistant hung up"))
        self._awaited.clear()

    async def call(self, domain: str, action: str, target: str, **data: Any) -> Any:
        """Perform an action on an entity."""
        return await self.command(
            "call_service",
            domain=domain,
            service=action,
            service_data=data,
            target={"entity_id": target},
        )

    async def until(self, holds: Callable[[], Any], seconds: float, otherwise: str) -> None:
        """Wait for a condition; RuntimeError with a text if it does not hold in time."""
        deadline = time.monotonic() + seconds
        while not await holds():
            if time.monotonic() > deadline:
                raise RuntimeError(otherwise)
            await asyncio.sleep(0.1)


def _store(folder: Path, key: str, version: int, minor: int, data: dict[str, Any]) -> None:
    text = {"version": version, "minor_version": minor, "key": key, "data": data}
    (folder / key).write_text(json.dumps(text))
