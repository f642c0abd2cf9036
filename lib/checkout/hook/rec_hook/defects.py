"""Which defects this interpreter's packages have, each shown by doing the thing itself and not by a version."""
import asyncio


async def _headers_arrive():
    import websockets

    arrived = []

    async def answer(connection, *_path):
        headers = getattr(connection, "request_headers", None)
        if headers is None:
            headers = connection.request.headers
        arrived.append(headers.get("X-Rec-Check"))

    async with websockets.serve(answer, "127.0.0.1", 0) as server:
        sockets = getattr(server, "sockets", None) or server.server.sockets
        port = sockets[0].getsockname()[1]
        connection = await websockets.connect(
            "ws://127.0.0.1:%d/" % port, additional_headers={"X-Rec-Check": "seen"}, open_timeout=5
        )
        await connection.wait_closed()
    return arrived == ["seen"]


def websockets_additional_headers():
    """True where websockets.connect(additional_headers=...) sends them. Raises ImportError where it is absent."""
    import websockets  # noqa: F401
    try:
        return asyncio.run(asyncio.wait_for(_headers_arrive(), 10))
    except (TypeError, asyncio.TimeoutError, OSError):
        return False


def fastapi_lifespan():
    """True where FastAPI(lifespan=...) runs the handler. Raises ImportError where FastAPI is absent."""
    from contextlib import asynccontextmanager
    from fastapi import FastAPI

    ran = []

    @asynccontextmanager
    async def handler(_app):
        ran.append("started")
        yield
        ran.append("ended")

    async def live():
        events = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

        async def receive():
            return events.pop(0)

        async def send(_event):
            return None

        await FastAPI(lifespan=handler)({"type": "lifespan", "state": {}}, receive, send)

    asyncio.run(asyncio.wait_for(live(), 10))
    return ran == ["started", "ended"]


SHIMS = {
    "websockets-additional-headers": websockets_additional_headers,
    "fastapi-lifespan": fastapi_lifespan,
}


def needed():
    """The answer to each shim by its name: "needed", "not needed", or "absent" where its package is."""
    answers = {}
    for name, works in SHIMS.items():
        try:
            answers[name] = "not needed" if works() else "needed"
        except ImportError:
            answers[name] = "absent"
    return answers
